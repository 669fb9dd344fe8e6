//! The origin: what it says is the script's, what it holds follows from that.

use http::header::ETAG;
use http::{HeaderMap, Method, StatusCode};
use stepwell_edge_core::cache::rfc9111::asked::Asked;
use stepwell_edge_core::cache::rfc9111::date;
use stepwell_shared::time::Timestamp;

use super::super::script::Reply;
use super::super::witness::Portion;
use crate::content::Content;
use crate::plain::{self, ContentRange};

/// Bytes of an answer's content where neither script nor `Content-Range` says.
const BYTES: u64 = 10;
/// Bytes of an answer's content at the most, so that a script is played fast.
const BYTES_MAX: u64 = 1 << 12;

/// A header that is sent now: dates that are said relative to it become dates.
pub(super) fn dated(headers: &HeaderMap, now: Timestamp) -> HeaderMap {
    let mut headers = headers.clone();
    for value in headers.values_mut() {
        let offset_s = value.to_str().ok().and_then(|text| text.strip_prefix('@')?.parse().ok());
        if let Some(offset_s) = offset_s {
            let date_s = now.as_secs().saturating_add_signed(offset_s);
            *value = date::format(Timestamp::from_ms(date_s.saturating_mul(1000)));
        }
    }
    headers
}

/// What an answer holds of its content. A strong entity tag means the same bytes wherever it comes; any other answer
/// has content of its own, so that bytes of two answers cannot be mixed unseen.
pub(super) fn portion(reply: &Reply, status: StatusCode, asked: &Asked, ordinal: usize) -> Option<Portion> {
    let has_none = matches!(status.as_u16(), 100..=199 | 204 | 304);
    if asked.method == Method::HEAD
        || status == StatusCode::NOT_MODIFIED
        || (has_none && status != StatusCode::NO_CONTENT)
    {
        return None;
    }
    let tag = plain::line(&reply.headers, &ETAG).filter(|tag| is_strong(tag));
    let content =
        tag.map_or_else(|| Content::of_answer(ordinal), |tag| Content::of_tag(&asked.key, tag.as_bytes()));
    let range = plain::content_range(&reply.headers).filter(|_| status == StatusCode::PARTIAL_CONTENT);
    let (first, promised, complete) = match range {
        Some(ContentRange::Bytes { first, last, complete }) => (first, last - first + 1, complete),
        _ => (0, BYTES, None),
    };
    let bytes = reply.bytes.map_or(promised, |bytes| bytes as u64).min(BYTES_MAX);
    let bytes = if has_none { 0 } else { usize::try_from(bytes).ok()? };
    Some(Portion { content, first, bytes, complete })
}

fn is_strong(tag: &str) -> bool {
    tag.len() > 1
        && tag
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .is_some_and(|opaque| !opaque.contains('"'))
}
