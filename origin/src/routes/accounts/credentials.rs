//! What people sign up and sign in with.

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer};
use stepwell_shared::api::sessions::Carrier;
use stepwell_shared::limits::PASSWORD_BYTES_MAX;
use stepwell_shared::problem::{FieldError, Problem};

use crate::access::email::Email;

/// The body of a sign-up, as it came.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    email: String,
    #[serde(deserialize_with = "secret")]
    password: SecretString,
}

impl Credentials {
    /// For a new account: address and password, or all that is wrong with them.
    pub fn for_new_account(self, characters_min: usize) -> Result<(Email, SecretString), Problem> {
        let email = Email::parse(&self.email);
        let password = password_error("/password", self.password.expose_secret(), characters_min);
        match (email, password) {
            (Ok(email), None) => Ok((email, self.password)),
            (email, password) => {
                let email = email.err().map(|error| wrong("/email", "format", error.to_string()));
                Err(Problem::invalid(email.into_iter().chain(password).collect()))
            }
        }
    }
}

/// The body of a log-in, as it came.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    email: String,
    #[serde(deserialize_with = "secret")]
    password: SecretString,
    /// Whether the session's tokens are to be cookies: what a browser's pages ask for.
    #[serde(default)]
    cookies: bool,
}

impl LogIn {
    /// Address, password, and what is to carry the tokens. What could never have been an account's is nobody's, which
    /// costs the caller what a wrong password does; a password over the limit is cut, so that it costs no more than others.
    pub fn read(self) -> (Option<Email>, SecretString, Carrier) {
        let fits = self.password.expose_secret().len() <= PASSWORD_BYTES_MAX;
        let email = Email::parse(&self.email).ok().filter(|_| fits);
        let carrier = if self.cookies { Carrier::Cookie } else { Carrier::Token };
        (email, if fits { self.password } else { SecretString::default() }, carrier)
    }
}

/// What is wrong with a new password, at the member that `pointer` names.
pub fn password_error(pointer: &str, password: &str, characters_min: usize) -> Option<FieldError> {
    if password.chars().count() < characters_min {
        return Some(wrong(pointer, "min", format!("must have at least {characters_min} characters")));
    }
    let fits = password.len() <= PASSWORD_BYTES_MAX;
    (!fits).then(|| wrong(pointer, "max", format!("must have at most {PASSWORD_BYTES_MAX} bytes")))
}

/// An error at a member of the body.
pub fn wrong(pointer: &str, code: &str, detail: String) -> FieldError {
    FieldError { pointer: pointer.into(), code: code.into(), detail }
}

/// Reads a secret that a body must hold, or may.
pub fn secret<'de, D: Deserializer<'de>, T: From<SecretString>>(deserializer: D) -> Result<T, D::Error> {
    String::deserialize(deserializer).map(|text| SecretString::from(text).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(email: &str, password: &str) -> Credentials {
        Credentials { email: email.into(), password: password.into() }
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once_and_the_password_never() {
        let problem = credentials("ada", "hunter2").for_new_account(10).unwrap_err();
        let pointers: Vec<_> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(pointers, ["/email", "/password"]);
        assert!(!format!("{problem:?}").contains("hunter2"));
        assert!(!format!("{:?}", credentials("ada", "hunter2")).contains("hunter2"));
    }

    #[test]
    fn characters_are_counted_for_the_minimum_and_bytes_for_the_maximum() {
        let accepted = |password: &str| credentials("ada@example.org", password).for_new_account(10).is_ok();
        assert!(accepted("ääääääääää") && !accepted("äääääääää"));
        assert!(accepted(&"x".repeat(PASSWORD_BYTES_MAX)) && !accepted(&"x".repeat(PASSWORD_BYTES_MAX + 1)));
    }

    #[test]
    fn a_log_in_that_nobody_could_have_is_nobodys() {
        let read = |email: &str, password: &str| {
            LogIn { email: email.into(), password: password.into(), cookies: false }.read()
        };
        assert!(read("Ada@example.org", "short").0.is_some());
        assert!(read("ada", "long enough").0.is_none());
        assert!(read("ada@example.org", &"x".repeat(PASSWORD_BYTES_MAX + 1)).0.is_none());
    }
}
