//! How old an answer is when it arrives (RFC 9111 §4.2.3).

use http::HeaderMap;
use http::header::{AGE, DATE};
use stepwell_shared::time::Timestamp;

use super::date;
use super::directives::DELTA_S_MAX;

/// When a request was sent and its answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// When the request left.
    pub asked_at: Timestamp,
    /// When the head of the answer came.
    pub answered_at: Timestamp,
}

impl Exchange {
    /// The corrected initial age in milliseconds: the larger of what the answer's `Age` says, with the time that it was
    /// under way, and of what its `Date` says by this clock.
    pub fn initial_age_ms(self, headers: &HeaderMap) -> u64 {
        let under_way_ms = self.answered_at.since_ms(self.asked_at);
        let stated_ms = stated_s(headers).saturating_mul(1000);
        let apparent_ms = date::of(headers, &DATE, self.answered_at)
            .map_or(0, |date| self.answered_at.since_ms(date).saturating_sub(SUBSECOND_MS));
        apparent_ms.max(stated_ms.saturating_add(under_way_ms))
    }
}

/// `Date` counts whole seconds: an answer that was made within this second is not older for that.
const SUBSECOND_MS: u64 = 999;

/// The first member of the first `Age` line, in seconds; 0 where it is absent or no number (RFC 9111 §5.1: a list is
/// read by its first member, an invalid value is passed over).
fn stated_s(headers: &HeaderMap) -> u64 {
    let Some(line) = headers.get(AGE).and_then(|line| line.to_str().ok()) else { return 0 };
    let member = line.split(',').next().unwrap_or_default().trim_matches([' ', '\t']);
    if member.is_empty() || !member.bytes().all(|byte| byte.is_ascii_digit()) {
        return 0;
    }
    member.parse().unwrap_or(DELTA_S_MAX).min(DELTA_S_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    const NOON: Timestamp = Timestamp::from_ms(1_800_000_000_500);

    fn age_ms(age: &[&'static str], date_s: Option<u64>, under_way_ms: u64) -> u64 {
        let mut headers = HeaderMap::new();
        for line in age {
            headers.append(AGE, HeaderValue::from_static(line));
        }
        if let Some(date_s) = date_s {
            headers.insert(DATE, date::format(Timestamp::from_ms(date_s * 1000)));
        }
        Exchange { asked_at: NOON, answered_at: NOON.plus_ms(under_way_ms) }.initial_age_ms(&headers)
    }

    #[test]
    fn an_age_is_the_first_number_that_is_said() {
        for (lines, expected_s) in [
            (&["7200"][..], 7200),
            (&["7200, 0"], 7200),
            (&["0, 7200"], 0),
            (&["7200", "0"], 7200),
            (&["0", "7200"], 0),
            (&["abc"], 0),
            (&["-7200"], 0),
            (&["7200.0"], 0),
            (&["7200;foo=bar"], 0),
            (&["2147483647"], 2_147_483_647),
            (&["2147483649"], DELTA_S_MAX),
            (&["99999999999999999999999"], DELTA_S_MAX),
            (&[], 0),
        ] {
            assert_eq!(age_ms(lines, None, 0), expected_s * 1000, "{lines:?}");
        }
    }

    #[test]
    fn the_older_of_two_clocks_counts() {
        let noon_s = NOON.as_secs();
        assert_eq!(age_ms(&["25"], Some(noon_s - 10), 0), 25_000);
        assert_eq!(age_ms(&["5"], Some(noon_s - 10), 0), 9_501);
        assert_eq!(age_ms(&["15"], Some(noon_s + 10), 0), 15_000);
        assert_eq!(age_ms(&[], Some(noon_s), 0), 0);
        assert_eq!(age_ms(&["15"], None, 2_000), 17_000);
    }
}
