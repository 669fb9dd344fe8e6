//! Dates in header fields: `HTTP-date` (RFC 9110 §5.6.7), as a cache reads it (RFC 9111 §4.2).

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue};
use stepwell_shared::time::Timestamp;

/// What follows the weekday, in each of the three forms. A lower-case letter stands for a character of the day, the
/// month's name, the year, the hour, the minute or the second; `_` for a digit of the day or a space; any other
/// character for itself.
const IMF_FIXDATE: &[u8] = b"dd nnn yyyy hh:mm:ss GMT";
const RFC_850: &[u8] = b"dd-nnn-yy hh:mm:ss GMT";
const ASCTIME: &[u8] = b"nnn _d hh:mm:ss yyyy";

const WEEKDAYS: [&[u8]; 7] =
    [b"Monday", b"Tuesday", b"Wednesday", b"Thursday", b"Friday", b"Saturday", b"Sunday"];

/// Name and days of each month, February's in a year that is no leap year.
const MONTHS: [(&[u8], u64); 12] = [
    (b"Jan", 31),
    (b"Feb", 28),
    (b"Mar", 31),
    (b"Apr", 30),
    (b"May", 31),
    (b"Jun", 30),
    (b"Jul", 31),
    (b"Aug", 31),
    (b"Sep", 30),
    (b"Oct", 31),
    (b"Nov", 30),
    (b"Dec", 31),
];

/// Days from the first day of year 0 to the Unix epoch, in the Gregorian calendar reckoned backwards.
const EPOCH_DAYS: u64 = 719_528;
const DAY_S: u64 = 24 * 3600;
/// Fifty mean Gregorian years of 365.2425 days.
const FIFTY_YEARS_MS: u64 = 50 * 31_556_952_000;
/// The last second that four digits of a year can say.
const LAST_S: u64 = 253_402_300_799;

/// The one date of a field; `None` where the field is absent, is given on several lines or is no date.
pub fn of(headers: &HeaderMap, name: &HeaderName, now: Timestamp) -> Option<Timestamp> {
    let mut lines = headers.get_all(name).iter();
    let line = lines.next()?;
    if lines.next().is_some() { None } else { parse(line.as_bytes(), now) }
}

/// A date in any of the three forms of RFC 9110 §5.6.7, to the second.
///
/// Names of days, months and the zone are read in any case, as RFC 9111 §4.2 lets caches do; all else is held to the
/// grammar. A weekday need not be the date's: the RFC asks nobody to check, and the date is unambiguous without it.
/// Dates before 1970 are the epoch itself, since all that a cache asks is whether they are past. `now` tells the
/// century of a year of two digits.
pub fn parse(text: &[u8], now: Timestamp) -> Option<Timestamp> {
    let mut parts = text.splitn(2, |b| *b == b' ');
    let (weekday, rest) = (parts.next()?, parts.next()?);
    let is_short = |name: &[u8]| WEEKDAYS.iter().any(|day| day.get(..3).is_some_and(|d| same(d, name)));
    match weekday.strip_suffix(b",") {
        Some(name) if is_short(name) => Fields::read(rest, IMF_FIXDATE)?.timestamp(),
        Some(name) if WEEKDAYS.iter().any(|day| same(day, name)) => {
            Fields::read(rest, RFC_850)?.in_century_near(now)
        }
        None if is_short(weekday) => Fields::read(rest, ASCTIME)?.timestamp(),
        _ => None,
    }
}

/// The date as IMF-fixdate, the one form that may be sent. Milliseconds are cut off; the year ends at 9999.
pub fn format(date: Timestamp) -> HeaderValue {
    let since_epoch = Duration::from_secs(date.as_secs().min(LAST_S));
    let text = SystemTime::UNIX_EPOCH.checked_add(since_epoch).map(httpdate::fmt_http_date);
    let value = text.and_then(|text| HeaderValue::try_from(text).ok());
    value.unwrap_or(HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT"))
}

/// The numbers of a date as they were written.
#[derive(Clone, Copy, Default)]
struct Fields {
    year: u64,
    /// From 1.
    day: u64,
    /// The month's name.
    month: [u8; 3],
    hour: u64,
    minute: u64,
    second: u64,
}

impl Fields {
    fn read(text: &[u8], form: &[u8]) -> Option<Self> {
        if text.len() != form.len() {
            return None;
        }
        let mut fields = Self::default();
        for (byte, expected) in text.iter().copied().zip(form) {
            let number = match expected {
                b'_' if byte == b' ' => continue,
                b'd' | b'_' => &mut fields.day,
                b'y' => &mut fields.year,
                b'h' => &mut fields.hour,
                b'm' => &mut fields.minute,
                b's' => &mut fields.second,
                b'n' => {
                    let [_, second, third] = fields.month;
                    fields.month = [second, third, byte];
                    continue;
                }
                literal if byte.eq_ignore_ascii_case(literal) => continue,
                _ => return None,
            };
            let digit = char::from(byte).to_digit(10)?;
            *number = number.saturating_mul(10).saturating_add(u64::from(digit));
        }
        Some(fields)
    }

    /// `None` where the calendar or the clock has no such date. Second 60 is a leap second (RFC 9110 §5.6.7), which
    /// Unix time counts as the next minute's first.
    fn timestamp(self) -> Option<Timestamp> {
        let month = MONTHS.iter().position(|(name, _)| same(name, &self.month))?;
        let is_leap =
            self.year.is_multiple_of(4) && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        let length = |(name, days): &(&[u8], u64)| {
            if is_leap && *name == b"Feb" { days.saturating_add(1) } else { *days }
        };
        let in_range = (1..=length(MONTHS.get(month)?)).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second <= 60;
        if !in_range {
            return None;
        }
        // Year 0 is a leap year, so a year's leap years before it are rounded up.
        let leap_days = self
            .year
            .div_ceil(4)
            .saturating_sub(self.year.div_ceil(100))
            .saturating_add(self.year.div_ceil(400));
        let days = self
            .year
            .saturating_mul(365)
            .saturating_add(leap_days)
            .saturating_add(MONTHS.iter().take(month).map(length).sum())
            .saturating_add(self.day)
            .saturating_sub(1);
        let seconds = days
            .saturating_mul(DAY_S)
            .saturating_add(self.hour.saturating_mul(3600))
            .saturating_add(self.minute.saturating_mul(60))
            .saturating_add(self.second)
            .saturating_sub(EPOCH_DAYS.saturating_mul(DAY_S));
        Some(Timestamp::from_ms(seconds.saturating_mul(1000)))
    }

    /// A year of two digits, in the last century in which the date is at most 50 years ahead (RFC 9110 §5.6.7).
    fn in_century_near(mut self, now: Timestamp) -> Option<Timestamp> {
        let horizon =
            Timestamp::from_ms(now.as_ms().min(LAST_S.saturating_mul(1000))).plus_ms(FIFTY_YEARS_MS);
        // At least the horizon's year: the mean year may lead the calendar's by some hours, never by a whole year.
        let year = (horizon.as_secs() / (FIFTY_YEARS_MS / 50_000)).saturating_add(1971);
        let years_back = year.saturating_sub(self.year) % 100;
        self.year = year.saturating_sub(years_back);
        let date = self.timestamp()?;
        if date <= horizon {
            return Some(date);
        }
        self.year = self.year.saturating_sub(100);
        self.timestamp()
    }
}

fn same(a: &[u8], b: &[u8]) -> bool {
    a.eq_ignore_ascii_case(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::EXPIRES;
    use proptest::prelude::*;

    /// 2026-10-18 00:00:00.
    const NOW: Timestamp = Timestamp::from_ms(1_792_281_600_000);

    fn seconds(text: &str) -> Option<u64> {
        parse(text.as_bytes(), NOW).map(Timestamp::as_secs)
    }

    #[test]
    fn the_three_forms_say_the_same() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun Nov 06 08:49:37 1994",
            "SUN, 06 NOV 1994 08:49:37 gmt",
            "Fri, 06 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(seconds(text), Some(784_111_777), "{text}");
        }
    }

    #[test]
    fn dates_are_read_far_into_either_direction() {
        assert_eq!(seconds("Tue, 19 Jan 2038 03:14:08 GMT"), Some(2_147_483_648));
        assert_eq!(seconds("Sat, 20 Nov 2286 17:46:40 GMT"), Some(10_000_000_000));
        assert_eq!(seconds("Fri, 31 Dec 9999 23:59:59 GMT"), Some(LAST_S));
        for past in
            ["Wed, 31 Dec 1969 23:59:59 GMT", "Sat, 01 Jan 0000 00:00:00 GMT", "Thu Jan  1 00:00:00 1970"]
        {
            assert_eq!(seconds(past), Some(0), "{past}");
        }
        assert_eq!(seconds("Sat, 31 Dec 2016 23:59:60 GMT"), Some(1_483_228_800));
        assert_eq!(seconds("Tue, 29 Feb 2000 00:00:00 GMT"), Some(951_782_400));
        assert_eq!(seconds("Wed, 01 Mar 2000 00:00:00 GMT"), Some(951_868_800));
    }

    #[test]
    fn what_the_grammar_does_not_say_is_no_date() {
        for text in [
            "",
            "0",
            "Thu, 18 Aug 2050 02:01:18 UTC",
            "Thu, 18 Aug 2050 02:01:18 GMT ",
            " Thu, 18 Aug 2050 02:01:18 GMT",
            "Thu, 18 Aug 50 02:01:18 GMT",
            "Thu 18 Aug 2050 02:01:18 GMT",
            "Thu,18 Aug 2050 02:01:18 GMT",
            "Thu, 18  Aug  2050 02:01:18 GMT",
            "Thu, 18-Aug-2050 02:01:18 GMT",
            "Thu, 18 Aug 2050 02.01.18 GMT",
            "Thu, 18 Aug 2050 2:01:18 GMT",
            "Thu, 8 Aug 2050 02:01:18 GMT",
            "Thursday, 18 Aug 2050 02:01:18 GMT",
            "Thu, 18 Foo 2050 02:01:18 GMT",
            "Thu, +8 Aug 2050 02:01:18 GMT",
            "Thu, 00 Aug 2050 02:01:18 GMT",
            "Thu, 29 Feb 2100 02:01:18 GMT",
            "Thu, 18 Aug 2050 24:01:18 GMT",
            "Thu, 18 Aug 2050 02:60:18 GMT",
            "Thu, 18 Aug 2050 02:01:61 GMT",
            "Thu Aug 8 02:01:18 2050",
            "Thu, Aug  8 02:01:18 2050",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn a_year_of_two_digits_is_at_most_fifty_years_ahead() {
        let same_date = |short: &str, long: &str| assert_eq!(seconds(short), seconds(long), "{short}");
        same_date("Thursday, 18-Aug-50 02:01:18 GMT", "Thu, 18 Aug 2050 02:01:18 GMT");
        same_date("Saturday, 17-Oct-76 00:00:00 GMT", "Sat, 17 Oct 2076 00:00:00 GMT");
        same_date("Tuesday, 19-Oct-76 00:00:00 GMT", "Tue, 19 Oct 1976 00:00:00 GMT");
        same_date("Monday, 03-Jan-77 00:00:00 GMT", "Mon, 03 Jan 1977 00:00:00 GMT");
        assert_eq!(
            parse(b"Monday, 01-Jan-21 00:00:00 GMT", Timestamp::default()),
            Some(Timestamp::default())
        );
    }

    #[test]
    fn a_field_is_one_date_on_one_line() {
        let mut headers = HeaderMap::new();
        assert_eq!(of(&headers, &EXPIRES, NOW), None);
        headers.append(EXPIRES, HeaderValue::from_static("Thu, 18 Aug 2050 02:01:18 GMT"));
        assert!(of(&headers, &EXPIRES, NOW).is_some());
        headers.append(EXPIRES, HeaderValue::from_static("Thu, 18 Aug 2050 02:01:18 GMT"));
        assert_eq!(of(&headers, &EXPIRES, NOW), None);
    }

    #[test]
    fn dates_are_sent_as_imf_fixdate() {
        assert_eq!(format(Timestamp::from_ms(784_111_777_999)), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(format(Timestamp::from_ms(u64::MAX)), "Fri, 31 Dec 9999 23:59:59 GMT");
    }

    proptest! {
        #[test]
        fn what_is_sent_is_read_back(seconds in 0..=LAST_S, now in any::<u64>()) {
            let date = Timestamp::from_ms(seconds * 1000);
            prop_assert_eq!(parse(format(date).as_bytes(), Timestamp::from_ms(now)), Some(date));
        }

        #[test]
        fn no_text_and_no_clock_panics(text in "([A-Za-z]{3,9},? [0-9A-Za-z :-]{20,24}|.{0,32})", now in any::<u64>()) {
            let _ = parse(text.as_bytes(), Timestamp::from_ms(now));
        }

        #[test]
        fn a_short_year_is_never_more_than_fifty_years_ahead(year in 0..100_u64, now in 0..LAST_S) {
            let now = Timestamp::from_ms(now * 1000);
            let text = std::format!("Monday, 18-Aug-{year:02} 02:01:18 GMT");
            let date = parse(text.as_bytes(), now).unwrap();
            prop_assert!(date <= now.plus_ms(FIFTY_YEARS_MS));
            prop_assert!(date.as_ms() == 0 || now.since_ms(date) <= FIFTY_YEARS_MS + 86_400_000);
        }
    }
}
