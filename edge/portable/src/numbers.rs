//! Numbers that no two requests share, without asking the host for each.

use std::cell::Cell;

use http::HeaderMap;
use stepwell_edge_core::trace::Trace;

/// A sequence that looks random.
pub(crate) struct Numbers {
    /// A random number that outsiders do not know, of this instance alone.
    seed: u64,
    count: Cell<u64>,
}

impl Numbers {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { seed, count: Cell::new(0) }
    }

    /// A request's place in its trace.
    pub(crate) fn trace(&self, headers: &HeaderMap) -> Trace {
        let [high, low, span] = [self.next(), self.next(), self.next()];
        Trace::of(headers, u128::from(high) << 64 | u128::from(low), span)
    }

    /// `SplitMix64` (Steele, Lea and Flood 2014): ids must differ, and need not be secret.
    fn next(&self) -> u64 {
        let n = self.count.get().wrapping_add(1);
        self.count.set(n);
        let mut z = self.seed.wrapping_add(n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
