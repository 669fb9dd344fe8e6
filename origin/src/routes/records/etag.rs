//! Validators of records and lists, and `If-Match`.
//!
//! A record's is `"v3-0123456789abcdef"`: its version, which `If-Match` asks for, and a hash of the body, since one
//! version has many bodies: other fields, expanded records that changed by themselves, a declaration with a new field.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::HeaderValue;
use http::header::IF_MATCH;
use http::request::Parts;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

/// The strong validator of a record's representation.
pub fn of_record(version: i64, body: &[u8]) -> HeaderValue {
    value(&format!("\"v{version}-{:016x}\"", xxh3_64(body)))
}

/// The strong validator of a list: a wider hash, since it has nothing beside it.
pub fn of_list(body: &[u8]) -> HeaderValue {
    value(&format!("\"{:032x}\"", xxh3_128(body)))
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("digits, letters and punctuation are visible ASCII")
}

/// Which versions of a record a change is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Precondition {
    /// Whatever is there.
    #[default]
    None,
    /// One of these versions. Tags that are not ours are no version and match nothing.
    Versions(Vec<i64>),
}

impl Precondition {
    /// From the value of `If-Match` (RFC 9110 §13.1.1). `*` asks that the record exist, which a change asks anyway.
    pub fn parse(text: &str) -> Self {
        if text.trim() == "*" {
            return Self::None;
        }
        Self::Versions(text.split(',').filter_map(|tag| version(tag.trim())).collect())
    }

    /// Whether a change of a record at `version` may go on.
    pub fn allows(&self, version: i64) -> bool {
        match self {
            Self::None => true,
            Self::Versions(versions) => versions.contains(&version),
        }
    }
}

/// The version that a strong validator names, whichever representation it is of.
fn version(tag: &str) -> Option<i64> {
    let inside = tag.strip_prefix("\"v")?.strip_suffix('"')?;
    inside.split_once('-').map_or(inside, |(version, _)| version).parse().ok()
}

impl<S: Sync> FromRequestParts<S> for Precondition {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let lines: Vec<&str> = parts
            .headers
            .get_all(IF_MATCH)
            .into_iter()
            .map(|line| line.to_str().unwrap_or_default())
            .collect();
        Ok(if lines.is_empty() { Self::None } else { Self::parse(&lines.join(",")) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_recognised_in_any_of_its_representations() {
        let whole = of_record(12, b"whole");
        let part = of_record(12, b"part");
        assert_ne!(whole, part);
        for tag in [whole.to_str().unwrap(), part.to_str().unwrap(), "\"v1\", \"v12\"", "*"] {
            assert!(Precondition::parse(tag).allows(12), "{tag}");
        }
    }

    #[test]
    fn what_names_no_version_of_ours_allows_nothing() {
        // A weak validator never matches (RFC 9110 §13.1.1).
        for tag in ["\"v13-00\"", "W/\"v12-00\"", "\"12\"", "v12", "", "\"abc\""] {
            assert!(!Precondition::parse(tag).allows(12), "{tag}");
        }
        assert!(Precondition::None.allows(12));
    }
}
