//! Ranges of bytes.

use http::HeaderMap;
use http::header::CONTENT_RANGE;

/// What a `Content-Range` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentRange {
    /// `bytes FIRST-LAST/COMPLETE`, the last from the first on and before the end.
    Bytes {
        /// The first position.
        first: u64,
        /// The last position.
        last: u64,
        /// Bytes of the whole, where they are known.
        complete: Option<u64>,
    },
    /// `bytes */COMPLETE`.
    Unsatisfied {
        /// Bytes of the whole.
        complete: u64,
    },
}

/// Reads the one `Content-Range`.
pub fn content_range(headers: &HeaderMap) -> Option<ContentRange> {
    let (unit, text) = super::line(headers, &CONTENT_RANGE)?.split_once(' ')?;
    let (range, complete) = text.split_once('/').filter(|_| unit.eq_ignore_ascii_case("bytes"))?;
    if range == "*" {
        return Some(ContentRange::Unsatisfied { complete: super::number(complete)? });
    }
    let complete = if complete == "*" { None } else { Some(super::number(complete)?) };
    let (first, last) = range.split_once('-')?;
    let (first, last) = (super::number(first)?, super::number(last)?);
    let is_sane = first <= last && complete.is_none_or(|complete| last < complete) && last < u64::MAX;
    is_sane.then_some(ContentRange::Bytes { first, last, complete })
}
