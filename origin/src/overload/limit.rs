//! How many places there are: the rule alone, without clock or locks.
//!
//! It is the gradient rule of Netflix's concurrency limits (<https://github.com/Netflix/concurrency-limits>,
//! `Gradient2Limit`): the limit and its square root, times how much shorter an answer should have taken, at least half, as
//! long as at least half of it is used. What an answer should take is not learnt here but given, like the
//! target of `CoDel` (RFC 8289 §4.2). A baseline that is learnt takes two things for overload that are none, commits
//! in groups and reads that are gathered, since there each waits longer the more is done a second; and under an
//! overload that lasts it drifts after what it should bound.

use std::time::Duration;

/// Between which figures a limit moves, and after what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Places at the least, at least 1.
    pub min: usize,
    /// Places at the most. No more than `min` is a fixed number.
    pub max: usize,
    /// How long an answer may take in the mean.
    pub target: Duration,
}

/// How long a limit is held against what it leads to: `CoDel`'s interval, or twice the target where that is longer, so
/// that most of what begins in it also ends in it.
const WINDOW: Duration = Duration::from_millis(100);
/// Answers that tell something together.
const ANSWERS_MIN: u32 = 10;
/// How much of a limit one window may take away at the most.
const DECREASE_MAX: f64 = 0.5;
/// Places to begin with, and again once an overload is over: a burst that is no more than a moment's work is not refused
/// by a machine that has nothing else to do.
const FIRST: usize = 256;

/// A limit that follows how long answers take. Times count from any moment that stays the same.
#[derive(Clone, Debug)]
pub struct Limit {
    bounds: Bounds,
    places: f64,
    window: Window,
}

/// What came of the limit since it was last changed.
#[derive(Clone, Debug, Default)]
struct Window {
    opened: Duration,
    answers: u32,
    taken: Duration,
    /// The most that were under way.
    under_way: usize,
}

impl Limit {
    /// The limit before anything is known.
    pub fn new(bounds: Bounds) -> Self {
        let places = as_f64(FIRST.clamp(bounds.min, bounds.max.max(bounds.min)));
        Self { bounds, places, window: Window::default() }
    }

    /// Places.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is kept within the bounds"
    )]
    pub fn places(&self) -> usize {
        self.places.round() as usize
    }

    /// Takes in that what began at `began` was answered at `ended`, and that so many were under way then, itself
    /// included.
    pub fn answered(&mut self, began: Duration, ended: Duration, under_way: usize) {
        // What began under an earlier limit tells of that one.
        if began < self.window.opened {
            return;
        }
        self.window.answers += 1;
        self.window.taken += ended.saturating_sub(began);
        self.window.under_way = self.window.under_way.max(under_way);
        let open_for = ended.saturating_sub(self.window.opened);
        if self.window.answers >= ANSWERS_MIN && open_for >= WINDOW.max(2 * self.bounds.target) {
            self.adjust();
            self.window = Window { opened: ended, ..Window::default() };
        }
    }

    fn adjust(&mut self) {
        let mean_s = self.window.taken.as_secs_f64() / f64::from(self.window.answers);
        // Where most places are free, nothing waits for want of one, and nothing would come sooner with fewer. What an
        // overload took away comes back once it is over.
        let is_slow = mean_s > self.bounds.target.as_secs_f64();
        let is_idle = as_f64(self.window.under_way) * 2.0 < self.places;
        if is_idle && (is_slow || self.places >= as_f64(FIRST)) {
            return;
        }
        let gradient = (self.bounds.target.as_secs_f64() / mean_s.max(f64::EPSILON)).clamp(DECREASE_MAX, 1.0);
        let places = (self.places + self.places.sqrt()) * gradient;
        let (min, max) = (self.bounds.min, self.bounds.max.max(self.bounds.min));
        self.places = places.clamp(as_f64(min), as_f64(max));
    }
}

/// Configuration keeps places far below 2^52.
#[allow(clippy::cast_precision_loss, reason = "places are few")]
fn as_f64(places: usize) -> f64 {
    places as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: Duration = Duration::from_millis(50);

    fn limit(min: usize, max: usize) -> Limit {
        Limit::new(Bounds { min, max, target: TARGET })
    }

    /// A server that does so many a second, one after the other, and is asked for more than it can do: by Little's law
    /// each answer takes as long as all places take together.
    fn overload(limit: &mut Limit, per_second: f64, lasts: Duration) -> Vec<usize> {
        let (mut now, mut seen) = (limit.window.opened, Vec::new());
        let end = now + lasts;
        let mut queue: std::collections::VecDeque<Duration> = [now].into();
        while now < end {
            now += Duration::from_secs_f64(1.0 / per_second);
            while queue.len() < limit.places() {
                queue.push_back(now);
            }
            let under_way = queue.len();
            limit.answered(queue.pop_front().unwrap(), now, under_way);
            seen.push(limit.places());
        }
        seen
    }

    #[test]
    fn under_overload_the_limit_settles_where_answers_take_what_they_may() {
        for per_second in [500.0, 2_000.0, 15_000.0] {
            let mut limit = limit(4, 10_000);
            overload(&mut limit, per_second, Duration::from_secs(30));
            let settled = overload(&mut limit, per_second, Duration::from_secs(10));
            let wanted = per_second * TARGET.as_secs_f64();
            let (least, most) = (settled.iter().min().unwrap(), settled.iter().max().unwrap());
            assert!(
                as_f64(*least) > wanted * 0.6 && as_f64(*most) < wanted * 1.6,
                "{per_second}: {least} to {most}"
            );
        }
    }

    #[test]
    fn a_server_that_becomes_slower_gets_fewer_places_and_one_that_recovers_more() {
        let mut limit = limit(4, 1_000);
        overload(&mut limit, 4_000.0, Duration::from_secs(20));
        let quick = limit.places();
        overload(&mut limit, 400.0, Duration::from_secs(20));
        let slow = limit.places();
        overload(&mut limit, 4_000.0, Duration::from_secs(20));
        assert!(slow * 4 < quick && limit.places() > quick / 2, "{quick}, {slow}, {}", limit.places());
    }

    #[test]
    fn it_stays_within_its_bounds() {
        let mut narrow = limit(20, 90);
        assert!(overload(&mut narrow, 100_000.0, Duration::from_secs(10)).iter().all(|places| *places <= 90));
        assert_eq!(narrow.places(), 90);
        assert!(overload(&mut narrow, 10.0, Duration::from_mins(1)).iter().all(|places| *places >= 20));
        let mut fixed = limit(7, 7);
        overload(&mut fixed, 100_000.0, Duration::from_secs(10));
        assert_eq!(fixed.places(), 7);
    }

    #[test]
    fn what_uses_few_places_changes_nothing_however_long_it_takes() {
        let mut limit = limit(4, 1_000);
        for n in 0..1_000 {
            limit.answered(Duration::from_millis(n * 10), Duration::from_millis(n * 10 + 400), 3);
        }
        assert_eq!(limit.places(), FIRST);
    }

    #[test]
    fn what_an_overload_took_away_comes_back_for_the_next_burst() {
        let mut limit = limit(4, 1_000);
        overload(&mut limit, 400.0, Duration::from_secs(20));
        assert!(limit.places() < 50);
        let from = limit.window.opened;
        for n in 0..60_000 {
            let at = from + Duration::from_millis(n);
            limit.answered(at, at + Duration::from_millis(1), 1);
        }
        assert!((FIRST..FIRST + 20).contains(&limit.places()), "{}", limit.places());
    }

    #[test]
    fn what_began_before_a_change_does_not_count_against_it() {
        let mut limit = limit(4, 1_000);
        let at = Duration::from_millis;
        let late =
            |limit: &mut Limit, ended: u64| (0..10).for_each(|_| limit.answered(at(0), at(ended), FIRST));
        late(&mut limit, 500);
        let once = limit.places();
        assert!(once < FIRST);
        late(&mut limit, 1_000);
        assert_eq!(limit.places(), once);
    }
}
