//! Which edges there are, and the keys that they share with the origin.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use secrecy::{ExposeSecret as _, SecretSlice};
use sha2::{Digest as _, Sha256};

use crate::limits::{EDGE_KEY_BYTES_MIN, EDGE_KEYS_EACH_MAX, EDGE_NAME_BYTES_MAX};

/// An edge's name: lower-case letters, digits, `-`, `_` and `.`, at most [`EDGE_NAME_BYTES_MAX`] of them. It is the
/// `keyid` of its signatures, and what an operator sees of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EdgeName(String);

/// A text that is no edge's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an edge's name has 1 to {EDGE_NAME_BYTES_MAX} lower-case letters, digits, '-', '_' or '.'")]
pub struct BadName;

impl EdgeName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EdgeName {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let is_of_name = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.')
        };
        let is_name = (1..=EDGE_NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_of_name);
        if is_name { Ok(Self(text.to_owned())) } else { Err(BadName) }
    }
}

impl fmt::Display for EdgeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an edge and the origin know, and nobody else. Nothing shows it.
#[derive(Clone, Debug)]
pub struct EdgeKey(SecretSlice<u8>);

/// A text that is no key. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// Neither hexadecimal digits nor base64.
    #[error("a key is written in hexadecimal digits or in base64")]
    Form,
    /// Fewer bytes than [`EDGE_KEY_BYTES_MIN`], so that it could be guessed.
    #[error("a key has at least {EDGE_KEY_BYTES_MIN} bytes")]
    Short,
}

impl EdgeKey {
    /// A key of these bytes.
    ///
    /// # Errors
    /// [`BadKey::Short`].
    pub fn new(bytes: Vec<u8>) -> Result<Self, BadKey> {
        if bytes.len() < EDGE_KEY_BYTES_MIN { Err(BadKey::Short) } else { Ok(Self(bytes.into())) }
    }

    /// The beginning of a hash of it, in 8 hexadecimal digits: it tells keys apart, and whoever sees it learns none.
    pub fn fingerprint(&self) -> String {
        let hash = Sha256::new().chain_update("stepwell edge key").chain_update(self.expose()).finalize();
        HEXLOWER_PERMISSIVE.encode(hash.first_chunk::<4>().unwrap_or(&[0; 4]))
    }

    pub(super) fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

impl FromStr for EdgeKey {
    type Err = BadKey;

    /// Reads hexadecimal digits, and what is no even number of them as base64 in either alphabet, padded or not.
    fn from_str(text: &str) -> Result<Self, BadKey> {
        let text = text.as_bytes();
        let forms = [HEXLOWER_PERMISSIVE, BASE64URL_NOPAD, BASE64URL, BASE64_NOPAD, BASE64];
        let bytes = forms.iter().find_map(|form| form.decode(text).ok()).ok_or(BadKey::Form)?;
        Self::new(bytes)
    }
}

/// The edges whose requests an origin takes.
#[derive(Clone, Debug, Default)]
pub struct EdgeKeys {
    keys: BTreeMap<EdgeName, Vec<EdgeKey>>,
}

/// An edge has as many keys as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an edge has at most {EDGE_KEYS_EACH_MAX} keys, the old one and the new one")]
pub struct TooManyKeys;

impl EdgeKeys {
    /// Takes requests that are signed by one more key. While a key is replaced, its edge has two.
    ///
    /// # Errors
    /// [`TooManyKeys`] for more.
    pub fn insert(&mut self, name: EdgeName, key: EdgeKey) -> Result<(), TooManyKeys> {
        let keys = self.keys.entry(name).or_default();
        if keys.len() >= EDGE_KEYS_EACH_MAX {
            return Err(TooManyKeys);
        }
        keys.push(key);
        Ok(())
    }

    /// Whether there is no edge.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Each edge's name with the fingerprints of its keys, in order: `fra-1 0a1b2c3d, nyc 4e5f6a7b 8c9d0e1f`.
    pub fn listed(&self) -> String {
        let edge = |(name, keys): (&EdgeName, &Vec<EdgeKey>)| {
            let prints: Vec<String> = keys.iter().map(EdgeKey::fingerprint).collect();
            format!("{name} {}", prints.join(" "))
        };
        self.keys.iter().map(edge).collect::<Vec<_>>().join(", ")
    }

    /// The names of all edges, in order.
    pub fn names(&self) -> impl Iterator<Item = &EdgeName> {
        self.keys.keys()
    }

    pub(super) fn of(&self, name: &EdgeName) -> &[EdgeKey] {
        self.keys.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_in_every_form_in_which_keys_are_made() {
        let bytes: Vec<u8> = (0xe0..=0xff).collect();
        for form in [HEXLOWER_PERMISSIVE, BASE64URL_NOPAD, BASE64URL, BASE64_NOPAD, BASE64] {
            let key: EdgeKey = form.encode(&bytes).parse().unwrap();
            assert_eq!(key.expose(), bytes);
        }
        assert_eq!("e0e1".parse::<EdgeKey>().unwrap_err(), BadKey::Short);
        assert_eq!("no key!".parse::<EdgeKey>().unwrap_err(), BadKey::Form);
    }

    #[test]
    fn a_key_is_in_no_output() {
        let key: EdgeKey = "ab".repeat(32).parse().unwrap();
        let mut keys = EdgeKeys::default();
        keys.insert("one".parse().unwrap(), key).unwrap();
        let shown = format!("{keys:?}");
        assert!(shown.contains("one") && !shown.contains("abab") && !shown.contains("171"), "{shown}");
    }

    #[test]
    fn a_list_of_edges_tells_keys_apart_and_shows_none() {
        let listed = |digits: &[&str]| {
            let mut keys = EdgeKeys::default();
            for digit in digits {
                keys.insert("one".parse().unwrap(), digit.repeat(64).parse().unwrap()).unwrap();
            }
            keys.listed()
        };
        let (one, both) = (listed(&["a"]), listed(&["a", "b"]));
        assert!(
            one.len() == "one ".len() + 8 && both.len() == one.len() + 9 && both.starts_with(&one),
            "{both}"
        );
        assert_ne!(one, listed(&["b"]));
        assert!(!both.contains("aaaa") && !both.contains("bbbb"), "{both}");
    }

    #[test]
    fn an_edge_has_two_keys_at_the_most() {
        let mut keys = EdgeKeys::default();
        let mut insert = |digit: &str| keys.insert("one".parse().unwrap(), digit.repeat(64).parse().unwrap());
        assert_eq!([insert("a"), insert("b"), insert("c")], [Ok(()), Ok(()), Err(TooManyKeys)]);
    }

    #[test]
    fn a_name_can_stand_in_a_field_and_a_line() {
        for bad in ["", "a b", "A", "a\"", "a;b", "é", &"a".repeat(EDGE_NAME_BYTES_MAX + 1)] {
            assert_eq!(bad.parse::<EdgeName>(), Err(BadName), "{bad}");
        }
        assert_eq!("fra-1.cdn_a".parse::<EdgeName>().unwrap().as_str(), "fra-1.cdn_a");
    }
}
