//! What was purged is not served until the origin has confirmed it (RFC 9111 §4.4, RFC 9875 §3).

use http::header::{CONTENT_LOCATION, LOCATION};
use http::{HeaderMap, HeaderName, StatusCode};
use stepwell_edge_core::cache::rfc9111::asked::Asked;
use stepwell_shared::headers::CACHE_TAG;

use super::{Witness, must};
use crate::plain;

/// What a purge names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::scripts) enum Named {
    /// Everything under a key.
    Key(String),
    /// Everything with a tag.
    Tag(String),
    /// Everything of a group at a host.
    Group(String, String),
}

impl Witness {
    /// Somebody purged something.
    pub(in crate::scripts) fn purge(&mut self, named: Vec<Named>) {
        self.purges.push(named);
    }

    /// What an answer purges, as far as it says so plainly; `None` where it purges nothing.
    pub(in crate::scripts) fn purged_by(
        &self,
        asked: &Asked,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Option<Vec<Named>> {
        let is_safe = ["GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "REPORT", "SEARCH", "QUERY", "PRI"];
        if is_safe.contains(&asked.method.as_str()) || !matches!(status.as_u16(), 200..=399) {
            return None;
        }
        let mut named = vec![Named::Key(self.resource.clone())];
        for name in [LOCATION, CONTENT_LOCATION] {
            let path = plain::line(headers, &name).filter(|path| is_plain_path(path));
            named.extend(path.map(|path| Named::Key(format!("{}{path}", asked.host()))));
        }
        for group in groups(headers, "cache-group-invalidation") {
            named.push(Named::Group(asked.host().to_owned(), group));
        }
        Some(named)
    }

    /// Nothing that this answer may be named by was purged since it was confirmed.
    pub(super) fn check_purges(&self, asked: &Asked, headers: &HeaderMap) {
        let Some((place, content)) = self.content_of(headers) else { return };
        let since = self.confirmed.get(&place).copied().unwrap_or_default().max(content.purges);
        let mut names = vec![Named::Key(content.resource.clone()), Named::Tag("all".to_owned())];
        names.push(Named::Tag(format!("path/{}", asked.path())));
        names.extend(
            plain::list(headers, &CACHE_TAG)
                .unwrap_or_default()
                .into_iter()
                .map(|tag| Named::Tag(tag.to_owned())),
        );
        let of_host = |group| Named::Group(asked.host().to_owned(), group);
        names.extend(groups(headers, "cache-groups").into_iter().map(of_host));
        let purge = self.purges.iter().skip(since).flatten().find(|named| names.contains(named));
        must(
            purge.is_none(),
            "RFC 9111 §4.4: what was purged is served only once the origin has confirmed it",
            || format!("{purge:?} names answer {place}, which was confirmed up to purge {since}"),
        );
    }
}

/// The groups of a field that holds nothing but a list of lower-case words in quotes.
fn groups(headers: &HeaderMap, field: &'static str) -> Vec<String> {
    let line = plain::line(headers, &HeaderName::from_static(field)).unwrap_or_default();
    let groups = line.split(", ").map(|group| group.strip_prefix('"')?.strip_suffix('"'));
    let groups: Option<Vec<&str>> = groups.collect();
    let is_plain = |group: &&str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_lowercase());
    let groups = groups.filter(|groups| groups.iter().all(is_plain)).unwrap_or_default();
    groups.into_iter().map(str::to_owned).collect()
}

/// A path of plain segments: it means what it says.
fn is_plain_path(path: &str) -> bool {
    path.strip_prefix('/').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
