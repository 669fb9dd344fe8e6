//! The key that signs access tokens, and its public half as edges and programs get it.

use std::io;
use std::path::Path;

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use ed25519_dalek::{SigningKey, VerifyingKey};
use secrecy::{ExposeSecret as _, SecretString};
use stepwell_shared::claims::{Claims, KeySet, sign};

use super::secret_file::{self, SecretFileError};

/// The key's file in the data folder: PKCS #8 in PEM.
pub const FILE: &str = "signing-key.pem";

/// What signs, and what verifies.
pub struct Keys {
    signing: SigningKey,
    set: KeySet,
}

/// The key could not be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Its file could not be read or made.
    #[error(transparent)]
    File(#[from] SecretFileError),
    /// Its file holds something else.
    #[error(
        "{0} holds no Ed25519 private key in PKCS #8 PEM; put the key back, or remove the file to have a new one made (which signs everybody out)"
    )]
    Malformed(std::path::PathBuf),
}

impl Keys {
    /// The configured key, or the one of the data folder, which is made at the first start.
    pub fn open(folder: &Path, configured: Option<&SigningKey>) -> Result<Self, KeyError> {
        if let Some(signing) = configured {
            return Ok(Self::new(signing.clone()));
        }
        let path = folder.join(FILE);
        let pem = secret_file::read_or_make(&path, make_pem)?;
        SigningKey::from_pkcs8_pem(pem.expose_secret()).map(Self::new).map_err(|_| KeyError::Malformed(path))
    }

    fn new(signing: SigningKey) -> Self {
        let mut set = KeySet::default();
        set.insert(signing.verifying_key());
        Self { signing, set }
    }

    /// Signs what a token says.
    pub fn sign(&self, claims: &Claims) -> String {
        sign(claims, &self.signing)
    }

    /// The keys whose tokens are accepted.
    pub fn set(&self) -> &KeySet {
        &self.set
    }

    /// The public keys as a JWK Set (RFC 7517 §5, RFC 8037 §2).
    pub fn jwks(&self) -> serde_json::Value {
        let key = |(kid, key): (String, VerifyingKey)| {
            let x = BASE64URL_NOPAD.encode(key.as_bytes());
            serde_json::json!({ "alg": "EdDSA", "crv": "Ed25519", "kid": kid, "kty": "OKP", "use": "sig", "x": x })
        };
        serde_json::json!({ "keys": self.set.all().into_iter().map(key).collect::<Vec<_>>() })
    }
}

fn make_pem() -> io::Result<SecretString> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    let pem = SigningKey::from_bytes(&seed).to_pkcs8_pem(LineEnding::LF).map_err(io::Error::other)?;
    Ok(SecretString::from(pem.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_a_folder_is_made_once_and_a_configured_one_goes_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let made = Keys::open(folder.path(), None).unwrap().jwks();
        assert_eq!(Keys::open(folder.path(), None).unwrap().jwks(), made);
        let configured = SigningKey::from_bytes(&[7; 32]);
        assert_ne!(Keys::open(folder.path(), Some(&configured)).unwrap().jwks(), made);
    }

    #[test]
    fn a_file_that_holds_no_key_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "not a key").unwrap();
        assert!(matches!(Keys::open(folder.path(), None), Err(KeyError::Malformed(_))));
        assert_eq!(std::fs::read_to_string(folder.path().join(FILE)).unwrap(), "not a key");
    }

    #[test]
    fn only_the_public_half_is_published() {
        let keys = Keys::new(SigningKey::from_bytes(&[7; 32]));
        let jwks = keys.jwks();
        let names: Vec<_> = jwks["keys"][0].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x"]);
        assert_eq!(jwks["keys"][0]["x"], BASE64URL_NOPAD.encode(keys.signing.verifying_key().as_bytes()));
    }
}
