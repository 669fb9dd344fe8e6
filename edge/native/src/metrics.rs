//! What an edge counts. A request adds to a handful of atomics and nothing else; whoever wants to know reads them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use stepwell_edge_core::cache::kind::Kind;
use stepwell_edge_core::rate;
use stepwell_shared::headers::CACHE_STATUS;
use stepwell_shared::histogram::Histogram;
use stepwell_shared::routes::Class;

/// Classes of routes as they are counted; the last is of what the edge answers before it knows a route.
pub const CLASSES: [&str; 8] =
    ["no-store", "pass", "public", "authorised", "per-caller", "immutable", "http", "none"];
/// Classes of statuses as they are counted.
pub const STATUSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// What is counted.
#[derive(Debug)]
pub struct Metrics {
    /// How long requests took to the head of their answer, by class of route and of status; in microseconds.
    pub requests: [[Histogram; STATUSES.len()]; CLASSES.len()],
    /// What was done with them, in the order of [`Kind::ALL`].
    pub outcomes: [AtomicU64; Kind::ALL.len()],
    /// Requests that were refused for want of room.
    pub shed: AtomicU64,
    /// Requests that were refused since their client has sent too many, in the order of [`rate::Class::ALL`].
    pub rate_refused: [AtomicU64; rate::Class::ALL.len()],
    /// How long the origin took to the head of its answer, in microseconds.
    pub upstream: Histogram,
    /// Requests to the origin without an answer.
    pub upstream_failures: AtomicU64,
    /// Requests that wait for the origin at the moment.
    pub upstream_waiting: AtomicU64,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: [const { [const { Histogram::of_durations() }; STATUSES.len()] }; CLASSES.len()],
            outcomes: [const { AtomicU64::new(0) }; Kind::ALL.len()],
            shed: AtomicU64::new(0),
            rate_refused: [const { AtomicU64::new(0) }; rate::Class::ALL.len()],
            upstream: Histogram::of_durations(),
            upstream_failures: AtomicU64::new(0),
            upstream_waiting: AtomicU64::new(0),
        }
    }
}

impl Metrics {
    /// A client has sent too many requests of a class.
    pub(crate) fn refused(&self, class: rate::Class) {
        let place = rate::Class::ALL.iter().position(|one| *one == class);
        if let Some(count) = place.and_then(|place| self.rate_refused.get(place)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A request was answered.
    pub(crate) fn answered(
        &self,
        class: Option<Class>,
        status: StatusCode,
        header: &HeaderMap,
        took: Duration,
    ) {
        let status = usize::from(status.as_u16() / 100).saturating_sub(1);
        if let Some(histogram) = self.requests.get(number(class)).and_then(|class| class.get(status)) {
            histogram.observe(micros(took));
        }
        // Ours is the last: an origin behind may have stated its own.
        if let Some(field) = header.get_all(CACHE_STATUS).iter().next_back()
            && let Some(count) = self.outcomes.get(Kind::of(field) as usize)
        {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// What a class is called here.
pub(crate) fn name(class: Class) -> &'static str {
    CLASSES.get(number(Some(class))).copied().unwrap_or_default()
}

/// The number of a class in [`CLASSES`].
const fn number(class: Option<Class>) -> usize {
    match class {
        Some(Class::NoStore) => 0,
        Some(Class::Pass) => 1,
        Some(Class::Public) => 2,
        Some(Class::Authorised) => 3,
        Some(Class::PerCaller) => 4,
        Some(Class::Immutable) => 5,
        Some(Class::Http) => 6,
        None => 7,
    }
}

/// As histograms of durations count it.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_request_counts_once_by_its_classes_and_by_what_was_done() {
        let metrics = Metrics::default();
        let mut header = HeaderMap::new();
        header.append(CACHE_STATUS, HeaderValue::from_static("other; hit; ttl=1"));
        header.append(CACHE_STATUS, HeaderValue::from_static("stepwell; fwd=uri-miss; stored"));
        metrics.answered(Some(Class::Public), StatusCode::NOT_FOUND, &header, Duration::from_micros(70));
        let counted = metrics.requests[2][3].observed();
        assert_eq!((counted.count(), counted.sum), (1, 70));
        assert_eq!((CLASSES[2], STATUSES[3]), ("public", "4xx"));
        let all: u64 = metrics.requests.iter().flatten().map(|one| one.observed().count()).sum();
        assert_eq!(all, 1);
        let done: Vec<_> = metrics.outcomes.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        let missing = Kind::ALL.iter().position(|kind| *kind == Kind::Missing).unwrap();
        assert_eq!((done[missing], done.iter().sum::<u64>()), (1, 1));
    }
}
