//! The random part of traces: numbers that no two requests share, without asking the system for each. And who is told
//! of those that are recorded.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use http::HeaderMap;
use stepwell_edge_core::trace::{Trace, is_sampled};

use crate::spans::Observer;

/// Gives each request its place in a trace.
pub(crate) struct Traces {
    /// A random number, of this edge alone.
    seed: u64,
    count: AtomicU64,
    observer: OnceLock<Arc<dyn Observer>>,
}

impl Default for Traces {
    /// With a seed of its own: whoever sees ids can work back to it.
    fn default() -> Self {
        let seed = RandomState::new().hash_one(0);
        Self { seed, count: AtomicU64::new(0), observer: OnceLock::new() }
    }
}

impl Traces {
    /// From now on it is told of spans. Only the first is.
    pub(crate) fn observe(&self, observer: Arc<dyn Observer>) {
        let _ = self.observer.set(observer);
    }

    /// The place of a request with this header.
    pub(crate) fn of(&self, headers: &HeaderMap) -> Trace {
        let trace = self.place(headers);
        self.observer.get().map_or(trace, |observer| trace.sampled(observer.sampled_of_2_63()))
    }

    /// Whom to tell of a span of this trace: nobody, but where it is recorded.
    pub(crate) fn observer_of(&self, trace: Trace) -> Option<&Arc<dyn Observer>> {
        self.observer.get().filter(|_| trace.is_sampled())
    }

    /// The place of a question within the trace that its header names, and whom to tell of it.
    pub(crate) fn within(&self, headers: &HeaderMap) -> Option<(Trace, Arc<dyn Observer>)> {
        let observer = self.observer.get().filter(|_| is_sampled(headers))?;
        Some((self.place(headers), observer.clone()))
    }

    fn place(&self, headers: &HeaderMap) -> Trace {
        let first = self.count.fetch_add(3, Ordering::Relaxed);
        let [high, low, span] = [0, 1, 2].map(|n| mixed(self.seed, first.wrapping_add(n)));
        Trace::of(headers, u128::from(high) << 64 | u128::from(low), span)
    }
}

/// The `n`th number of a sequence that looks random (`SplitMix64`: Steele, Lea and Flood 2014): ids must differ, and need
/// not be secret.
const fn mixed(seed: u64, n: u64) -> u64 {
    let mut z = seed.wrapping_add(n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_requests_and_no_two_processes_share_an_id() {
        let headers = HeaderMap::new();
        let ids: HashSet<u128> = [Traces::default(), Traces::default()]
            .iter()
            .flat_map(|traces| (0..1000).map(|_| traces.of(&headers).id()))
            .collect();
        assert_eq!(ids.len(), 2000);
    }
}
