//! An answer on its way into the store: alone, or onto a part of the same content.

use bytes::Bytes;
use http::StatusCode;
use http::header::CONTENT_RANGE;
use stepwell_shared::limits::ENTRY_BYTES_MAX;

use super::super::partial::{Part, combine, share_strong_validator};
use super::super::stored::Stored;
use crate::cache::filing::Refusal;

/// An answer that may be stored once its content is there.
#[derive(Clone, Debug)]
pub struct Filing {
    stored: Stored,
    /// What is stored already of the same content, and both as one, still without content.
    onto: Option<(Stored, Stored)>,
}

impl Filing {
    pub(super) const fn of(stored: Stored) -> Self {
        Self { stored, onto: None }
    }

    /// Whether it is a range of what is stored in part already.
    pub(super) fn continues(&self, old: &Stored) -> bool {
        self.stored.entry.status == StatusCode::PARTIAL_CONTENT
            && share_strong_validator(&old.entry.headers, &self.stored.entry.headers)
    }

    pub(super) fn onto(self, old: Stored, both: Stored) -> Self {
        Self { onto: Some((old, both)), ..self }
    }

    /// The stored answer, now that its content is there. One whose content is a range is a part, or together with what
    /// was stored before a larger part, or the whole.
    pub fn complete(self, body: Bytes) -> Result<Stored, Refusal> {
        if body.len() > ENTRY_BYTES_MAX {
            return Err(Refusal::Size);
        }
        let mut stored = self.stored;
        stored.entry.body = body;
        if stored.entry.status != StatusCode::PARTIAL_CONTENT {
            return Ok(stored);
        }
        let bytes = stored.entry.body.len() as u64;
        let part = Part::of(&stored.entry.headers, bytes).ok_or(Refusal::Partial)?;
        stored.part = Some(part);
        let both = self.onto.and_then(|(old, both)| together(&old, both, (&part, &stored.entry.body)));
        Ok(both.unwrap_or(stored))
    }

    /// Whether other requests that wait for this answer may hope to be served by it.
    pub fn may_be_shared(&self) -> bool {
        self.stored.may_be_shared()
    }
}

/// Two parts as one (RFC 9110 §15.3.7.3). `None` where bytes between them are missing.
fn together(old: &Stored, mut both: Stored, new: (&Part, &Bytes)) -> Option<Stored> {
    let old_part = old.part.unwrap_or_else(|| Part::whole(old.entry.body.len() as u64));
    let (part, body) = combine((&old_part, &old.entry.body), new)?;
    // It says what one of the two is; an answer from the store says anew what it holds.
    both.entry.headers.remove(CONTENT_RANGE);
    if part.is_complete(body.len() as u64) {
        both.entry.status = StatusCode::OK;
    } else {
        both.part = Some(part);
    }
    both.entry.body = body;
    Some(both)
}

#[cfg(test)]
mod tests {
    use super::super::super::options::Options;
    use super::super::super::testing::{answer, asked, fields, head, stored_for};
    use super::*;

    const FRESH: &str = "cache-control: max-age=9";

    /// The first half of ten bytes.
    fn half(lines: &[&str]) -> Stored {
        let lines = [&[FRESH, "content-range: bytes 0-4/10"], lines].concat();
        stored_for(&head("GET /", &["range: bytes=0-4"]), 206, &lines, "01234").unwrap()
    }

    /// What a later range makes of what is stored.
    fn with(old: &Stored, range: &str, lines: &[&str], content: &'static str) -> Stored {
        let head = head("GET /", &["range: bytes=5-"]);
        let lines = [&[range], lines].concat();
        let (asked, headers) = (asked(&head), fields(&lines));
        let filing = answer(&asked, &head.headers, 206, &headers).judge_onto(old, &Options::default());
        filing.unwrap().complete(Bytes::from_static(content.as_bytes())).unwrap()
    }

    #[test]
    fn parts_of_the_same_content_grow_together() {
        let old = half(&["etag: \"a\"", "x-from: old"]);
        let whole = with(&old, "content-range: bytes 5-9/10", &[FRESH, "etag: \"a\""], "56789");
        let entry = &whole.entry;
        assert_eq!((whole.part, &*entry.body, entry.status), (None, &b"0123456789"[..], StatusCode::OK));
        assert!(entry.headers.contains_key("x-from") && !entry.headers.contains_key(CONTENT_RANGE));
        let more = with(&old, "content-range: bytes 3-6/10", &[FRESH, "etag: \"a\""], "3456");
        assert_eq!((more.part.unwrap().first, &*more.entry.body), (0, &b"0123456"[..]));
        for other in ["etag: \"b\"", "etag: W/\"a\"", "x-none: 1"] {
            let alone = with(&old, "content-range: bytes 5-9/10", &[FRESH, other], "56789");
            assert_eq!(&*alone.entry.body, b"56789", "{other}");
        }
    }

    #[test]
    fn what_either_part_says_holds_for_both() {
        let old = half(&["etag: \"a\"", "vary: foo", "expires: 0", "x-own: 1"]);
        let new = ["etag: \"a\"", "cache-control: max-age=5, must-revalidate, private=\"x-own\""];
        let whole = with(&old, "content-range: bytes 5-9/10", &new, "56789");
        assert_eq!(whole.part, None);
        assert!(whole.forbids_stale && !whole.entry.headers.contains_key("x-own"));
        assert_eq!(whole.entry.lifetimes.fresh_for_ms, 5000);
        let other = head("GET /", &["foo: 1"]);
        assert!(!whole.selecting.matches(&other.headers, &whole.entry.headers));
        let kept = with(&old, "content-range: bytes 5-9/10", &["etag: \"a\""], "56789");
        assert_eq!(kept.entry.lifetimes.fresh_for_ms, 9000);
    }
}
