//! How often a password may be guessed: a bucket of attempts for each account and each address, which failures empty and
//! time fills. In memory, since a restart that forgets it gives an attacker less than a minute's worth.
//!
//! A bucket goes by the address that somebody types, whether or not it has an account, so that being refused tells nothing.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};

use stepwell_shared::limits::{
    GUESS_BUCKETS_MAX, GUESS_OF_ACCOUNT_INTERVAL_MS, GUESS_OF_ADDRESS_INTERVAL_MS, GUESSES_OF_ACCOUNT,
    GUESSES_OF_ADDRESS,
};
use stepwell_shared::time::Timestamp;

/// What a bucket holds, and how fast it fills again.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Attempts at once.
    pub attempts: u64,
    /// Milliseconds for each further one.
    pub interval_ms: u64,
}

/// For one account.
pub const OF_ACCOUNT: Limit =
    Limit { attempts: GUESSES_OF_ACCOUNT, interval_ms: GUESS_OF_ACCOUNT_INTERVAL_MS };
/// For one network.
pub const OF_ADDRESS: Limit =
    Limit { attempts: GUESSES_OF_ADDRESS, interval_ms: GUESS_OF_ADDRESS_INTERVAL_MS };

/// The buckets of one kind. A full one is not kept.
#[derive(Debug)]
pub struct Attempts {
    limit: Limit,
    /// Keys are hashed with a seed of this process, so that nobody can choose two of one hash.
    hasher: RandomState,
    /// When each bucket is full again.
    full_at: Mutex<HashMap<u64, Timestamp>>,
}

/// An attempt that was taken out of a bucket.
#[derive(Clone, Copy, Debug)]
pub struct Attempt(u64);

/// The bucket is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Seconds until it holds an attempt again, at least 1.
    pub seconds: u64,
}

impl Attempts {
    /// With every bucket full.
    pub fn new(limit: Limit) -> Self {
        Self { limit, hasher: RandomState::new(), full_at: Mutex::default() }
    }

    /// Takes an attempt, or says how long to wait for one.
    pub fn take(&self, key: &str, now: Timestamp) -> Result<Attempt, Wait> {
        let key = self.hasher.hash_one(key);
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= GUESS_BUCKETS_MAX {
            full_at.retain(|_, at| *at > now);
            if full_at.len() >= GUESS_BUCKETS_MAX {
                full_at.clear();
            }
        }
        let most_ms = self.limit.attempts * self.limit.interval_ms;
        // A clock that stepped back finds a bucket emptier than one can be, which would stay so until it is where it was.
        let at = full_at.get(&key).copied().unwrap_or(now).clamp(now, now.plus_ms(most_ms));
        let missing_ms = at.since_ms(now) + self.limit.interval_ms;
        if missing_ms > most_ms {
            full_at.insert(key, at);
            return Err(Wait { seconds: (missing_ms - most_ms).div_ceil(1000).max(1) });
        }
        full_at.insert(key, at.plus_ms(self.limit.interval_ms));
        Ok(Attempt(key))
    }

    /// Puts an attempt back: the password was right.
    pub fn forgive(&self, attempt: Attempt) {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = full_at.get_mut(&attempt.0) {
            *at = Timestamp::from_ms(at.as_ms().saturating_sub(self.limit.interval_ms));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_ms(1_800_000_000_000);
    const LIMIT: Limit = Limit { attempts: 3, interval_ms: 10_000 };

    #[test]
    fn a_bucket_empties_with_each_failure_and_fills_with_time() {
        let attempts = Attempts::new(LIMIT);
        for _ in 0..3 {
            attempts.take("ada", NOW).unwrap();
        }
        assert_eq!(attempts.take("ada", NOW).unwrap_err(), Wait { seconds: 10 });
        assert_eq!(attempts.take("ada", NOW.plus_ms(9_500)).unwrap_err(), Wait { seconds: 1 });
        assert!(attempts.take("bob", NOW).is_ok());
        assert!(attempts.take("ada", NOW.plus_ms(10_000)).is_ok());
        assert!(attempts.take("ada", NOW.plus_ms(10_000)).is_err());
        let later = NOW.plus_ms(60_000);
        assert_eq!((0..9).filter(|_| attempts.take("ada", later).is_ok()).count(), 3);
    }

    #[test]
    fn who_is_right_loses_nothing() {
        let attempts = Attempts::new(LIMIT);
        for _ in 0..9 {
            let attempt = attempts.take("ada", NOW).unwrap();
            attempts.forgive(attempt);
        }
        assert_eq!((0..9).filter(|_| attempts.take("ada", NOW).is_ok()).count(), 3);
    }

    #[test]
    fn a_clock_that_steps_back_closes_no_bucket() {
        let attempts = Attempts::new(LIMIT);
        attempts.take("ada", NOW).unwrap();
        let before = Timestamp::from_ms(NOW.as_ms() - 3_600_000);
        assert_eq!(attempts.take("ada", before).unwrap_err(), Wait { seconds: 10 });
        assert!(attempts.take("ada", before.plus_ms(10_000)).is_ok());
    }

    #[test]
    fn memory_is_bounded() {
        let attempts = Attempts::new(LIMIT);
        for n in 0..=GUESS_BUCKETS_MAX {
            attempts.take(&n.to_string(), NOW).unwrap();
        }
        assert!(attempts.full_at.lock().unwrap().len() <= GUESS_BUCKETS_MAX);
    }
}
