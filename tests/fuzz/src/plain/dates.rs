//! Dates.

use std::time::UNIX_EPOCH;

use http::{HeaderMap, HeaderName};

/// The seconds of a field's one date, since the epoch. A year of two digits is odd: readers differ on its century.
pub fn date_s(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    let text = super::line(headers, name)?;
    let date = httpdate::parse_http_date(text).ok().filter(|_| !text.contains('-'))?;
    Some(date.duration_since(UNIX_EPOCH).ok()?.as_secs())
}
