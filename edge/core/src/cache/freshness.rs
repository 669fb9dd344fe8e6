//! How long an answer may be kept, as its origin says in `CDN-Cache-Control` (RFC 9213).

use http::HeaderMap;
use serde::{Deserialize, Serialize};
use sfv::{BareItem, Dictionary, ListEntry, Parser};
use stepwell_shared::headers::CDN_CACHE_CONTROL;

/// The longest lifetime that is believed, in seconds: one year (as RFC 9111 §1.2.2 bounds delta-seconds by use).
const LIFETIME_S_MAX: u64 = 365 * 24 * 3600;

/// Lifetimes of one answer, in milliseconds, each counted from the end of the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifetimes {
    /// Served without asking.
    pub fresh_for_ms: u64,
    /// After that, served while it is revalidated in the background (RFC 5861 §3).
    pub stale_while_revalidate_ms: u64,
    /// After freshness, served when the origin fails (RFC 5861 §4).
    pub stale_if_error_ms: u64,
}

/// Where an entry's age puts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Within its lifetime; what is left of it.
    Fresh {
        /// Milliseconds until it is stale.
        left_ms: u64,
    },
    /// Past its lifetime.
    Stale {
        /// Milliseconds since it was fresh.
        past_ms: u64,
        /// May be served now and revalidated behind the answer.
        may_revalidate_behind: bool,
        /// May be served if the origin fails.
        may_cover_errors: bool,
    },
}

impl Lifetimes {
    /// What the header allows, or `None` when it does not allow storing: when it is absent, malformed, says
    /// `no-store`, `private` or `no-cache`, or gives no `max-age`. A malformed structured field is ignored whole
    /// (RFC 9651 §4.2), which here means that nothing is stored.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut lines = headers.get_all(CDN_CACHE_CONTROL).iter();
        let line = lines.next()?;
        if lines.next().is_some() {
            return None;
        }
        let policy: Dictionary = Parser::new(line.as_bytes()).parse().ok()?;
        let forbids = |name: &str| policy.contains_key(name);
        if forbids("no-store") || forbids("private") || forbids("no-cache") {
            return None;
        }
        let max_age_ms = seconds(&policy, "max-age")?;
        Some(Self {
            fresh_for_ms: max_age_ms,
            stale_while_revalidate_ms: seconds(&policy, "stale-while-revalidate").unwrap_or(0),
            stale_if_error_ms: seconds(&policy, "stale-if-error").unwrap_or(0),
        })
    }

    /// Where an entry of this age is.
    pub fn at_age(&self, age_ms: u64) -> Freshness {
        if age_ms < self.fresh_for_ms {
            return Freshness::Fresh { left_ms: self.fresh_for_ms.saturating_sub(age_ms) };
        }
        let past_ms = age_ms.saturating_sub(self.fresh_for_ms);
        Freshness::Stale {
            past_ms,
            may_revalidate_behind: past_ms < self.stale_while_revalidate_ms,
            may_cover_errors: past_ms < self.stale_if_error_ms,
        }
    }
}

/// A directive's seconds as milliseconds; `None` where it is absent or no whole number from 0.
fn seconds(policy: &Dictionary, name: &str) -> Option<u64> {
    let Some(ListEntry::Item(item)) = policy.get(name) else { return None };
    let BareItem::Integer(seconds) = &item.bare_item else { return None };
    let seconds = u64::try_from(i64::from(*seconds)).ok()?;
    Some(seconds.min(LIFETIME_S_MAX).saturating_mul(1000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn lifetimes(value: &'static str) -> Option<Lifetimes> {
        let mut headers = HeaderMap::new();
        headers.insert(CDN_CACHE_CONTROL, HeaderValue::from_static(value));
        Lifetimes::of(&headers)
    }

    #[test]
    fn only_what_the_origin_allows_is_kept() {
        let all = lifetimes("max-age=600, stale-while-revalidate=60, stale-if-error=86400").unwrap();
        assert_eq!(all.fresh_for_ms, 600_000);
        assert_eq!(all.stale_while_revalidate_ms, 60_000);
        assert_eq!(all.stale_if_error_ms, 86_400_000);
        for refused in [
            "",
            "no-store",
            "max-age=600, private",
            "max-age=x",
            "max-age=-1",
            "max-age=1.5",
            "max-age=5, =",
            "s-maxage=9",
        ] {
            assert_eq!(lifetimes(refused), None, "{refused}");
        }
        assert_eq!(Lifetimes::of(&HeaderMap::new()), None);
        assert_eq!(lifetimes("max-age=999999999999999").unwrap().fresh_for_ms, 31_536_000_000);
    }

    #[test]
    fn an_age_is_fresh_until_its_lifetime_is_over() {
        let lifetimes = Lifetimes { fresh_for_ms: 10, stale_while_revalidate_ms: 5, stale_if_error_ms: 7 };
        assert_eq!(lifetimes.at_age(9), Freshness::Fresh { left_ms: 1 });
        let stale = |past_ms, may_revalidate_behind, may_cover_errors| Freshness::Stale {
            past_ms,
            may_revalidate_behind,
            may_cover_errors,
        };
        assert_eq!(lifetimes.at_age(10), stale(0, true, true));
        assert_eq!(lifetimes.at_age(15), stale(5, false, true));
        assert_eq!(lifetimes.at_age(17), stale(7, false, false));
        assert_eq!(Lifetimes::default().at_age(0), stale(0, false, false));
    }
}
