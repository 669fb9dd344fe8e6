//! Dates.

use http::header::DATE;
use http::{HeaderMap, HeaderValue};
use stepwell_edge_core::cache::rfc9111::date;
use stepwell_shared::time::Timestamp;

use super::NOW;
use crate::plain;

/// The last second of the year 9999, behind which no date can be sent.
const LAST_S: u64 = 253_402_300_799;

pub(super) fn check(headers: &HeaderMap) {
    for value in headers.values() {
        check_value(value);
    }
}

fn check_value(value: &HeaderValue) {
    let read = date::parse(value.as_bytes(), NOW);
    // RFC 9111 §4.2: in any case.
    assert_eq!(date::parse(&value.as_bytes().to_ascii_uppercase(), NOW), read, "{value:?}");
    if let Some(read) = read {
        assert!(read.as_ms() % 1000 == 0 && read.as_secs() <= LAST_S + 1, "{value:?} is {read:?}");
        let sent = date::format(read.min(Timestamp::from_ms(LAST_S * 1000)));
        assert_eq!(
            date::parse(sent.as_bytes(), NOW),
            Some(read.min(Timestamp::from_ms(LAST_S * 1000))),
            "{value:?}"
        );
    }
    // What another reader takes for a date is that date.
    if let Some(other_s) = value.to_str().ok().and_then(plain::read_s) {
        assert_eq!(read.map(Timestamp::as_secs), Some(other_s), "{value:?}");
    }
    let twice = HeaderMap::from_iter([(DATE, value.clone())]);
    assert_eq!(date::of(&twice, &DATE, NOW), read);
}
