//! How often something took how long, or how much: counted without a lock and without memory of its own.

use std::sync::atomic::{AtomicU64, Ordering};

/// Upper bounds of durations in microseconds, from a hit to the longest that an origin may take. Beyond the last is
/// whatever took longer.
pub const DURATIONS_US: [u64; 16] = [
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    5_000_000, 30_000_000,
];
/// Upper bounds of how many.
pub const COUNTS: [u64; 16] = [1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 512, 1024, 4096];

/// Observations by size. Its bounds are whole numbers of the unit that is observed.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static [u64; 16],
    buckets: [AtomicU64; 16],
    beyond: AtomicU64,
    sum: AtomicU64,
}

/// What a histogram holds at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Each bound, and how many observations were above the bound before and not above this one.
    pub buckets: Vec<(u64, u64)>,
    /// How many were above the last bound.
    pub beyond: u64,
    /// All observations together.
    pub sum: u64,
}

impl Histogram {
    /// Of durations, observed in microseconds.
    pub const fn of_durations() -> Self {
        Self::new(&DURATIONS_US)
    }

    /// Of how many.
    pub const fn of_counts() -> Self {
        Self::new(&COUNTS)
    }

    const fn new(bounds: &'static [u64; 16]) -> Self {
        Self {
            bounds,
            buckets: [const { AtomicU64::new(0) }; 16],
            beyond: AtomicU64::new(0),
            sum: AtomicU64::new(0),
        }
    }

    /// Counts one.
    pub fn observe(&self, value: u64) {
        let place = self.bounds.partition_point(|bound| *bound < value);
        self.buckets.get(place).unwrap_or(&self.beyond).fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    /// What was counted so far. Observations that are made meanwhile are in one part or the other, or in both.
    pub fn observed(&self) -> Observed {
        let counts = self.buckets.iter().map(|count| count.load(Ordering::Relaxed));
        Observed {
            buckets: self.bounds.iter().copied().zip(counts).collect(),
            beyond: self.beyond.load(Ordering::Relaxed),
            sum: self.sum.load(Ordering::Relaxed),
        }
    }
}

impl Observed {
    /// How many observations there were.
    pub fn count(&self) -> u64 {
        self.buckets.iter().fold(self.beyond, |all, (_, count)| all.saturating_add(*count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_observation_falls_under_the_first_bound_that_it_is_not_above() {
        let histogram = Histogram::of_counts();
        for value in [0, 1, 2, 3, 4096, 4097] {
            histogram.observe(value);
        }
        let observed = histogram.observed();
        let counted: Vec<_> = observed.buckets.iter().filter(|(_, count)| *count > 0).copied().collect();
        assert_eq!(counted, [(1, 2), (2, 1), (4, 1), (4096, 1)]);
        assert_eq!((observed.beyond, observed.count(), observed.sum), (1, 6, 8199));
    }

    #[test]
    fn bounds_rise() {
        for bounds in [DURATIONS_US, COUNTS] {
            assert!(bounds.is_sorted_by(|one, next| one < next));
        }
    }
}
