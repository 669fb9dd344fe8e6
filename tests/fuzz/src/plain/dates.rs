//! Dates.

use std::time::UNIX_EPOCH;

use http::{HeaderMap, HeaderName};

/// The seconds of a field's one date, since the epoch. A year of two digits is odd: readers differ on its century. So is
/// a date before the epoch.
pub fn date_s(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    let text = super::line(headers, name)?;
    read_s(text)
}

/// The seconds of a text that is a date and nothing else.
pub fn read_s(text: &str) -> Option<u64> {
    let is_sane = !text.contains('-') && text.trim() == text;
    let date = httpdate::parse_http_date(text).ok().filter(|_| is_sane)?;
    Some(date.duration_since(UNIX_EPOCH).ok()?.as_secs())
}
