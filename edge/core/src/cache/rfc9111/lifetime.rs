//! How long an answer is fresh, and what its origin says of its reuse (RFC 9111 §4.2.1, §4.2.2; RFC 9213).

use http::header::{DATE, EXPIRES, LAST_MODIFIED};
use http::{HeaderMap, StatusCode};
use sfv::{BareItem, Dictionary, ListEntry, Parser};
use stepwell_shared::headers::CDN_CACHE_CONTROL;
use stepwell_shared::time::Timestamp;

use super::date;
use super::directives::{DELTA_S_MAX, ResponseDirectives, Restriction};
use crate::cache::freshness::Lifetimes;

/// The share of its age that an answer without a stated lifetime is thought to last: RFC 9111 §4.2.2's "typical
/// setting" of a tenth.
const HEURISTIC_DIVISOR: u64 = 10;
/// The longest that such a guess is trusted, in milliseconds: a day, so that a wrong one is forgotten overnight.
const HEURISTIC_MS_MAX: u64 = 24 * 3600 * 1000;

/// What an origin says of the reuse of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// The directives that govern: those for CDNs where there are any, else those for everybody.
    pub directives: ResponseDirectives,
    /// How long it is fresh, and what may happen after that.
    pub lifetimes: Lifetimes,
    /// Whether the lifetime is stated (`max-age`, `s-maxage`, `Expires`) and not guessed.
    pub is_explicit: bool,
}

impl Wishes {
    /// Reads the header of an answer that came at `answered_at`.
    pub fn of(status: StatusCode, headers: &HeaderMap, answered_at: Timestamp) -> Self {
        let targeted = targeted(headers);
        let is_targeted = targeted.is_some();
        let directives = targeted.unwrap_or_else(|| ResponseDirectives::of(headers));
        let stated_ms = directives
            .s_maxage_s
            .or(directives.max_age_s)
            .map(|seconds| seconds.saturating_mul(1000))
            // RFC 9213 §2.2: where a targeted field governs, `Expires` has no say.
            .or_else(|| if is_targeted { None } else { until_expiry_ms(headers, answered_at) });
        let guessed_ms = || {
            let may_guess = is_heuristically_cacheable(status) || directives.public;
            if may_guess { guessed_ms(headers, answered_at) } else { 0 }
        };
        let in_ms = |seconds: Option<u64>| seconds.unwrap_or(0).saturating_mul(1000);
        let lifetimes = Lifetimes {
            fresh_for_ms: stated_ms.unwrap_or_else(guessed_ms),
            stale_while_revalidate_ms: in_ms(directives.stale_while_revalidate_s),
            stale_if_error_ms: in_ms(directives.stale_if_error_s),
        };
        Self { directives, lifetimes, is_explicit: stated_ms.is_some() }
    }
}

/// The directives of `CDN-Cache-Control`, a structured dictionary; `None` where it is absent, empty or malformed, so
/// that `Cache-Control` governs (RFC 9213 §2.1, §2.2).
fn targeted(headers: &HeaderMap) -> Option<ResponseDirectives> {
    let mut text = Vec::new();
    for line in headers.get_all(CDN_CACHE_CONTROL) {
        if !text.is_empty() {
            text.extend_from_slice(b", ");
        }
        text.extend_from_slice(line.as_bytes());
    }
    let policy: Dictionary =
        Parser::new(&text).parse().ok().filter(|policy: &Dictionary| !policy.is_empty())?;
    // RFC 9213 §2.1: a directive without argument is always true. What is said otherwise still restricts, but permits
    // nothing.
    let flag = |name: &str| policy.contains_key(name);
    let permits = |name: &str| matches!(policy.get(name), Some(ListEntry::Item(item)) if item.bare_item == BareItem::Boolean(true));
    Some(ResponseDirectives {
        max_age_s: seconds(&policy, "max-age"),
        s_maxage_s: seconds(&policy, "s-maxage"),
        no_cache: restriction(&policy, "no-cache"),
        private: restriction(&policy, "private"),
        no_store: flag("no-store"),
        public: permits("public"),
        must_revalidate: flag("must-revalidate"),
        proxy_revalidate: flag("proxy-revalidate"),
        must_understand: permits("must-understand"),
        stale_while_revalidate_s: seconds(&policy, "stale-while-revalidate"),
        stale_if_error_s: seconds(&policy, "stale-if-error"),
    })
}

/// A directive's seconds. One of another type is passed over (RFC 9213 §2.1); a negative one is no time at all.
fn seconds(policy: &Dictionary, name: &str) -> Option<u64> {
    let Some(ListEntry::Item(item)) = policy.get(name) else { return None };
    let BareItem::Integer(seconds) = &item.bare_item else { return None };
    Some(u64::try_from(i64::from(*seconds)).unwrap_or(0).min(DELTA_S_MAX))
}

/// A directive that may name fields. Whatever its argument, it restricts.
fn restriction(policy: &Dictionary, name: &str) -> Restriction {
    match policy.get(name) {
        None => Restriction::None,
        Some(_) => Restriction::All,
    }
}

/// Milliseconds from an answer's `Date`, or where that cannot be read from its arrival, to its `Expires`. What cannot
/// be read, `0` above all, is past (RFC 9111 §5.3).
fn until_expiry_ms(headers: &HeaderMap, answered_at: Timestamp) -> Option<u64> {
    if !headers.contains_key(EXPIRES) {
        return None;
    }
    let made_at = date::of(headers, &DATE, answered_at).unwrap_or(answered_at);
    Some(date::of(headers, &EXPIRES, answered_at).map_or(0, |expires| expires.since_ms(made_at)))
}

/// A tenth of the time that the content had gone unchanged when the answer was made.
fn guessed_ms(headers: &HeaderMap, answered_at: Timestamp) -> u64 {
    let Some(changed_at) = date::of(headers, &LAST_MODIFIED, answered_at) else { return 0 };
    let made_at = date::of(headers, &DATE, answered_at).unwrap_or(answered_at);
    (made_at.since_ms(changed_at) / HEURISTIC_DIVISOR).min(HEURISTIC_MS_MAX)
}

/// Statuses that may be reused for a guessed time (RFC 9110 §15.1).
pub const fn is_heuristically_cacheable(status: StatusCode) -> bool {
    matches!(status.as_u16(), 200 | 203 | 204 | 206 | 300 | 301 | 308 | 404 | 405 | 410 | 414 | 501)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    const NOW: Timestamp = Timestamp::from_ms(1_800_000_000_000);
    const HOUR: u64 = 3600;

    fn wishes(status: u16, fields: &[(&'static str, String)]) -> Wishes {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(HeaderName::from_static(name), HeaderValue::try_from(value).unwrap());
        }
        Wishes::of(StatusCode::from_u16(status).unwrap(), &headers, NOW)
    }

    fn fresh_s(status: u16, fields: &[(&'static str, &str)]) -> u64 {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        wishes(status, &fields).lifetimes.fresh_for_ms / 1000
    }

    fn at(offset_s: i64) -> String {
        let seconds = NOW.as_secs().saturating_add_signed(offset_s);
        date::format(Timestamp::from_ms(seconds * 1000)).to_str().unwrap().to_owned()
    }

    #[test]
    fn the_most_special_statement_counts() {
        let expires = at(99);
        let cases: &[(u64, &[(&str, &str)])] = &[
            (99, &[("expires", &expires)]),
            (5, &[("expires", &expires), ("cache-control", "max-age=5")]),
            (7, &[("expires", &expires), ("cache-control", "max-age=5, s-maxage=7")]),
            (3, &[("cache-control", "s-maxage=7"), ("cdn-cache-control", "max-age=3")]),
            (0, &[("expires", &expires), ("cdn-cache-control", "foo")]),
            (99, &[("expires", &expires), ("cdn-cache-control", "")]),
            (99, &[("expires", &expires), ("cdn-cache-control", "max-age=3, &&&")]),
            (0, &[("expires", "0")]),
            (0, &[("expires", &expires), ("cache-control", "max-age=x")]),
        ];
        for (expected, fields) in cases {
            assert_eq!(fresh_s(200, fields), *expected, "{fields:?}");
        }
    }

    #[test]
    fn expiry_counts_from_the_answers_own_date() {
        let (expires, date) = (at(300), at(400));
        assert_eq!(fresh_s(200, &[("expires", &expires), ("date", &date)]), 0);
        let date = at(-10);
        assert_eq!(fresh_s(200, &[("expires", &expires), ("date", &date)]), 310);
        assert_eq!(fresh_s(200, &[("expires", &expires), ("date", "foo")]), 300);
    }

    #[test]
    fn a_guess_is_a_tenth_of_the_contents_age_and_at_most_a_day() {
        let (hour, year) = (at(-3600), at(-365 * 24 * 3600));
        assert_eq!(fresh_s(200, &[("last-modified", &hour)]), HOUR / 10);
        assert_eq!(fresh_s(200, &[("last-modified", &year)]), 24 * HOUR);
        assert_eq!(fresh_s(503, &[("last-modified", &hour)]), 0);
        assert_eq!(fresh_s(503, &[("last-modified", &hour), ("cache-control", "public")]), HOUR / 10);
        assert!(!wishes(200, &[("last-modified", hour)]).is_explicit);
    }

    #[test]
    fn a_flag_for_cdns_that_is_not_true_permits_nothing() {
        let directives = |text: &str| wishes(200, &[("cdn-cache-control", text.to_owned())]).directives;
        let all = directives("public;a=1, must-understand, no-store, must-revalidate");
        assert!(all.public && all.must_understand && all.no_store && all.must_revalidate);
        let odd = directives("public=?0, must-understand=1, no-store=?0, must-revalidate=x");
        assert!(!odd.public && !odd.must_understand && odd.no_store && odd.must_revalidate);
    }

    #[test]
    fn a_policy_for_cdns_replaces_the_one_for_all() {
        let wishes = wishes(
            200,
            &[
                ("cache-control", "no-store".to_owned()),
                ("cdn-cache-control", "max-age=9, private=\"a\"".to_owned()),
            ],
        );
        assert!(!wishes.directives.no_store && wishes.directives.private == Restriction::All);
        assert_eq!(wishes.lifetimes.fresh_for_ms, 9000);
    }
}
