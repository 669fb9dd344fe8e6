//! `Range`, `If-Range`, `Content-Range`.

use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_RANGE, ETAG, IF_RANGE};
use stepwell_edge_core::cache::rfc9111::partial::{
    ByteRange, Part, Sliced, Wanted, combine, may_serve_range, share_strong_validator,
};

use super::NOW;
use crate::content::Content;
use crate::plain::{self, ContentRange};

/// Bytes of the representation that ranges are cut from.
const WHOLE: usize = 20;

pub(super) fn check(headers: &HeaderMap) {
    let content = Content::of_tag("ranges", b"");
    check_part(headers, content);
    if let Wanted::One(range) = Wanted::of(headers) {
        let body = Bytes::from(content.bytes(0, WHOLE));
        check_slice(&Part::whole(WHOLE as u64), &body, range, content);
    }
    check_condition(headers);
}

/// What a part holds is what its `Content-Range` says, as far as the bytes bear it out.
fn check_part(headers: &HeaderMap, content: Content) {
    let said = plain::content_range(headers);
    let promised = match said {
        Some(ContentRange::Bytes { first, last, .. }) => {
            usize::try_from(last - first + 1).unwrap_or(WHOLE).min(WHOLE)
        }
        _ => WHOLE,
    };
    for length in [0, 1, promised.saturating_sub(1), promised, promised + 1] {
        let Some(part) = Part::of(headers, length as u64) else { continue };
        let Some(ContentRange::Bytes { first, last, complete }) = said else {
            panic!("{part:?} of {:?}", headers.get(CONTENT_RANGE))
        };
        assert_eq!((part.first, part.exact), (first, last - first + 1 == length as u64));
        assert!(!part.exact || part.complete == complete);
        assert!(
            part.complete.is_none_or(|complete| first + length as u64 <= complete),
            "{part:?} of {length} bytes"
        );
        let body = Bytes::from(content.bytes(first, length));
        if let Wanted::One(range) = Wanted::of(headers) {
            check_slice(&part, &body, range, content);
        }
        check_combined(&part, &body, content);
    }
}

/// A slice is the bytes that it says it is, and all that were asked for.
fn check_slice(part: &Part, body: &Bytes, range: ByteRange, content: Content) {
    let (slice, says) = match part.slice(body, range) {
        Sliced::Satisfied { body, content_range } => (Some(body), content_range),
        Sliced::Unsatisfiable { content_range } => (None, content_range),
        Sliced::NotHeld => return,
    };
    let said = plain::content_range(&HeaderMap::from_iter([(CONTENT_RANGE, says)]));
    match (slice, said) {
        (Some(slice), Some(ContentRange::Bytes { first, last, complete })) => {
            assert_eq!((slice.len() as u64, complete), (last - first + 1, part.complete));
            assert!(content.holds(first, &slice), "{range:?} of {part:?}");
            let end = complete.unwrap_or(u64::MAX);
            let is_wanted = match range {
                ByteRange::FromTo { first: from, last: to } => first == from && last == to.min(end - 1),
                ByteRange::From { first: from } => first == from && last == end - 1,
                ByteRange::Last { bytes } => last == end - 1 && first == end.saturating_sub(bytes),
            };
            assert!(is_wanted, "{range:?}: {first}-{last}/{end}");
        }
        (None, Some(ContentRange::Unsatisfied { complete })) => {
            let is_behind = match range {
                ByteRange::FromTo { first, .. } | ByteRange::From { first } => first >= complete,
                ByteRange::Last { bytes } => bytes == 0,
            };
            assert!(is_behind && part.complete == Some(complete), "{range:?} of {part:?}");
        }
        (slice, said) => panic!("{slice:?} is said to be {said:?}"),
    }
}

/// Whatever a part is put together with, its bytes stay where they stand.
fn check_combined(part: &Part, body: &Bytes, content: Content) {
    let beginning = Part { first: 0, complete: part.complete, exact: true };
    let held = Bytes::from(content.bytes(0, WHOLE / 2));
    if let Some((both, bytes)) = combine((&beginning, &held), (part, body)) {
        assert!(both.first == 0 && content.holds(0, &bytes) && bytes.len() >= held.len().max(body.len()));
    }
}

/// RFC 9110 §13.1.5: a range of the very content that the client has, and of no other.
fn check_condition(headers: &HeaderMap) {
    let mut request = HeaderMap::new();
    assert!(may_serve_range(&request, headers, NOW), "there is no condition");
    if let Some(etag) = headers.get(ETAG) {
        request.insert(IF_RANGE, etag.clone());
        let is_date = !etag.as_bytes().starts_with(b"\"");
        assert!(
            is_date || may_serve_range(&request, headers, NOW) == share_strong_validator(headers, headers)
        );
        assert!(!(etag.as_bytes().starts_with(b"W/") && may_serve_range(&request, headers, NOW)), "{etag:?}");
    }
}
