//! The operator's bearer token.

use std::io;
use std::path::Path;

use data_encoding::HEXLOWER;
use http::HeaderMap;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use stepwell_shared::credentials::{self, Credentials};
use subtle::ConstantTimeEq as _;

use super::secret_file::{self, SecretFileError};

/// The token's file in the data folder.
pub const FILE: &str = "operator.token";

/// What an operator's request must carry.
pub struct OperatorToken {
    digest: [u8; 32],
}

impl OperatorToken {
    /// The configured token, or the one of the data folder, which is made at the first start.
    pub fn open(folder: &Path, configured: Option<&SecretString>) -> Result<Self, SecretFileError> {
        let token = match configured {
            Some(token) => token.clone(),
            None => secret_file::read_or_make(&folder.join(FILE), make)?,
        };
        Ok(Self::of(&token))
    }

    /// This token, which is kept nowhere.
    pub fn of(token: &SecretString) -> Self {
        Self { digest: digest(token.expose_secret().trim()) }
    }

    /// Whether a request carries the token. Digests are compared, all of each, so that the time tells nothing.
    pub fn admits(&self, headers: &HeaderMap) -> bool {
        match credentials::of_request(headers) {
            Ok(Some(Credentials::Bearer(token))) => self.digest.ct_eq(&digest(token)).into(),
            _ => false,
        }
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn make() -> io::Result<SecretString> {
    let mut random = [0; 32];
    getrandom::fill(&mut random)?;
    Ok(HEXLOWER.encode(&random).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use http::header::{AUTHORIZATION, COOKIE};

    fn admits(token: &OperatorToken, header: &str) -> bool {
        token.admits(&HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_str(header).unwrap())]))
    }

    #[test]
    fn only_the_whole_token_is_admitted() {
        let folder = tempfile::tempdir().unwrap();
        let token = OperatorToken::open(folder.path(), None).unwrap();
        let text = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert_eq!(text.len(), 64);
        assert!(admits(&token, &format!("Bearer {text}")) && admits(&token, &format!("bearer  {text}")));
        assert!(
            !admits(&token, &format!("Bearer {}", &text[1..])) && !admits(&token, &format!("Basic {text}"))
        );
        assert!(!admits(&token, "Bearer ") && !token.admits(&HeaderMap::new()));
        // Twice is not taken for once, and no browser sends it.
        let bearer = || (AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {text}")).unwrap());
        assert!(!token.admits(&[bearer(), bearer()].into_iter().collect()));
        let cookie = HeaderValue::from_str(&format!("__Host-stepwell-access={text}")).unwrap();
        assert!(!token.admits(&HeaderMap::from_iter([(COOKIE, cookie)])));
    }

    #[test]
    fn a_configured_token_goes_before_the_folders() {
        let folder = tempfile::tempdir().unwrap();
        let token = OperatorToken::open(folder.path(), Some(&"configured".into())).unwrap();
        assert!(admits(&token, "Bearer configured"));
        assert!(!folder.path().join(FILE).exists());
    }
}
