//! Which access tokens no longer count, though they verify: those that were issued before a purge of their account or of
//! their session. An origin keeps every such purge of the log, one by one, so that no token is refused by chance.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use stepwell_shared::api::purges::Purge;
use stepwell_shared::bookmark::{Epoch, Position};
use stepwell_shared::tags::TagHash;

/// The last purge of each account and of each session that the log still has: 16 bytes each. The log forgets a purge
/// only when every token from before it has expired, and so does this.
#[derive(Debug)]
pub struct Revocations {
    epoch: Epoch,
    known: RwLock<Known>,
}

#[derive(Debug)]
struct Known {
    /// Revocations up to and including this sequence are forgotten.
    floor: u64,
    latest: HashMap<TagHash, u64>,
}

impl Revocations {
    /// With nothing revoked yet, in a log that begins after `floor`.
    pub fn new(epoch: Epoch, floor: u64) -> Self {
        Self { epoch, known: RwLock::new(Known { floor, latest: HashMap::new() }) }
    }

    /// Notes what purges revoke. To be called before the writes that caused them are acknowledged.
    pub fn note(&self, purges: &[Purge]) {
        if purges.iter().all(|purge| purge.revoked.is_empty()) {
            return;
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for purge in purges {
            for tag in &purge.revoked {
                let latest = known.latest.entry(*tag).or_default();
                *latest = (*latest).max(purge.sequence);
            }
        }
    }

    /// Forgets revocations up to and including a sequence: tokens from before it are refused from now on, whoever's.
    pub fn forget(&self, through: u64) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.floor = known.floor.max(through);
        known.latest.retain(|_, sequence| *sequence > through);
    }

    /// Whether a token that was issued at `position` and is revoked by `tags` still stands. One of another timeline does
    /// not: what revoked it may have been lost with the data of that timeline.
    pub fn stands(&self, position: Position, tags: &[TagHash]) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let revokes = |tag| known.latest.get(tag).is_some_and(|sequence| *sequence > position.sequence);
        position.epoch == self.epoch && position.sequence >= known.floor && !tags.iter().any(revokes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(sequence: u64) -> Position {
        Position { epoch: Epoch(1), sequence }
    }

    fn purge(sequence: u64, tags: &[&str]) -> Purge {
        Purge::of(sequence, tags.iter().copied())
    }

    #[test]
    fn a_purge_revokes_what_was_issued_before_it_and_nothing_after() {
        let revocations = Revocations::new(Epoch(1), 0);
        let (ada, bob) = ([TagHash::of("account/a"), TagHash::of("session/s")], [TagHash::of("account/b")]);
        revocations.note(&[purge(5, &["account/a"]), purge(6, &["record/posts/1"])]);
        assert!(!revocations.stands(at(4), &ada) && revocations.stands(at(5), &ada));
        assert!(revocations.stands(at(4), &bob));
        revocations.note(&[purge(7, &["session/s"])]);
        assert!(!revocations.stands(at(6), &ada) && revocations.stands(at(7), &ada));
        // Read twice, as after a lost connection, it changes nothing.
        revocations.note(&[purge(5, &["account/a"])]);
        assert!(!revocations.stands(at(4), &ada) && revocations.stands(at(7), &ada));
    }

    #[test]
    fn what_could_have_been_revoked_unseen_does_not_stand() {
        let revocations = Revocations::new(Epoch(1), 3);
        let ada = [TagHash::of("account/a")];
        assert!(revocations.stands(at(3), &ada) && !revocations.stands(at(2), &ada));
        assert!(!revocations.stands(Position { epoch: Epoch(2), sequence: 9 }, &ada));
        revocations.note(&[purge(5, &["account/a"])]);
        revocations.forget(5);
        assert!(revocations.stands(at(5), &ada) && !revocations.stands(at(4), &[]));
        assert_eq!(revocations.known.read().unwrap().latest.len(), 0);
    }
}
