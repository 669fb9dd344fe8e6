//! New ids.

use std::sync::atomic::{AtomicU64, Ordering};

use stepwell_shared::ids::{Id, SEQUENCES};
use stepwell_shared::time::Timestamp;

use crate::clock::Clock;

/// Issues ids that never repeat within the process, and that grow within a shard, also when the clock steps back.
#[derive(Debug)]
pub struct IdGenerator {
    clock: Clock,
    /// The last (millisecond, sequence) given out, as one number, so that one atomic step settles every race.
    last: AtomicU64,
}

impl IdGenerator {
    /// A generator over `clock`.
    pub fn new(clock: Clock) -> Self {
        Self { clock, last: AtomicU64::new(0) }
    }

    /// A new id in a logical shard. More than [`SEQUENCES`] of them in a millisecond borrow from the next one.
    pub fn next(&self, shard: u16) -> Id {
        let sequences = u64::from(SEQUENCES);
        let earliest = self.clock.now().as_ms() * sequences;
        let after = |last: u64| earliest.max(last + 1);
        let last = self.last.update(Ordering::Relaxed, Ordering::Relaxed, after);
        let issued = after(last);
        let sequence = u16::try_from(issued % sequences).expect("a remainder of SEQUENCES, which is a u16");
        Id::new(Timestamp::from_ms(issued / sequences), shard, sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const NOW: Timestamp = Timestamp::from_ms(1_800_000_000_000);

    #[test]
    fn ids_grow_and_carry_their_time_and_shard() {
        let clock = Clock::standing_at(NOW);
        let ids = IdGenerator::new(clock.clone());
        let first = ids.next(7);
        assert_eq!((first.issued_at(), first.shard()), (NOW, 7));
        clock.set(NOW.plus_ms(5));
        let second = ids.next(7);
        assert!(second > first);
        assert_eq!(second.issued_at(), NOW.plus_ms(5));
    }

    #[test]
    fn no_id_repeats_when_the_clock_stands_or_steps_back_or_threads_race() {
        let clock = Clock::standing_at(NOW);
        let ids = IdGenerator::new(clock.clone());
        let before: Vec<Id> = (0..3 * SEQUENCES).map(|_| ids.next(0)).collect();
        clock.set(Timestamp::from_ms(NOW.as_ms() - 60_000));
        let raced = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..4).map(|_| scope.spawn(|| (0..2000).map(|_| ids.next(0)).collect::<Vec<_>>())).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        let all: BTreeSet<Id> = before.iter().chain(&raced).copied().collect();
        assert_eq!(all.len(), before.len() + raced.len());
        assert!(raced.iter().min() > before.last());
    }
}
