//! Cache tags: what a cached response depends on, and what a write purges.
//!
//! A tag is text that a `Cache-Tag` header can carry: lower case (CloudFront compares without case), visible ASCII
//! without comma, at most 256 characters. In the purge log and in stored entries it is its 64-bit hash; two tags of
//! one hash only ever purge too much.
//!
//! | tag | carried by | purged by |
//! |---|---|---|
//! | `record/posts/ID` | every answer that shows the record | every write to the record |
//! | `list/posts/SET` | every list over that set of records | writes that may change which records it holds, or their order |
//! | `contents/posts/SET` | lists too long to carry a tag a record | every write to a record in the set |
//! | `collection/posts` | every answer of the collection | a change of declaration, an operator |
//! | `account/ID` | answers that depend on the account | a change of the account |
//! | `session/ID` | no answer: access tokens depend on it | the session's end |
//! | `path/…` | implied by the request's path, never sent | an operator |
//! | `group/ORIGIN NAME` | answers of the cache group (RFC 9875), as a hash alone | answers that invalidate the group |
//! | `all` | implied, never sent | an operator |

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use xxhash_rust::xxh3::Xxh3Default;
use xxhash_rust::xxh3::xxh3_64;

use crate::ids::Id;
use crate::limits::TAG_BYTES_MAX;

/// The name of something that cached responses depend on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Tag(String);

/// XXH3-64 of a tag's text: what the purge log and stored entries hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TagHash(pub u64);

/// Text that no `Cache-Tag` header could carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a tag is 1 to 256 visible ASCII characters without comma or upper case")]
pub struct InvalidTag;

impl Tag {
    /// Everything that is cached.
    pub fn all() -> Self {
        Self("all".to_owned())
    }

    /// Every answer of a collection.
    pub fn collection(collection: &str) -> Self {
        Self(format!("collection/{collection}"))
    }

    /// Every answer that shows one record.
    pub fn record(collection: &str, id: Id) -> Self {
        Self(format!("record/{collection}/{id}"))
    }

    /// Every list over a set of records.
    pub fn list(collection: &str, set: SetHash) -> Self {
        Self(format!("list/{collection}/{set}"))
    }

    /// Lists over a set of records that are too long to carry a tag for each record.
    pub fn contents(collection: &str, set: SetHash) -> Self {
        Self(format!("contents/{collection}/{set}"))
    }

    /// Every answer that depends on an account.
    pub fn account(id: Id) -> Self {
        Self(format!("account/{id}"))
    }

    /// The access tokens of one session.
    pub fn session(id: Id) -> Self {
        Self(format!("session/{id}"))
    }

    /// Every answer to one normalised path, whatever its query.
    pub fn path(path: &str) -> Self {
        Self(format!("path/{path}"))
    }

    /// A tag from outside: an operator's command or an origin's header. Upper case is folded.
    pub fn parse(text: &str) -> Result<Self, InvalidTag> {
        let fits = (1..=TAG_BYTES_MAX).contains(&text.len());
        let visible = text.bytes().all(|b| b.is_ascii_graphic() && b != b',');
        if fits && visible { Ok(Self(text.to_ascii_lowercase())) } else { Err(InvalidTag) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The hash by which the purge log and stored entries know it.
    pub fn hash(&self) -> TagHash {
        TagHash::of(&self.0)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a purge of this tag revokes the access tokens of an account or a session, and not only what is stored.
pub fn revokes_tokens(tag: &str) -> bool {
    tag.starts_with("account/") || tag.starts_with("session/")
}

impl TagHash {
    /// The hash of a tag's text, which must be in lower case already.
    pub fn of(tag: &str) -> Self {
        Self(xxh3_64(tag.as_bytes()))
    }

    /// The hash of [`Tag::path`], without building the text.
    pub fn of_path(path: &str) -> Self {
        let mut hasher = Xxh3Default::new();
        hasher.update(b"path/");
        hasher.update(path.as_bytes());
        Self(hasher.digest())
    }

    /// The hash of a cache group, whose name means something within its origin alone and is compared with case
    /// (RFC 9875 §2.1). `origin` is the URI origin in one spelling, as in `https://example.com:8443`; it has no space.
    /// No [`Tag`] has the text that is hashed, since none may hold a space.
    pub fn of_group(origin: &str, name: &str) -> Self {
        let mut hasher = Xxh3Default::new();
        for part in ["group/", origin, " ", name] {
            hasher.update(part.as_bytes());
        }
        Self(hasher.digest())
    }
}

impl fmt::Display for TagHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for TagHash {
    type Err = InvalidTag;

    fn from_str(text: &str) -> Result<Self, InvalidTag> {
        if text.len() != 16 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(InvalidTag);
        }
        u64::from_str_radix(text, 16).map(Self).map_err(|_| InvalidTag)
    }
}

impl Serialize for TagHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TagHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The set of a collection's records that equality filters define, as a hash of the filters in order of field name.
/// No filters: the whole collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SetHash(u64);

impl SetHash {
    /// `filters` are pairs of a field's name and a value's canonical text, sorted by name.
    pub fn of<'a>(filters: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut hasher = Xxh3Default::new();
        for (field, value) in filters {
            // Lengths keep apart what concatenation would join.
            hasher.update(&(field.len() as u64).to_le_bytes());
            hasher.update(field.as_bytes());
            hasher.update(&(value.len() as u64).to_le_bytes());
            hasher.update(value.as_bytes());
        }
        Self(hasher.digest())
    }
}

impl fmt::Display for SetHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_hash_is_the_hash_of_the_path_tag() {
        assert_eq!(TagHash::of_path("/v1/x"), Tag::path("/v1/x").hash());
    }

    #[test]
    fn groups_are_told_apart_by_origin_and_by_case() {
        let hashes =
            [("a", "b c"), ("a", "B c"), ("A", "b c"), ("ab", " c")].map(|(o, n)| TagHash::of_group(o, n));
        for (at, hash) in hashes.iter().enumerate() {
            assert!(!hashes[..at].contains(hash), "{at}");
        }
        assert_eq!(hashes[0], TagHash::of("group/a b c"));
        assert_eq!(Tag::parse("group/a b c"), Err(InvalidTag));
    }

    #[test]
    fn sets_are_told_apart_by_where_a_name_ends() {
        assert_ne!(SetHash::of([("ab", "c")]), SetHash::of([("a", "bc")]));
        assert_ne!(SetHash::of([("a", "b"), ("c", "d")]), SetHash::of([("a", "bcd")]));
    }

    #[test]
    fn tags_from_outside_are_checked() {
        assert_eq!(Tag::parse("Record/Posts/1").unwrap().as_str(), "record/posts/1");
        for bad in ["", "a,b", "a b", "ä", &"x".repeat(257)] {
            assert_eq!(Tag::parse(bad), Err(InvalidTag), "{bad}");
        }
    }

    #[test]
    fn the_hash_is_pinned_since_every_edge_and_stored_log_relies_on_it() {
        assert_eq!(Tag::all().hash().to_string(), "513a2286f3fd3b45");
    }
}
