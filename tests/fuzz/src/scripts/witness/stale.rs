//! How old an answer may be, and what it says of that (RFC 9111 §4.2, §5.1; RFC 5861).

use http::header::{AGE, CACHE_CONTROL, DATE, PRAGMA};
use http::{HeaderMap, StatusCode};
use stepwell_edge_core::cache::status::{CacheStatus, Forwarded, Outcome};
use stepwell_shared::time::Timestamp;

use super::{Witness, must};
use crate::plain::{self, Directives};

impl Witness {
    /// `Age` is the time since the origin made the answer or confirmed it, and never goes back.
    pub(super) fn check_age(&mut self, headers: &HeaderMap, now: Timestamp) -> Option<u64> {
        let age_s = plain::age_s(headers);
        must(age_s.is_some(), "RFC 9111 §4: an answer from the store has one Age", || {
            format!("{:?}", headers.get(AGE))
        });
        let age_s = age_s?;
        let (head, heard) = self.head_of(headers)?;
        let exchange = heard.exchange;
        if let Some(stated_s) =
            plain::age_s(&heard.headers).or((!heard.headers.contains_key(AGE)).then_some(0))
        {
            let stated_ms = stated_s.min(1 << 31) * 1000;
            let least_ms = stated_ms + now.since_ms(exchange.asked_at);
            must(age_s >= least_ms / 1000, "RFC 9111 §4.2.3: the age counts from the question", || {
                format!("{age_s} s of answer {head}, after {least_ms} ms")
            });
            let made_s = plain::date_s(&heard.headers, &DATE);
            if let Some(made_s) = made_s.filter(|_| !self.was_set_back) {
                let most_ms = (stated_ms + now.since_ms(exchange.asked_at))
                    .max(now.since_ms(Timestamp::from_ms(made_s * 1000)));
                must(
                    age_s <= most_ms / 1000,
                    "RFC 9111 §4.2.3: nothing is older than both clocks say",
                    || format!("{age_s} s of answer {head}, after {most_ms} ms"),
                );
            }
        }
        let (content, _) = self.content_of(headers)?;
        let before_s = self.ages_s.insert((content, head), age_s).unwrap_or_default();
        must(self.was_set_back || age_s >= before_s, "ages do not go back", || {
            format!("{before_s} s, then {age_s} s")
        });
        Some(age_s)
    }

    /// What may be served without the origin's word at this age.
    pub(super) fn check_freshness(
        &self,
        request: &HeaderMap,
        (status, headers): (StatusCode, &HeaderMap),
        how: CacheStatus,
        age_s: u64,
    ) {
        let of_client =
            if self.options.heeds_clients { Directives::of(request) } else { Some(Directives::default()) };
        let Some(of_client) = of_client else { return };
        check_demands(request, &of_client, how, age_s, self.options.heeds_clients);
        if self.is_abridged(headers) {
            return;
        }
        let (Some(directives), Some(lifetime_ms)) =
            (Directives::governing(headers), plain::lifetime_ms(status, headers))
        else {
            return;
        };
        let age_ms = age_s * 1000;
        let window_s = |name| directives.seconds(name).unwrap_or_default();
        let lasts_ms = match how {
            CacheStatus::Hit { .. } | CacheStatus::Generated => lifetime_ms,
            CacheStatus::StaleHit { .. } => lifetime_ms + window_s("stale-while-revalidate") * 1000,
            CacheStatus::Tolerated { .. } => lifetime_ms + tolerated_ms(&of_client) + 1000,
            CacheStatus::Forwarded(Forwarded { outcome, .. }) => {
                let window_s =
                    window_s("stale-if-error").max(of_client.seconds("stale-if-error").unwrap_or_default());
                let is_silent = outcome == Outcome::StoodIn;
                let window_ms = if is_silent { self.options.unreachable_stale_ms } else { 0 };
                lifetime_ms + window_ms.max(window_s * 1000)
            }
        };
        must(age_ms < lasts_ms, "RFC 9111 §4.2: nothing is served past its time", || {
            format!("{age_s} s old, lasts {lasts_ms} ms, as {how}: {headers:?}")
        });
        let is_stale = !matches!(how, CacheStatus::Hit { .. }) && age_ms >= lifetime_ms;
        let forbids =
            ["must-revalidate", "proxy-revalidate", "s-maxage"].iter().any(|name| directives.has(name));
        must(!(is_stale && forbids), "RFC 9111 §4.2.4: it must not be served stale", || {
            format!("as {how}: {headers:?}")
        });
    }
}

/// The longest staleness that a client is content with, in milliseconds.
fn tolerated_ms(of_client: &Directives) -> u64 {
    if of_client.has_bare("max-stale") {
        1 << 50
    } else {
        of_client.seconds("max-stale").unwrap_or_default() * 1000
    }
}

/// What a client asks for by `Cache-Control` and `Pragma`.
fn check_demands(request: &HeaderMap, of_client: &Directives, how: CacheStatus, age_s: u64, heeds: bool) {
    if !matches!(how, CacheStatus::Hit { .. } | CacheStatus::StaleHit { .. } | CacheStatus::Tolerated { .. })
    {
        return;
    }
    let pragma = plain::list(request, &PRAGMA).unwrap_or_default().contains(&"no-cache");
    let wants_new = of_client.has("no-cache") || (heeds && pragma && !request.contains_key(CACHE_CONTROL));
    must(!wants_new, "RFC 9111 §5.2.1.4: the client wants the origin asked", || format!("{request:?}"));
    if let (Some(most_s), CacheStatus::Hit { .. }) = (of_client.seconds("max-age"), how) {
        must(age_s <= most_s, "RFC 9111 §5.2.1.1: nothing older than the client wants", || {
            format!("{age_s} s, not {most_s} s")
        });
    }
    if let (Some(least_s), CacheStatus::Hit { left_ms }) = (of_client.seconds("min-fresh"), how) {
        must(
            left_ms >= least_s.min(1 << 31) * 1000,
            "RFC 9111 §5.2.1.3: fresh for as long as the client wants",
            || format!("{left_ms} ms"),
        );
    }
}
