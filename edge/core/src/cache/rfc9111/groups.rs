//! Cache groups (RFC 9875): names that an origin gives its answers, so that a write invalidates all that bear one.
//!
//! A group becomes a tag like any other ([`stepwell_shared::tags`]): an entry carries those of its `Cache-Groups`, and
//! an invalidation purges those of its `Cache-Group-Invalidation`. A purge never brings about another (§2.2.1, §3).

use http::{HeaderMap, HeaderName};
use sfv::{BareItem, List, ListEntry, Parser};
use stepwell_shared::limits::CACHE_GROUPS_MAX;
use stepwell_shared::tags::TagHash;

/// The groups to which an answer belongs (RFC 9875 §2).
pub const CACHE_GROUPS: HeaderName = HeaderName::from_static("cache-groups");
/// The groups that an answer invalidates (RFC 9875 §3).
pub const CACHE_GROUP_INVALIDATION: HeaderName = HeaderName::from_static("cache-group-invalidation");

/// The tags of the groups to which an answer belongs, sorted, each once. `origin` is as [`TagHash::of_group`] wants it.
pub fn of(response: &HeaderMap, origin: &str) -> Vec<TagHash> {
    tags(response, &CACHE_GROUPS, origin)
}

/// The tags of the groups that an answer invalidates, sorted, each once.
///
/// For answers to unsafe methods alone: on others the field must be ignored (RFC 9875 §3), which is the caller's to see
/// to.
pub fn invalidated_by(response: &HeaderMap, origin: &str) -> Vec<TagHash> {
    tags(response, &CACHE_GROUP_INVALIDATION, origin)
}

/// All lines of a field are one list (RFC 9651 §4.2). One that is malformed, or that holds anything but strings, is
/// ignored whole; parameters are ignored alone. Groups beyond [`CACHE_GROUPS_MAX`] are passed over.
fn tags(response: &HeaderMap, field: &HeaderName, origin: &str) -> Vec<TagHash> {
    let lines: Vec<&[u8]> = response.get_all(field).iter().map(http::HeaderValue::as_bytes).collect();
    if lines.is_empty() {
        return Vec::new();
    }
    let members: List = Parser::new(&lines.join(&b", "[..])).parse().unwrap_or_default();
    let groups: Option<Vec<&str>> = members.iter().map(string).collect();
    let groups = groups.unwrap_or_default();
    let mut tags: Vec<TagHash> =
        groups.into_iter().take(CACHE_GROUPS_MAX).map(|group| TagHash::of_group(origin, group)).collect();
    tags.sort_unstable();
    tags.dedup();
    tags
}

fn string(member: &ListEntry) -> Option<&str> {
    match member {
        ListEntry::Item(item) => match &item.bare_item {
            BareItem::String(text) => Some(text.as_str()),
            _ => None,
        },
        ListEntry::InnerList(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    const ORIGIN: &str = "https://example.com";

    fn groups(lines: &[&str]) -> Vec<TagHash> {
        let mut response = HeaderMap::new();
        for line in lines {
            response.append(CACHE_GROUPS, HeaderValue::from_str(line).unwrap());
        }
        of(&response, ORIGIN)
    }

    fn hashes(names: &[&str]) -> Vec<TagHash> {
        let mut hashes: Vec<_> = names.iter().map(|name| TagHash::of_group(ORIGIN, name)).collect();
        hashes.sort_unstable();
        hashes
    }

    #[test]
    fn all_lines_are_one_list_of_strings() {
        assert_eq!(groups(&["\"scripts\""]), hashes(&["scripts"]));
        assert_eq!(groups(&["\"a,b\", \"c\";x=1;y", "\"a \\\"d\""]), hashes(&["a,b", "c", "a \"d"]));
        assert_eq!(groups(&["\"a\", \"a\""]), hashes(&["a"]));
        assert_eq!(groups(&["\"\""]), hashes(&[""]));
        assert_eq!(groups(&[]), []);
        assert_eq!(groups(&[""]), []);
    }

    #[test]
    fn a_list_that_is_malformed_anywhere_is_ignored_whole() {
        for malformed in
            ["\"a\", b", "\"a\", 1", "\"a\", (\"b\")", "\"a\",", "\"a\" \"b\"", "\"a", "\"a\";", "\"ä\""]
        {
            assert_eq!(groups(&[malformed]), [], "{malformed}");
        }
        assert_eq!(groups(&["\"a\"", "b"]), []);
    }

    #[test]
    fn groups_are_compared_by_character_within_one_origin() {
        assert_ne!(groups(&["\"a\""]), groups(&["\"A\""]));
        assert_ne!(TagHash::of_group(ORIGIN, "a"), TagHash::of_group("http://example.com", "a"));
    }

    #[test]
    fn the_two_fields_name_the_same_groups() {
        let both = [CACHE_GROUPS, CACHE_GROUP_INVALIDATION]
            .map(|name| HeaderMap::from_iter([(name, HeaderValue::from_static("\"a\""))]));
        let [member, invalidation] = both;
        assert_eq!(of(&member, ORIGIN), invalidated_by(&invalidation, ORIGIN));
        assert_eq!(of(&invalidation, ORIGIN), []);
        assert_eq!(invalidated_by(&member, ORIGIN), []);
    }

    #[test]
    fn a_list_is_read_up_to_its_limit() {
        let names: Vec<String> = (0..=CACHE_GROUPS_MAX).map(|n| format!("{n:032}")).collect();
        let line = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        let held: Vec<&str> = names.iter().take(CACHE_GROUPS_MAX).map(String::as_str).collect();
        assert_eq!(groups(&[&line]), hashes(&held));
    }

    proptest! {
        #[test]
        fn no_field_panics(lines in proptest::collection::vec("[ -~]{0,20}|\"[ -~]{0,4}\"(, ?\"[a-b]\"){0,3}", 0..3)) {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            prop_assert!(groups(&lines).len() <= CACHE_GROUPS_MAX);
        }
    }
}
