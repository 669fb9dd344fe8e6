//! Durations and sizes as people write them in configurations and declarations: `10m`, `64MiB`.

use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo};

/// Units of a size, largest first. Decimal ones are read too, since they mean one thing only.
const BINARY_UNITS: [(&str, u64); 5] =
    [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];
const DECIMAL_UNITS: [(&str, u64); 4] =
    [("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];

/// Reads `250ms`, `10m`, `1h 30m` or `7d`; a day has 24 hours. `None` for what is no duration, is negative, or holds
/// months or years, which have no fixed length.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let span: Span = text.parse().ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(duration).ok()
}

/// Writes a duration such that [`parse_duration`] reads it.
pub fn write_duration(duration: Duration) -> String {
    let signed = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
    format!("{signed:#}")
}

/// Reads `512KiB`, `64MiB`, `1GB` or `100B` into bytes. `None` for what is no size or is over 2^64 bytes.
pub fn parse_size(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let units = BINARY_UNITS.iter().chain(&DECIMAL_UNITS);
    let (_, bytes) = units.into_iter().find(|(name, _)| *name == unit.trim_start())?;
    number.parse::<u64>().ok()?.checked_mul(*bytes)
}

/// Writes bytes in the largest unit that says them exactly.
pub fn write_size(bytes: u64) -> String {
    let fits = |unit: u64| bytes >= unit && bytes.is_multiple_of(unit);
    let unit = BINARY_UNITS.iter().find(|(_, unit)| fits(*unit));
    unit.map_or_else(|| "0B".to_owned(), |(name, unit)| format!("{}{name}", bytes / unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        let seconds = |text| parse_duration(text).map(|duration| duration.as_secs());
        assert_eq!(seconds("10m"), Some(600));
        assert_eq!(seconds("1h 30m"), Some(5400));
        assert_eq!(seconds("1d"), Some(86_400));
        assert_eq!(parse_duration("250ms"), Some(Duration::from_millis(250)));
        for bad in ["", "10", "ten minutes", "10 parsecs", "-1s", "1 month", "1y", "99999999999999d"] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        assert_eq!(parse_size("64MiB"), Some(64 << 20));
        assert_eq!(parse_size("64 MiB"), Some(64 << 20));
        assert_eq!(parse_size("1GB"), Some(1_000_000_000));
        assert_eq!(parse_size("0B"), Some(0));
        for bad in ["", "64", "MiB", "-1MiB", "1.5MiB", "64mib", "64MiB!", "20000000TiB"] {
            assert_eq!(parse_size(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(bytes: u64, ms in 0..u64::from(u32::MAX)) {
            prop_assert_eq!(parse_size(&write_size(bytes)), Some(bytes));
            let duration = Duration::from_millis(ms);
            prop_assert_eq!(parse_duration(&write_duration(duration)), Some(duration));
        }
    }
}
