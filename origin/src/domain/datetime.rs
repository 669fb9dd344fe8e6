//! Points in time: RFC 3339 text outside, milliseconds since the Unix epoch inside.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::fmt::Write;
use jiff::fmt::temporal::DateTimePrinter;

/// 0000-01-01T00:00:00Z: RFC 3339 knows no earlier year.
const EARLIEST_MS: i64 = -62_167_219_200_000;
/// Always three digits of the second, so that a value has one text.
static PRINTER: LazyLock<DateTimePrinter> = LazyLock::new(|| DateTimePrinter::new().precision(Some(3)));

/// Reads an RFC 3339 `date-time`. What is finer than a millisecond is cut off. `None` for any other text, and for
/// times outside the years 0 to 9999.
pub fn parse(text: &str) -> Option<i64> {
    // jiff reads all of ISO 8601 and more; a value that other readers of RFC 3339 refuse is refused here.
    if !has_form_of_rfc3339(text.as_bytes()) {
        return None;
    }
    let at: Timestamp = text.parse().ok()?;
    let ms = i64::try_from(at.as_nanosecond().div_euclid(1_000_000)).ok()?;
    (ms >= EARLIEST_MS).then_some(ms)
}

/// Appends RFC 3339 in UTC with milliseconds: `2026-11-23T19:00:00.000Z`. A column that holds a time outside the years
/// 0 to 9999, which no write through the API stores, is shown as the nearest time inside.
pub fn write(ms: i64, out: &mut Vec<u8>) {
    print(ms, out);
}

/// The text that [`write()`] appends.
pub fn to_text(ms: i64) -> String {
    let mut text = String::with_capacity(24);
    print(ms, &mut text);
    text
}

/// `out` is memory: it cannot fail.
fn print(ms: i64, out: impl Write) {
    let at = Timestamp::from_millisecond(ms.max(EARLIEST_MS)).unwrap_or(Timestamp::MAX);
    PRINTER.print_timestamp(&at, out).expect("writing to memory cannot fail");
}

/// `YYYY-MM-DDThh:mm:ss`, an optional fraction, then `Z` or `±hh:mm`.
fn has_form_of_rfc3339(text: &[u8]) -> bool {
    let Some((clock, rest)) = text.split_at_checked("YYYY-MM-DDThh:mm:ss".len()) else { return false };
    let fits = |pattern: &[u8], text: &[u8]| {
        pattern.len() == text.len()
            && pattern.iter().zip(text).all(|(expected, byte)| match expected {
                b'0' => byte.is_ascii_digit(),
                b'+' => matches!(byte, b'+' | b'-'),
                other => other.eq_ignore_ascii_case(byte),
            })
    };
    let offset = match rest.strip_prefix(b".") {
        Some(fraction) => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return false;
            }
            fraction.get(digits..).unwrap_or_default()
        }
        None => rest,
    };
    fits(b"0000-00-00T00:00:00", clock) && (fits(b"Z", offset) || fits(b"+00:00", offset))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_time_that_is_printed_is_read_back(ms in EARLIEST_MS..253_402_000_000_000_i64) {
            prop_assert_eq!(parse(&to_text(ms)), Some(ms));
        }

        #[test]
        fn any_accepted_text_means_one_time(text in "[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{0,10})?(Z|z|[+-][0-2][0-9]:?[0-5][0-9])?") {
            if let Some(ms) = parse(&text) {
                prop_assert_eq!(parse(&to_text(ms)), Some(ms));
            }
        }
    }

    #[test]
    fn only_rfc_3339_is_read() {
        assert_eq!(parse("1970-01-01T00:00:01Z"), Some(1000));
        assert_eq!(parse("1970-01-01t00:00:01.5z"), Some(1500));
        assert_eq!(parse("1970-01-01T01:00:00.0019+01:00"), Some(1));
        assert_eq!(parse("1969-12-31T23:59:59.9999Z"), Some(-1));
        assert_eq!(parse("2016-12-31T23:59:60Z"), parse("2016-12-31T23:59:59Z"));
        for bad in [
            "",
            "1970-01-01",
            "1970-01-01T00:00:01",
            "1970-01-01 00:00:01Z",
            "1970-01-01T00:00:01.Z",
            "1970-01-01T00:00Z",
            "1970-01-01T00:00:01+0100",
            "1970-01-01T00:00:01Z[UTC]",
            "1970-13-01T00:00:01Z",
            "0000-01-01T00:00:00+01:00",
            "+001970-01-01T00:00:01Z",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_column_out_of_range_is_shown_as_the_nearest_time() {
        assert_eq!(to_text(i64::MIN), "0000-01-01T00:00:00.000Z");
        assert!(to_text(i64::MAX).starts_with("9999-12-30T"));
    }
}
