//! What of the content a request wants, held against what of it a stored answer has (RFC 9110 §14.2, RFC 9111 §3.3).

use http::{HeaderMap, Method};
use stepwell_shared::time::Timestamp;

use super::asked::Asked;
use super::partial::{ByteRange, Sliced, Wanted, may_serve_range};
use super::stored::Stored;

/// Whether the stored bytes are all that the request wants. A part answers for ranges within it alone (§3.3), not for
/// those behind the end that it tells of.
pub(super) fn suffices(stored: &Stored, asked: &Asked, request: &HeaderMap, now: Timestamp) -> bool {
    let Some(part) = &stored.part else { return true };
    let Some(range) = wanted_range(stored, asked, request, now) else { return false };
    matches!(part.slice(&stored.entry.body, range), Sliced::Satisfied { .. })
}

/// The range to serve of a stored answer; `None` where all of it is wanted, or `If-Range` speaks of other content.
pub(super) fn wanted_range(
    stored: &Stored,
    asked: &Asked,
    request: &HeaderMap,
    now: Timestamp,
) -> Option<ByteRange> {
    // RFC 9110 §14.2: only GET knows ranges.
    if asked.method != Method::GET || !may_serve_range(request, &stored.entry.headers, now) {
        return None;
    }
    match Wanted::of(request) {
        Wanted::One(range) => Some(range),
        Wanted::Whole | Wanted::Several => None,
    }
}

/// Whether the rest of a stored part would make up the whole that is wanted.
pub(super) fn completes(stored: &Stored, asked: &Asked, request: &HeaderMap) -> bool {
    let bytes = stored.entry.body.len() as u64;
    asked.method == Method::GET
        && Wanted::of(request) == Wanted::Whole
        && stored.part.is_some_and(|part| part.missing(bytes).is_some())
}
