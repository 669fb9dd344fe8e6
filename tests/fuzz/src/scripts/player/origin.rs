//! The origin: what it says is the script's, what it holds follows from that.

mod honest;

use http::header::{CONTENT_RANGE, ETAG};
use http::{HeaderMap, Method, StatusCode};
use stepwell_edge_core::cache::rfc9111::asked::Asked;
use stepwell_edge_core::cache::rfc9111::date;
use stepwell_shared::time::Timestamp;

use super::super::script::{Reply, Said};
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

/// An answer as it is sent.
pub(super) struct Told {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// Bytes of content where the script says.
    bytes: Option<u64>,
}

/// The answer to a question with this header; `None` where the origin cannot be reached.
pub(super) fn told(reply: &Reply, method: &Method, sent: &HeaderMap, now: Timestamp) -> Option<Told> {
    let mut headers = dated(&reply.headers, now);
    match reply.said {
        Said::Nothing => None,
        Said::Status(status) => Some(Told { status, headers, bytes: reply.bytes }),
        Said::Honestly => {
            let whole = reply.bytes.unwrap_or(BYTES).min(BYTES_MAX);
            let (status, range) = honest::answer(method, sent, &headers, whole);
            headers.remove(CONTENT_RANGE);
            let bytes = range.is_none().then_some(whole);
            headers.extend(range.map(|range| (CONTENT_RANGE, range)));
            Some(Told { status, headers, bytes })
        }
    }
}

/// What an answer holds of its content. A strong entity tag means the same bytes wherever it comes; any other answer
/// has content of its own, so that bytes of two answers cannot be mixed unseen.
pub(super) fn portion(told: &Told, asked: &Asked, ordinal: usize) -> Option<Portion> {
    let Told { status, headers, bytes } = told;
    let has_none = matches!(status.as_u16(), 100..=199 | 204 | 304);
    if asked.method == Method::HEAD || (has_none && *status != StatusCode::NO_CONTENT) {
        return None;
    }
    let tag = plain::line(headers, &ETAG).filter(|tag| is_strong(tag));
    let content =
        tag.map_or_else(|| Content::of_answer(ordinal), |tag| Content::of_tag(&asked.key, tag.as_bytes()));
    let range = plain::content_range(headers).filter(|_| *status == StatusCode::PARTIAL_CONTENT);
    let (first, promised, complete) = match range {
        Some(ContentRange::Bytes { first, last, complete }) => (first, last - first + 1, complete),
        _ => (0, BYTES, None),
    };
    let bytes = bytes.unwrap_or(promised).min(BYTES_MAX);
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
