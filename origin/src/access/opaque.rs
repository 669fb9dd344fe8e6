//! Secrets that clients hold and the database knows by their hashes: the parts of refresh tokens and API keys.
//!
//! They are 256 random bits each, so that a fast hash is enough: nobody can try them all.

use std::fmt;
use std::io;

use data_encoding::BASE64URL_NOPAD;
use secrecy::{ExposeSecret as _, SecretBox};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Bytes of a secret, and of its hash.
const BYTES: usize = 32;

/// 256 random bits. Wiped from memory when dropped, and never shown by `Debug`.
pub struct Opaque(SecretBox<[u8; BYTES]>);

/// SHA-256 of a secret: what is stored.
#[derive(Clone, Copy)]
pub struct Hash([u8; BYTES]);

impl Opaque {
    /// A new one.
    pub fn generate() -> io::Result<Self> {
        let mut bytes = Box::new([0; BYTES]);
        getrandom::fill(bytes.as_mut())?;
        Ok(Self(SecretBox::new(bytes)))
    }

    /// From its text; there is exactly one text for each.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = Box::new([0; BYTES]);
        // The decoder panics on a buffer of another length, so the length is checked before.
        if BASE64URL_NOPAD.decode_len(text.len()).ok()? != BYTES {
            return None;
        }
        BASE64URL_NOPAD.decode_mut(text.as_bytes(), bytes.as_mut()).ok()?;
        Some(Self(SecretBox::new(bytes)))
    }

    /// Its 43 characters, to be handed out once.
    pub fn expose(&self) -> String {
        BASE64URL_NOPAD.encode(self.0.expose_secret())
    }

    /// What is stored of it.
    pub fn hash(&self) -> Hash {
        Hash(Sha256::digest(self.0.expose_secret()).into())
    }

    /// The secret that follows this one: whoever knows this one and `salt` can make it again, and nobody else can.
    pub fn successor(&self, salt: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        // No other input of ours begins so, and both parts have a fixed length.
        hasher.update(b"stepwell successor\0");
        hasher.update(self.0.expose_secret());
        hasher.update(salt);
        Self(SecretBox::new(Box::new(hasher.finalize().into())))
    }
}

/// A salt for [`Opaque::successor`].
pub fn salt() -> io::Result<[u8; BYTES]> {
    let mut salt = [0; BYTES];
    getrandom::fill(&mut salt)?;
    Ok(salt)
}

impl Hash {
    /// From a column; `None` for what is no hash.
    pub fn from_column(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// For a column.
    pub fn to_column(self) -> Vec<u8> {
        self.0.to_vec()
    }

    /// Whether they are the same; the time that it takes tells nothing.
    pub fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hash(…)")
    }
}

impl fmt::Debug for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opaque(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_one_text_and_is_known_by_its_hash() {
        let secret = Opaque::generate().unwrap();
        let text = secret.expose();
        assert_eq!(text.len(), 43);
        assert!(Opaque::parse(&text).unwrap().hash().is(&secret.hash()));
        assert!(!Opaque::generate().unwrap().hash().is(&secret.hash()));
        let other_last = if text.ends_with('_') { 'A' } else { '_' };
        for wrong in [
            "",
            &text[1..],
            &format!("{text}A"),
            &format!("{}=", &text[1..]),
            &format!("{}{other_last}", &text[..42]),
        ] {
            let same = Opaque::parse(wrong).is_some_and(|parsed| parsed.hash().is(&secret.hash()));
            assert!(!same, "{wrong}");
        }
        assert!(!format!("{secret:?} {:?}", secret.hash()).contains(&text));
    }

    #[test]
    fn a_successor_can_be_made_again_from_the_same_parts_alone() {
        let (secret, salt_of_it) = (Opaque::generate().unwrap(), salt().unwrap());
        let successor = secret.successor(&salt_of_it).hash();
        assert!(secret.successor(&salt_of_it).hash().is(&successor));
        assert!(!secret.successor(&salt().unwrap()).hash().is(&successor));
        assert!(!Opaque::generate().unwrap().successor(&salt_of_it).hash().is(&successor));
        assert!(!secret.hash().is(&successor));
    }
}
