//! An origin that does what it is asked: conditions and ranges (RFC 9110 §13, §14).

use http::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::plain;

/// The status, and the `Content-Range` where there is one, of the answer about content of so many bytes under this
/// header.
pub(super) fn answer(
    method: &Method,
    sent: &HeaderMap,
    headers: &HeaderMap,
    bytes: u64,
) -> (StatusCode, Option<HeaderValue>) {
    if has_it(sent, headers) {
        return (StatusCode::NOT_MODIFIED, None);
    }
    match wanted(sent, bytes).filter(|_| *method == Method::GET && is_of_same(sent, headers)) {
        None => (StatusCode::OK, None),
        Some((first, last)) if first <= last => {
            (StatusCode::PARTIAL_CONTENT, said(format!("bytes {first}-{last}/{bytes}")))
        }
        Some(_) => (StatusCode::RANGE_NOT_SATISFIABLE, said(format!("bytes */{bytes}"))),
    }
}

fn said(text: String) -> Option<HeaderValue> {
    HeaderValue::try_from(text).ok()
}

fn has_it(sent: &HeaderMap, headers: &HeaderMap) -> bool {
    if let Some(tags) = plain::line(sent, &IF_NONE_MATCH) {
        let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        let own = plain::line(headers, &ETAG).map(opaque);
        return tags == "*" || tags.split(',').any(|tag| Some(opaque(tag)) == own);
    }
    sent.contains_key(IF_MODIFIED_SINCE) && sent.get(IF_MODIFIED_SINCE) == headers.get(LAST_MODIFIED)
}

/// Whether `If-Range`, if it is there, speaks of this content.
fn is_of_same(sent: &HeaderMap, headers: &HeaderMap) -> bool {
    let validator = sent.get(IF_RANGE);
    validator.is_none() || validator == headers.get(ETAG) || validator == headers.get(LAST_MODIFIED)
}

/// The first and the last position that are wanted of so many bytes, the first behind the last where there are none.
fn wanted(sent: &HeaderMap, bytes: u64) -> Option<(u64, u64)> {
    let (first, last) = plain::line(sent, &RANGE)?.strip_prefix("bytes=")?.split_once('-')?;
    let end = bytes.checked_sub(1)?;
    match (plain::number(first), plain::number(last)) {
        (Some(first), Some(last)) if first <= last => Some((first, last.min(end))),
        (Some(first), None) if last.is_empty() => Some((first, end)),
        (None, Some(0)) if first.is_empty() => Some((bytes, end)),
        (None, Some(count)) if first.is_empty() => Some((bytes.saturating_sub(count), end)),
        _ => None,
    }
}
