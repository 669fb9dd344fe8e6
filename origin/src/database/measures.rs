//! What the database counts, for the operator.

use std::time::{Duration, Instant};

use stepwell_shared::histogram::Histogram;

/// Of reads, in microseconds.
#[derive(Debug)]
pub struct Reads {
    /// How long a read waited for a connection.
    pub waited: Histogram,
    /// How long it had one.
    pub held: Histogram,
}

/// Of writes.
#[derive(Debug)]
pub struct Writes {
    /// How long a write took until it was durable, waiting included, in microseconds.
    pub took: Histogram,
    /// How many were committed together.
    pub groups: Histogram,
}

impl Default for Reads {
    fn default() -> Self {
        Self { waited: Histogram::of_durations(), held: Histogram::of_durations() }
    }
}

impl Default for Writes {
    fn default() -> Self {
        Self { took: Histogram::of_durations(), groups: Histogram::of_counts() }
    }
}

/// Observes how long ago something began.
pub fn observe_since(histogram: &Histogram, began: Instant) {
    let took: Duration = began.elapsed();
    histogram.observe(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
}
