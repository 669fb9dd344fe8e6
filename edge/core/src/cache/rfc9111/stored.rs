//! An answer as the cache keeps it, and what of it a request may be given.

use http::header::{ETAG, LAST_MODIFIED};
use http::{HeaderMap, StatusCode};
use stepwell_shared::time::Timestamp;

use super::directives::Restriction;
use super::partial::Part;
use super::variance::Selecting;
use crate::cache::entry::Entry;

/// A stored answer. Its parts are never changed: one that was freshened or completed is a new one.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Status, header, body, age and lifetimes.
    pub entry: Entry,
    /// The requests that it answers, as far as `Vary` says.
    pub selecting: Selecting,
    /// Which bytes of the content it holds; all where `None`.
    pub part: Option<Part>,
    /// Whether, or which of its fields, must not be reused without asking the origin.
    pub no_cache: Restriction,
    /// Whether it must not be served stale, whatever happens.
    pub forbids_stale: bool,
    /// When the origin made it, by its own clock where it says.
    pub made_at: Timestamp,
}

/// The stored answers of one key, the latest first, no two of which have the same selecting values.
#[derive(Clone, Debug)]
pub struct Variants<S> {
    all: Vec<S>,
}

impl<S> Default for Variants<S> {
    fn default() -> Self {
        Self { all: Vec::new() }
    }
}

/// Answers that are kept of one key: beyond, the oldest go. Some sites vary by `User-Agent`.
const VARIANTS_MAX: usize = 64;

impl<S: std::ops::Deref<Target = Stored>> Variants<S> {
    /// The answer for a request with this header: of several that match, the one made last (RFC 9111 §4.1).
    pub fn select(&self, request: &HeaderMap) -> Option<&S> {
        let matching =
            self.all.iter().filter(|stored| stored.selecting.matches(request, &stored.entry.headers));
        // The first of equals, which was stored last.
        matching.reduce(|best, other| if other.made_at > best.made_at { other } else { best })
    }

    /// These and one more, which takes the place of one with the same selecting values.
    #[must_use]
    pub fn with(&self, stored: S) -> Self
    where
        S: Clone,
    {
        let others = self.all.iter().filter(|other| other.selecting != stored.selecting).cloned();
        let all = std::iter::once(stored.clone()).chain(others).take(VARIANTS_MAX).collect();
        Self { all }
    }

    /// Whether anything is stored.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Bytes that they hold, near enough to bound a store by.
    pub fn size_bytes(&self) -> usize {
        self.all.iter().map(|stored| stored.size_bytes()).fold(0, usize::saturating_add)
    }

    /// Every one.
    pub fn iter(&self) -> impl Iterator<Item = &S> {
        self.all.iter()
    }
}

impl Stored {
    /// Bytes that it holds, near enough to bound a store by.
    pub fn size_bytes(&self) -> usize {
        self.entry.size_bytes().saturating_add(self.selecting.size_bytes())
    }

    /// Whether other requests that wait for this answer may hope to be served by it.
    pub fn may_be_shared(&self) -> bool {
        let reusable = self.entry.lifetimes.fresh_for_ms > self.entry.initial_age_ms;
        reusable && self.no_cache != Restriction::All && self.entry.status != StatusCode::PARTIAL_CONTENT
    }

    /// Whether the origin can be asked if it still stands.
    pub fn has_validator(&self) -> bool {
        self.entry.headers.contains_key(ETAG) || self.entry.headers.contains_key(LAST_MODIFIED)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fields, head, stored_for, variants};
    use super::*;

    fn variant(language: &str, more: &str, content: &'static str) -> Stored {
        let request = head("GET /", &[&format!("accept-language: {language}")]);
        stored_for(&request, 200, &["cache-control: max-age=9", "vary: accept-language", more], content)
            .unwrap()
    }

    #[test]
    fn each_variant_is_kept_once_and_the_latest_serves() {
        let kept = variants([
            variant("de", "a: 1", "old"),
            variant("fr", "a: 1", "fr"),
            variant("DE", "a: 2", "new"),
        ]);
        let content = |language: &str| {
            let request = fields(&[&format!("accept-language: {language}")]);
            kept.select(&request).map(|stored| stored.entry.body.clone())
        };
        assert_eq!(kept.iter().count(), 2);
        assert_eq!(
            (content("de").unwrap(), content("fr").unwrap(), content("it")),
            ("new".into(), "fr".into(), None)
        );
    }

    #[test]
    fn of_several_that_match_the_one_made_last_serves() {
        let older = "date: Thu, 01 Jan 2026 00:00:00 GMT";
        let newer = "date: Fri, 02 Jan 2026 00:00:00 GMT";
        let plain =
            |line| stored_for(&head("GET /", &[]), 200, &["cache-control: max-age=99999999", line], "plain");
        let first = variants([variant("de", newer, "varied"), plain(older).unwrap()]);
        let request = fields(&["accept-language: de"]);
        assert_eq!(&*first.select(&request).unwrap().entry.body, b"varied");
        let second = variants([variant("de", older, "varied"), plain(newer).unwrap()]);
        assert_eq!(&*second.select(&request).unwrap().entry.body, b"plain");
    }

    #[test]
    fn a_key_keeps_so_many_variants() {
        let kept = variants((0..100).map(|n| variant(&format!("x{n}"), "a: 1", "")));
        assert_eq!(kept.iter().count(), VARIANTS_MAX);
        assert!(kept.select(&fields(&["accept-language: x99"])).is_some());
        assert!(kept.select(&fields(&["accept-language: x0"])).is_none());
    }
}
