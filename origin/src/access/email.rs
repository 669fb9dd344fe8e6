//! The address that an account signs in with.

use email_address::{EmailAddress, Options};

/// RFC 5321 §4.5.3.1.3 allows a path 256 bytes, two of which are its angle brackets.
const BYTES_MAX: usize = 254;

/// An e-mail address in lower case: strictly the part before the @ may tell case apart, but nobody's mail does, and
/// two accounts that differ in case alone would be a trap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

/// Text that is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an e-mail address, such as ada@example.org")]
pub struct InvalidEmail;

impl Email {
    /// Checks an address and puts it into its one form.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim().to_lowercase();
        // A bare address: no name around it, no IP address after the @.
        let options = Options::default().without_display_text().without_domain_literal();
        let fits = text.len() <= BYTES_MAX && EmailAddress::parse_with_options(&text, options).is_ok();
        if fits { Ok(Self(text)) } else { Err(InvalidEmail) }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_one_form() {
        assert_eq!(Email::parse(" Ada@Example.ORG ").unwrap().as_str(), "ada@example.org");
        for bad in [
            "",
            "ada",
            "ada@",
            "Ada <ada@example.org>",
            "ada@[127.0.0.1]",
            &format!("{}@example.org", "a".repeat(300)),
        ] {
            assert_eq!(Email::parse(bad), Err(InvalidEmail), "{bad}");
        }
    }
}
