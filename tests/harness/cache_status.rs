//! `Cache-Status` (RFC 9211), read back.

use sfv::{BareItem, List, ListEntry, Parser};

/// What one cache did with a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheStatus {
    /// Served from the store.
    pub hit: bool,
    /// Why it went on to the origin: `uri-miss`, `stale`, `bypass`, ….
    pub fwd: Option<String>,
    /// Another request had asked already, and this one shared its answer.
    pub collapsed: bool,
    /// The answer was stored.
    pub stored: bool,
    /// Seconds for which a hit stays fresh; negative when it is stale.
    pub ttl_s: Option<i64>,
    /// What else there is to say.
    pub detail: Option<String>,
}

impl CacheStatus {
    /// Reads a field with one member, `stepwell`.
    #[track_caller]
    pub fn parse(value: &str) -> Self {
        let members: List = Parser::new(value).parse().unwrap_or_else(|error| panic!("{error}: {value}"));
        let [ListEntry::Item(member)] = members.as_slice() else { panic!("not one member: {value}") };
        assert_eq!(member.bare_item.as_token().map(sfv::TokenRef::as_str), Some("stepwell"), "{value}");
        let flag = |name: &str| member.params.get(name) == Some(&BareItem::Boolean(true));
        let text = |name: &str| match member.params.get(name)? {
            BareItem::Token(token) => Some(token.as_str().to_owned()),
            BareItem::String(text) => Some(text.as_str().to_owned()),
            other => panic!("{name} is {other:?}: {value}"),
        };
        Self {
            hit: flag("hit"),
            fwd: text("fwd"),
            collapsed: flag("collapsed"),
            stored: flag("stored"),
            ttl_s: member.params.get("ttl").and_then(BareItem::as_integer).map(i64::from),
            detail: text("detail"),
        }
    }

    /// Whether this request went to the origin itself.
    pub fn reached_origin(&self) -> bool {
        self.fwd.is_some() && !self.collapsed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_and_misses_are_told_apart() {
        let hit = CacheStatus::parse("stepwell; hit; ttl=-1; detail=revalidating");
        assert!(hit.hit && !hit.reached_origin() && hit.ttl_s == Some(-1));
        let leader = CacheStatus::parse("stepwell; fwd=uri-miss; stored");
        assert!(leader.reached_origin() && leader.stored && !leader.hit);
        assert!(!CacheStatus::parse("stepwell; fwd=uri-miss; collapsed").reached_origin());
    }
}
