//! The generic cell rate algorithm (ITU-T I.371, annex A; its form of virtual scheduling): a leaky bucket whose whole
//! state is one point in time, that at which it will be full again.
//!
//! Each request moves that point on by an interval. Where it would come to lie further ahead than a full bucket reaches,
//! the request is refused and takes nothing, so that whoever keeps asking waits no longer for it.

use std::num::NonZero;

use stepwell_shared::time::Timestamp;

/// So many requests at once, and over each window of time as many again.
///
/// In any span of `t` at most `requests + t × requests / window` are admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Requests.
    pub requests: NonZero<u32>,
    /// The window, in seconds.
    pub window_s: NonZero<u32>,
}

/// The state of one bucket: when it is full again, in nanoseconds since the Unix epoch. A full one is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket(pub u64);

/// What is decided of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may pass.
    Admitted {
        /// The bucket after it.
        bucket: Bucket,
        /// Requests that may follow at once.
        left: u32,
        /// Nanoseconds until that is one more.
        more_in_ns: u64,
    },
    /// There have been too many.
    Refused {
        /// The bucket as it is, or as it can be at the most where the clock has stepped back. Unless a host keeps it, the
        /// bucket stays closed until the clock is where it was.
        bucket: Bucket,
        /// Nanoseconds until one may pass.
        more_in_ns: u64,
    },
}

const NS_PER_MS: u64 = 1_000_000;
const NS_PER_S: u64 = 1_000_000_000;

impl Quota {
    /// The time that one request takes to be filled in again: rounded up, so that never more than the quota passes.
    const fn interval_ns(self) -> u64 {
        let window_ns = (self.window_s.get() as u64).saturating_mul(NS_PER_S);
        window_ns.div_ceil(self.requests.get() as u64)
    }

    /// Whether a request may pass that comes at `now`.
    ///
    /// A clock that steps back finds the bucket filled further ahead than it can be; it then counts as empty and no more
    /// than that.
    pub const fn decide(self, bucket: Bucket, now: Timestamp) -> Decision {
        let interval_ns = self.interval_ns();
        let now_ns = now.as_ms().saturating_mul(NS_PER_MS);
        let most_ns = interval_ns.saturating_mul(self.requests.get() as u64);
        let missing_ns = min(bucket.0.saturating_sub(now_ns), most_ns);
        let then_missing_ns = missing_ns.saturating_add(interval_ns);
        let Some(left_ns) = most_ns.checked_sub(then_missing_ns) else {
            let bucket = Bucket(now_ns.saturating_add(missing_ns));
            return Decision::Refused { bucket, more_in_ns: then_missing_ns.saturating_sub(most_ns) };
        };
        let left = match left_ns.checked_div(interval_ns) {
            // At most `requests - 1`, which fits.
            #[allow(clippy::cast_possible_truncation, reason = "less than `requests`, which is a u32")]
            Some(left) => left as u32,
            None => 0,
        };
        let whole_ns = interval_ns.saturating_mul((left as u64).saturating_add(1));
        Decision::Admitted {
            bucket: Bucket(now_ns.saturating_add(then_missing_ns)),
            left,
            more_in_ns: whole_ns.saturating_sub(left_ns),
        }
    }
}

const fn min(one: u64, other: u64) -> u64 {
    if one < other { one } else { other }
}

impl Decision {
    /// The bucket after the request.
    pub const fn bucket(self) -> Bucket {
        let (Self::Admitted { bucket, .. } | Self::Refused { bucket, .. }) = self;
        bucket
    }

    /// Requests that may follow at once.
    pub const fn left(self) -> u32 {
        match self {
            Self::Admitted { left, .. } => left,
            Self::Refused { .. } => 0,
        }
    }

    /// Whole seconds until there is one more: what a client waits, so rounded up, and at least 1.
    pub const fn more_in_s(self) -> u64 {
        let (Self::Admitted { more_in_ns, .. } | Self::Refused { more_in_ns, .. }) = self;
        more_in_ns.div_ceil(NS_PER_S)
    }
}

#[cfg(test)]
mod tests;
