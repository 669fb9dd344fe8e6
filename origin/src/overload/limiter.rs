//! The places of one kind of work: taken, given back, and counted.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::limit::{Bounds, Limit};

/// Hands out places.
#[derive(Debug)]
pub struct Limiter {
    started: Instant,
    limit: Mutex<Limit>,
    /// What the limit says, for those who only ask.
    places: AtomicUsize,
    under_way: AtomicUsize,
    shed: AtomicU64,
}

/// A place that is taken. Given back when it is dropped; what dropped it before its answer tells nothing.
#[derive(Debug)]
pub struct Place {
    limiter: Arc<Limiter>,
    began: Duration,
}

/// There is no place left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl Limiter {
    /// With nothing under way.
    pub fn new(bounds: Bounds) -> Self {
        let limit = Limit::new(bounds);
        Self {
            started: Instant::now(),
            places: AtomicUsize::new(limit.places()),
            limit: Mutex::new(limit),
            under_way: AtomicUsize::new(0),
            shed: AtomicU64::new(0),
        }
    }

    /// A place, or at once the word that there is none.
    pub fn enter(self: &Arc<Self>) -> Result<Place, Full> {
        let places = self.places();
        let taken = |under_way| (under_way < places).then_some(under_way + 1);
        if self.under_way.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken).is_err() {
            self.shed.fetch_add(1, Ordering::Relaxed);
            return Err(Full);
        }
        Ok(Place { limiter: Arc::clone(self), began: self.started.elapsed() })
    }

    /// How many may be under way.
    pub fn places(&self) -> usize {
        self.places.load(Ordering::Relaxed)
    }

    /// How many are.
    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    /// How many found no place so far.
    pub fn shed(&self) -> u64 {
        self.shed.load(Ordering::Relaxed)
    }
}

impl Place {
    /// From now on it counts how long the answer takes: what was before was not our doing.
    pub fn begin(&mut self) {
        self.began = self.limiter.started.elapsed();
    }

    /// The answer is there: how long it took decides how many places there will be.
    pub fn answered(self) {
        let (limiter, ended) = (&self.limiter, self.limiter.started.elapsed());
        let mut limit = limiter.limit.lock().unwrap_or_else(PoisonError::into_inner);
        limit.answered(self.began, ended, limiter.under_way());
        limiter.places.store(limit.places(), Ordering::Relaxed);
    }

    /// Whose it is.
    pub fn limiter(&self) -> &Arc<Limiter> {
        &self.limiter
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.limiter.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_finds_no_place_is_told_and_counted_and_one_that_is_freed_is_the_next_ones() {
        let target = Duration::from_millis(50);
        let limiter = Arc::new(Limiter::new(Bounds { min: 2, max: 2, target }));
        let (one, two) = (limiter.enter().unwrap(), limiter.enter().unwrap());
        assert_eq!(limiter.enter().unwrap_err(), Full);
        assert_eq!((limiter.places(), limiter.under_way(), limiter.shed()), (2, 2, 1));
        one.answered();
        let three = limiter.enter();
        assert!(three.is_ok() && limiter.enter().is_err());
        drop((two, three));
        assert_eq!((limiter.under_way(), limiter.shed()), (0, 2));
    }

    #[test]
    fn how_long_answers_take_reaches_who_asks_for_a_place() {
        let target = Duration::from_nanos(1);
        let limiter = Arc::new(Limiter::new(Bounds { min: 1, max: 10, target }));
        while limiter.places() > 5 {
            let all: Vec<_> = std::iter::from_fn(|| limiter.enter().ok()).collect();
            all.into_iter().for_each(Place::answered);
        }
    }
}
