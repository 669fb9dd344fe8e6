//! The operator's side: an address of its own for health, metrics and commands, and the token that opens it.

use std::net::{Ipv4Addr, SocketAddr};

use secrecy::{ExposeSecret as _, SecretString};

use super::reader::Reader;

/// Section `[operator]`.
#[derive(Clone, Debug)]
pub struct Operator {
    /// Where `/metrics` and the health checks are. Port 0 lets the system choose.
    pub listen: SocketAddr,
    /// What an operator's request must carry; `None` lets `serve` keep one in the data folder.
    pub token: Option<SecretString>,
}

/// Characters of a token: 32 hexadecimal digits carry 128 random bits, which nobody guesses.
const TOKEN_CHARACTERS_MIN: usize = 32;

impl Operator {
    /// Reads the section.
    pub fn read(reader: &mut Reader) -> Self {
        let listen = reader.setting("operator.listen", SocketAddr::from((Ipv4Addr::LOCALHOST, 9090)));
        let token = reader.secret("operator.token");
        if token.as_ref().is_some_and(|token| !travels_in_a_header(token.expose_secret())) {
            let problem = format!("is not {TOKEN_CHARACTERS_MIN} or more visible ASCII characters");
            reader.refuse("operator.token", problem, "make one with `openssl rand -hex 32`");
        }
        Self { listen, token }
    }
}

fn travels_in_a_header(token: &str) -> bool {
    token.len() >= TOKEN_CHARACTERS_MIN && token.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::{complaint_with, read_with};

    #[test]
    fn a_token_from_the_environment_is_taken_and_a_weak_one_is_refused_unseen() {
        let token = "0123456789abcdef0123456789abcdef";
        let operator = read_with("", &[("STEPWELL_OPERATOR_TOKEN", token)], Operator::read);
        assert_eq!(operator.token.unwrap().expose_secret(), token);

        let complaint = complaint_with("", &[("STEPWELL_OPERATOR_TOKEN", "hunter2")], Operator::read);
        assert_eq!(complaint.place.to_string(), "environment variable STEPWELL_OPERATOR_TOKEN");
        assert!(!complaint.to_string().contains("hunter2"));
    }
}
