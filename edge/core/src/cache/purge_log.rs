//! An edge's copy of the purge log: may an entry that was filled at some position still be served?
//!
//! The log grows without end and an edge has little memory, so the copy does not keep purges. It keeps, for each of a
//! fixed number of slots, the last sequence that purged a tag which falls into that slot. A look-up can therefore err
//! in one direction only: a tag that shares its slot with a purged one counts as purged, and its entry is revalidated
//! once, which gives it a later position. Memory is bounded, a purge costs one store, nothing is ever evicted, and no
//! host has to enumerate its cache.

use foldhash::fast::FixedState;
use std::collections::HashMap;
use std::hash::BuildHasher as _;
use stepwell_shared::api::purges::PurgePage;
use stepwell_shared::bookmark::{Epoch, Position};
use stepwell_shared::tags::TagHash;
use stepwell_shared::time::Timestamp;

/// Slots of 8 bytes that a host takes unless it knows better: 4 MiB. With 5 tags an entry and the design's mean of
/// 2,000 purged tags a second, an entry is revalidated needlessly about once a minute at the most.
pub const SLOTS_DEFAULT: usize = 1 << 19;

/// The copy of the log.
#[derive(Debug)]
pub struct PurgeLog {
    /// The last sequence that purged a tag of each slot; 0 where none has.
    slots: Vec<u64>,
    /// Spreads tags over slots in a way that an outsider who can choose tags cannot foresee.
    hasher: FixedState,
    /// How long the log may be silent before entries count as stale, in milliseconds.
    silence_max_ms: u64,
    /// What was heard; nothing yet when `None`.
    heard: Option<Heard>,
    /// The last sequence that revoked the tokens of each tag. Exact, unlike the slots: a token that is refused by chance
    /// is a person who is logged out.
    revoked: HashMap<TagHash, u64, FixedState>,
}

/// Revocations that are kept one by one, 24 bytes each: hours of them in a deployment of millions. When they are more,
/// all are forgotten, and tokens from before are the origin's to judge.
const REVOCATIONS_MAX: usize = 1 << 18;

#[derive(Clone, Copy, Debug)]
struct Heard {
    epoch: Epoch,
    /// The copy knows every purge after this sequence.
    since: u64,
    /// And every revocation after this one.
    revoked_since: u64,
    /// And up to this one.
    through: u64,
    /// When the copy last reached the log's end.
    caught_up_at: Option<Timestamp>,
}

/// What the log says of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No later purge names any of its tags.
    Current,
    /// A later purge does, or one that shares a slot.
    Purged,
    /// The copy cannot tell: it does not reach back to the entry's position, or the entry is of another timeline.
    Unknown,
}

impl PurgeLog {
    /// An empty copy that has heard nothing. `slots` is rounded up to a power of two; `seed` is the host's secret
    /// random number.
    pub fn new(slots: usize, seed: u64, silence_max_ms: u64) -> Self {
        let slots = slots.clamp(1, 1 << 28).next_power_of_two();
        let hasher = FixedState::with_seed(seed);
        let revoked = HashMap::with_hasher(FixedState::with_seed(seed));
        Self { slots: vec![0; slots], hasher, silence_max_ms, heard: None, revoked }
    }

    /// A log that nobody else writes: an edge's own, in front of an origin that keeps none. It is never silent.
    pub fn own(slots: usize, seed: u64) -> Self {
        let caught_up_at = Some(Timestamp::from_ms(u64::MAX));
        let heard = Heard { epoch: Epoch(0), since: 0, revoked_since: 0, through: 0, caught_up_at };
        Self { heard: Some(heard), ..Self::new(slots, seed, u64::MAX) }
    }

    /// Purges tags in a log of one's own: whatever was filled up to now and carries one of them is purged.
    pub fn purge(&mut self, tags: &[TagHash]) {
        let Some(mut heard) = self.heard else { return };
        heard.through = heard.through.saturating_add(1);
        for tag in tags {
            self.mark(*tag, heard.through);
        }
        self.heard = Some(heard);
    }

    /// Takes in a page. Pages that repeat what is known are harmless; a page that leaves a gap, or begins another
    /// timeline, makes everything filled before it unknown.
    pub fn apply(&mut self, page: &PurgePage, now: Timestamp) {
        let connects = self.heard.filter(|heard| heard.epoch == page.epoch && heard.through >= page.after);
        let mut heard = connects.unwrap_or(Heard {
            epoch: page.epoch,
            since: page.after,
            revoked_since: page.after,
            through: page.after,
            caught_up_at: None,
        });
        if connects.is_none() {
            self.slots.fill(0);
            self.revoked.clear();
        }
        for purge in &page.purges {
            for tag in &purge.revoked {
                if self.revoked.len() >= REVOCATIONS_MAX {
                    self.revoked.clear();
                    heard.revoked_since = purge.sequence;
                }
                self.revoked.insert(*tag, purge.sequence);
            }
            for tag in &purge.tags {
                self.mark(*tag, purge.sequence);
            }
        }
        heard.through = heard.through.max(page.through);
        if heard.through >= page.head {
            heard.caught_up_at = Some(now);
        }
        self.heard = Some(heard);
    }

    /// Nothing is known of the log's end until it is reached again: what is stored must not be served.
    pub fn fall_silent(&mut self) {
        if let Some(heard) = &mut self.heard {
            heard.caught_up_at = None;
        }
    }

    /// What the log says of an entry that was filled at `position` and carries `tags`.
    pub fn standing(&self, position: Position, tags: &[TagHash]) -> Standing {
        let Some(heard) = self.heard else { return Standing::Unknown };
        if position.epoch != heard.epoch || position.sequence < heard.since {
            return Standing::Unknown;
        }
        if position.sequence >= heard.through {
            return Standing::Current;
        }
        let purged = tags
            .iter()
            .any(|tag| self.slots.get(self.slot(*tag)).is_some_and(|last| *last > position.sequence));
        if purged { Standing::Purged } else { Standing::Current }
    }

    /// What the log says of a token that was issued at `position` and is revoked by `tags`.
    pub fn token_standing(&self, position: Position, tags: &[TagHash]) -> Standing {
        let Some(heard) = self.heard else { return Standing::Unknown };
        if position.epoch != heard.epoch || position.sequence < heard.revoked_since {
            return Standing::Unknown;
        }
        let revoked = |tag| self.revoked.get(tag).is_some_and(|sequence| *sequence > position.sequence);
        if tags.iter().any(revoked) { Standing::Purged } else { Standing::Current }
    }

    /// Up to where the copy knows the log; `None` before anything was heard.
    pub fn position(&self) -> Option<Position> {
        self.heard.map(|heard| Position { epoch: heard.epoch, sequence: heard.through })
    }

    /// Whether the copy has not reached the log's end for longer than the bound, so that a purge may be missing.
    pub fn is_silent(&self, now: Timestamp) -> bool {
        match self.heard.and_then(|heard| heard.caught_up_at) {
            Some(at) => now.since_ms(at) > self.silence_max_ms,
            None => true,
        }
    }

    fn mark(&mut self, tag: TagHash, sequence: u64) {
        let slot = self.slot(tag);
        if let Some(last) = self.slots.get_mut(slot) {
            *last = (*last).max(sequence);
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the mask keeps the low bits, which is what is wanted"
    )]
    fn slot(&self, tag: TagHash) -> usize {
        self.hasher.hash_one(tag.0) as usize & self.slots.len().saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use stepwell_shared::api::purges::Purge;

    const EPOCH: Epoch = Epoch(7);

    fn page(after: u64, purges: &[(u64, u64)], head: u64) -> PurgePage {
        PurgePage {
            epoch: EPOCH,
            after,
            through: head,
            head,
            floor: 0,
            revision: String::new(),
            purges: purges
                .iter()
                .map(|&(sequence, tag)| Purge { sequence, tags: vec![TagHash(tag)], revoked: Vec::new() })
                .collect(),
        }
    }

    fn at(sequence: u64) -> Position {
        Position { epoch: EPOCH, sequence }
    }

    fn log() -> PurgeLog {
        PurgeLog::new(1 << 12, 1, 1000)
    }

    #[test]
    fn a_later_purge_of_a_tag_is_seen() {
        let mut log = log();
        assert_eq!(log.standing(at(0), &[]), Standing::Unknown);
        log.apply(&page(10, &[(11, 1), (12, 2)], 12), Timestamp::from_ms(0));
        assert_eq!(log.standing(at(10), &[TagHash(1)]), Standing::Purged);
        assert_eq!(log.standing(at(11), &[TagHash(1)]), Standing::Current);
        assert_eq!(log.standing(at(11), &[TagHash(1), TagHash(2)]), Standing::Purged);
        assert_eq!(log.standing(at(10), &[TagHash(3)]), Standing::Current);
        assert_eq!(log.standing(at(9), &[TagHash(3)]), Standing::Unknown);
        assert_eq!(log.standing(at(99), &[TagHash(1)]), Standing::Current);
    }

    #[test]
    fn a_gap_or_another_timeline_voids_what_was_before() {
        let mut log = log();
        log.apply(&page(0, &[], 5), Timestamp::from_ms(0));
        log.apply(&page(8, &[], 9), Timestamp::from_ms(0));
        assert_eq!(log.standing(at(5), &[]), Standing::Unknown);
        assert_eq!(log.standing(at(8), &[]), Standing::Current);
        log.apply(&PurgePage { epoch: Epoch(8), ..page(3, &[], 3) }, Timestamp::from_ms(0));
        assert_eq!(log.standing(at(9), &[]), Standing::Unknown);
        assert_eq!(log.position(), Some(Position { epoch: Epoch(8), sequence: 3 }));
    }

    #[test]
    fn silence_is_measured_from_the_last_time_that_the_end_was_reached() {
        let mut log = log();
        assert!(log.is_silent(Timestamp::from_ms(0)));
        log.apply(&page(0, &[], 1), Timestamp::from_ms(0));
        assert!(!log.is_silent(Timestamp::from_ms(1000)));
        // A page that stops short of the end is not the end.
        log.apply(&PurgePage { through: 2, ..page(1, &[], 9) }, Timestamp::from_ms(1000));
        assert!(log.is_silent(Timestamp::from_ms(1001)));
        log.apply(&page(2, &[], 9), Timestamp::from_ms(1001));
        assert!(!log.is_silent(Timestamp::from_ms(1001)));
        log.fall_silent();
        assert!(log.is_silent(Timestamp::from_ms(1001)));
    }

    proptest! {
        /// Against the log itself: never current where a later purge names a tag, whatever the pages' cuts.
        #[test]
        fn no_purge_is_missed(
            tags in proptest::collection::vec(0..20_u64, 1..60),
            cuts in proptest::collection::vec(1..10_usize, 1..30),
            filled in 0..60_u64, probe in 0..20_u64,
        ) {
            let mut log = PurgeLog::new(8, 3, 1000);
            let purges: Vec<(u64, u64)> = tags.iter().enumerate().map(|(i, t)| (i as u64 + 1, *t)).collect();
            let mut done = 0;
            for cut in cuts {
                let end = (done + cut).min(purges.len());
                log.apply(&page(done as u64, &purges[done..end], end as u64), Timestamp::from_ms(0));
                done = end;
            }
            let purged = purges[..done].iter().any(|(sequence, tag)| *sequence > filled && *tag == probe);
            let standing = log.standing(at(filled), &[TagHash(probe)]);
            if purged {
                prop_assert_eq!(standing, Standing::Purged);
            }
        }
    }
}
