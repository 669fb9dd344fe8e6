//! Whether an answer of the origin may be stored, and as what.
//!
//! Denied by default: the route must allow it, the origin must say for how long and at which log position, and nothing
//! about the answer may speak against it.

use bytes::Bytes;
use http::header::{AGE, CACHE_CONTROL, CONTENT_LENGTH, DATE, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};
use stepwell_shared::bookmark::Position;
use stepwell_shared::headers::{
    BOOKMARK, CACHE_STATUS, CACHE_TAG, CDN_CACHE_CONTROL, POSITION, READERS, SERVER_TIMING,
};
use stepwell_shared::limits::{ENTRY_BYTES_MAX, TAGS_MAX};
use stepwell_shared::readers::Readers;
use stepwell_shared::routes::Class;
use stepwell_shared::tags::{Tag, TagHash};
use stepwell_shared::time::Timestamp;

use super::entry::Entry;
use super::freshness::Lifetimes;
use crate::forward::remove_hop_by_hop;

/// The longest that a refusal (404, 410) is kept, whatever the origin says, in milliseconds.
const NEGATIVE_MS_MAX: u64 = 60_000;

/// An answer that may be stored once its body is there.
#[derive(Clone, Debug)]
pub struct Filing {
    entry: Entry,
}

/// Why an answer is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The route does not allow it.
    Class,
    /// The status is not one that is stored.
    Status,
    /// It sets a cookie: it is for one person.
    SetCookie,
    /// It varies with something that is not in the key.
    Vary,
    /// The origin does not say for how long, or forbids it.
    Policy,
    /// The origin does not say at which log position it read, so that no purge could be held against it.
    Position,
    /// A tag could not be read, or there are too many: a purge could miss it.
    Tags,
    /// It does not say who may read it although its route is private, or does although it is not.
    Readers,
    /// It is over the largest size of an entry.
    Size,
    /// It answers a method whose answers are not stored.
    Method,
    /// The request forbids it.
    Request,
    /// The origin forbids it.
    NoStore,
    /// It is for one person.
    Private,
    /// It answers a request with credentials, and does not say that others may have it.
    Authorization,
    /// It holds part of the content, and not in a way that could be served again.
    Partial,
    /// It could never be served: it is stale at once, and the origin gives nothing to ask about it by.
    Useless,
}

impl Refusal {
    /// For `Cache-Status`'s detail.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Status => "status",
            Self::SetCookie => "set-cookie",
            Self::Vary => "vary",
            Self::Policy => "policy",
            Self::Position => "position",
            Self::Tags => "tags",
            Self::Readers => "readers",
            Self::Size => "size",
            Self::Method => "method",
            Self::Request => "request",
            Self::NoStore => "no-store",
            Self::Private => "private",
            Self::Authorization => "authorization",
            Self::Partial => "partial",
            Self::Useless => "useless",
        }
    }
}

/// Judges the head of an answer to a request for `path` (normalised, without query).
pub fn judge(
    class: Class,
    path: &str,
    status: StatusCode,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Filing, Refusal> {
    if !class.may_store() {
        return Err(Refusal::Class);
    }
    let negative = matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE);
    // That something is not there for one caller says nothing of the others.
    if status != StatusCode::OK && (!negative || class.is_private()) {
        return Err(Refusal::Status);
    }
    let readers = readers(class, headers)?;
    if headers.contains_key(SET_COOKIE) {
        return Err(Refusal::SetCookie);
    }
    if headers.contains_key(VARY) {
        return Err(Refusal::Vary);
    }
    let mut lifetimes = Lifetimes::of(headers).ok_or(Refusal::Policy)?;
    if negative {
        lifetimes.fresh_for_ms = lifetimes.fresh_for_ms.min(NEGATIVE_MS_MAX);
        lifetimes.stale_while_revalidate_ms = 0;
        lifetimes.stale_if_error_ms = 0;
    }
    let position = position(headers).ok_or(Refusal::Position)?;
    let tags = tags(headers, path)?;
    if content_length(headers).is_some_and(|length| length > ENTRY_BYTES_MAX) {
        return Err(Refusal::Size);
    }
    let immutable = class == Class::Immutable;
    let headers = kept(headers, class);
    let entry = Entry {
        status,
        headers,
        body: Bytes::new(),
        tags,
        position,
        stored_at: now,
        initial_age_ms: 0,
        lifetimes,
        readers,
        immutable,
    };
    Ok(Filing { entry })
}

impl Filing {
    /// The entry, now that its body is there.
    pub fn complete(self, body: Bytes) -> Result<Entry, Refusal> {
        if body.len() > ENTRY_BYTES_MAX {
            return Err(Refusal::Size);
        }
        Ok(Entry { body, ..self.entry })
    }
}

/// The entry that a `304` makes of a stored one (RFC 9111 §4.3.4): the old body under the new header, at the new
/// position. `None` when the answer does not say enough to store it again.
pub fn refreshed(entry: &Entry, path: &str, headers: &HeaderMap, now: Timestamp) -> Option<Entry> {
    let mut merged = entry.headers.clone();
    for name in headers.keys() {
        merged.remove(name);
    }
    for (name, value) in headers {
        if *name != CONTENT_LENGTH {
            merged.append(name, value.clone());
        }
    }
    let class = match (&entry.readers, entry.immutable) {
        (Some(_), _) => Class::Authorised,
        (None, true) => Class::Immutable,
        (None, false) => Class::Public,
    };
    judge(class, path, entry.status, &merged, now).ok()?.complete(entry.body.clone()).ok()
}

/// Who may read the answer. A private one must say, and one for everybody must not: the two tiers disagree then on what
/// the route is, and nothing may be stored.
fn readers(class: Class, headers: &HeaderMap) -> Result<Option<Readers>, Refusal> {
    let mut lines = headers.get_all(READERS).iter();
    match (class.is_private(), lines.next(), lines.next()) {
        (false, None, None) => Ok(None),
        (true, Some(line), None) => {
            line.to_str().ok().and_then(|text| text.parse().ok()).map(Some).ok_or(Refusal::Readers)
        }
        _ => Err(Refusal::Readers),
    }
}

fn position(headers: &HeaderMap) -> Option<Position> {
    headers.get(POSITION)?.to_str().ok()?.parse().ok()
}

fn tags(headers: &HeaderMap, path: &str) -> Result<Box<[TagHash]>, Refusal> {
    let mut tags = vec![Tag::all().hash(), TagHash::of_path(path)];
    for line in headers.get_all(CACHE_TAG) {
        for tag in line.to_str().map_err(|_| Refusal::Tags)?.split(',') {
            tags.push(Tag::parse(tag.trim()).map_err(|_| Refusal::Tags)?.hash());
        }
    }
    // The two implied tags come on top.
    if tags.len() > TAGS_MAX.saturating_add(2) { Err(Refusal::Tags) } else { Ok(tags.into_boxed_slice()) }
}

fn content_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The header as clients of the entry get it. Of a private one, no cache behind this one may keep anything.
fn kept(headers: &HeaderMap, class: Class) -> HeaderMap {
    let mut kept = headers.clone();
    remove_hop_by_hop(&mut kept);
    for name in [POSITION, READERS, BOOKMARK, SERVER_TIMING, AGE, DATE, CONTENT_LENGTH] {
        kept.remove(name);
    }
    if class.is_private() {
        kept.remove(CDN_CACHE_CONTROL);
        kept.remove(CACHE_TAG);
        kept.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
    // Places for what each answer says anew: a copy of the map that had to grow for them would cost more than the copy.
    for name in [AGE, CACHE_STATUS, SERVER_TIMING] {
        kept.insert(name, HeaderValue::from_static(""));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderName;

    const NOW: Timestamp = Timestamp::from_ms(1000);

    fn answer(extra: &[(&'static str, &'static str)]) -> HeaderMap {
        let base = [
            ("cdn-cache-control", "max-age=600, stale-if-error=60"),
            ("stepwell-position", "1-5"),
            ("cache-tag", "record/posts/1, collection/posts"),
            ("content-type", "application/json"),
        ];
        let mut headers = HeaderMap::new();
        for (name, value) in base.iter().chain(extra) {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        headers
    }

    fn judged(class: Class, status: u16, headers: &HeaderMap) -> Result<Entry, Refusal> {
        judge(class, "/p", StatusCode::from_u16(status).unwrap(), headers, NOW)?
            .complete(Bytes::from_static(b"{}"))
    }

    #[test]
    fn a_public_answer_with_policy_and_position_is_stored_under_its_tags() {
        let entry = judged(Class::Public, 200, &answer(&[])).unwrap();
        assert_eq!(entry.position.sequence, 5);
        for tag in ["record/posts/1", "collection/posts", "path//p", "all"] {
            assert!(entry.tags.contains(&TagHash::of(tag)), "{tag}");
        }
        assert!(
            entry.headers.contains_key("content-type") && !entry.headers.contains_key("stepwell-position")
        );
    }

    #[test]
    fn anything_that_speaks_against_it_keeps_an_answer_out() {
        for (class, status, extra, refusal) in [
            (Class::NoStore, 200, None, Refusal::Class),
            (Class::Pass, 200, None, Refusal::Class),
            (Class::Public, 500, None, Refusal::Status),
            (Class::Public, 302, None, Refusal::Status),
            (Class::Public, 206, None, Refusal::Status),
            (Class::Public, 200, Some(("set-cookie", "a=1")), Refusal::SetCookie),
            (Class::Public, 200, Some(("vary", "cookie")), Refusal::Vary),
            (Class::Public, 200, Some(("cdn-cache-control", "no-store")), Refusal::Policy),
            (Class::Public, 200, Some(("stepwell-position", "x")), Refusal::Position),
            (Class::Public, 200, Some(("cache-tag", "a,,b")), Refusal::Tags),
            (Class::Public, 200, Some(("content-length", "99999999")), Refusal::Size),
        ] {
            let headers = answer(extra.as_slice());
            assert_eq!(judged(class, status, &headers).unwrap_err(), refusal, "{status} {extra:?}");
        }
    }

    #[test]
    fn a_refusal_is_kept_for_a_short_time_and_covers_no_error() {
        let entry = judged(Class::Public, 404, &answer(&[])).unwrap();
        assert_eq!(entry.lifetimes, Lifetimes { fresh_for_ms: 60_000, ..Lifetimes::default() });
    }

    #[test]
    fn a_304_gives_the_old_body_a_new_position_and_time() {
        let old = judged(Class::Public, 200, &answer(&[])).unwrap();
        let later = NOW.plus_ms(99);
        let new = refreshed(&old, "/p", &answer(&[("stepwell-position", "1-9")]), later).unwrap();
        assert_eq!((new.position.sequence, new.stored_at, new.body), (9, later, old.body.clone()));
        // Without a position it cannot be held against the log, and must not be stored again.
        assert!(refreshed(&old, "/p", &HeaderMap::new(), later).is_none());
    }
}
