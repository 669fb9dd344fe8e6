//! The outbox: purges are rows of the transaction that caused them, and once it is committed they are the purge log.
//!
//! What makes the log is this order: commit, number, publish, acknowledge. SQLite's one writer numbers the rows while
//! it commits, so that numbers are in commit order for free. A database that commits side by side needs a relay that
//! numbers rows after they commit; it would publish to the same [`Tail`], and nothing behind it would change.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use sqlx::SqliteConnection;
use stepwell_shared::api::purges::Purge;
use stepwell_shared::bookmark::{Epoch, Position};
use tokio::sync::watch;

use super::queries::purges::Extent;
use super::{Error, queries};
use crate::access::revocations::Revocations;

/// Purges kept in memory for followers; who is further behind reads the table.
const TAIL_PURGES_MAX: usize = 4096;
/// Tags of all these purges together: batches purge hundreds at once, and this is what bounds the memory (1 MB).
const TAIL_TAGS_MAX: usize = 128 * 1024;

/// The recent end of the purge log, its head, and what it revokes.
#[derive(Debug)]
pub struct Tail {
    epoch: Epoch,
    recent: Mutex<Recent>,
    /// The last committed sequence. Set after `recent`, before any write is acknowledged.
    head: watch::Sender<u64>,
    /// The table has forgotten everything up to and including this sequence, or is about to.
    floor: AtomicU64,
    revocations: Revocations,
}

#[derive(Debug)]
struct Recent {
    /// Everything after this sequence is in `purges`.
    floor: u64,
    purges: VecDeque<Purge>,
    tags: usize,
}

impl Tail {
    /// The tail of a table of that extent, with nothing in memory yet.
    pub fn new(extent: Extent) -> Self {
        let Extent { epoch, head, floor } = extent;
        let recent = Recent { floor: head, purges: VecDeque::new(), tags: 0 };
        let revocations = Revocations::new(epoch, floor);
        let (head, floor) = (watch::Sender::new(head), AtomicU64::new(floor));
        Self { epoch, recent: Mutex::new(recent), head, floor, revocations }
    }

    /// The last committed position. What is read from now on includes it.
    pub fn head(&self) -> Position {
        Position { epoch: self.epoch, sequence: *self.head.borrow() }
    }

    /// Everything up to and including this sequence is forgotten.
    pub fn floor(&self) -> u64 {
        self.floor.load(Ordering::SeqCst)
    }

    /// Says that the table forgets everything up to and including a sequence; to be called before it does.
    pub fn raise_floor(&self, floor: u64) {
        self.floor.fetch_max(floor, Ordering::SeqCst);
        self.revocations.forget(floor);
    }

    /// Which access tokens the log has revoked.
    pub fn revocations(&self) -> &Revocations {
        &self.revocations
    }

    /// Tells of each new head.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.head.subscribe()
    }

    /// Adds committed purges, in order, and moves the head to the last of them.
    pub fn publish(&self, purges: Vec<Purge>) {
        let Some(head) = purges.last().map(|purge| purge.sequence) else { return };
        self.revocations.note(&purges);
        {
            let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            recent.tags += purges.iter().map(|purge| purge.tags.len()).sum::<usize>();
            recent.purges.extend(purges);
            while recent.purges.len() > TAIL_PURGES_MAX || recent.tags > TAIL_TAGS_MAX {
                let Some(oldest) = recent.purges.pop_front() else { break };
                recent.tags -= oldest.tags.len();
                recent.floor = oldest.sequence;
            }
        }
        self.head.send_replace(head);
    }

    /// At most `limit` purges after `sequence`, or `None` where memory does not reach that far back.
    pub fn after(&self, sequence: u64, limit: usize) -> Option<Vec<Purge>> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if sequence < recent.floor {
            return None;
        }
        let start = recent.purges.partition_point(|purge| purge.sequence <= sequence);
        Some(recent.purges.range(start..).take(limit).cloned().collect())
    }
}

/// Revocations read at once at the start.
const REVOCATIONS_READ: usize = 1000;

/// The tail of an opened database, with every revocation that the log still has.
pub async fn load(connection: &mut SqliteConnection) -> Result<Tail, Error> {
    let tail = Tail::new(queries::purges::extent(connection).await?);
    let mut after = 0;
    loop {
        let revoking = queries::purges::revoking(connection, after, REVOCATIONS_READ).await?;
        let Some(last) = revoking.last() else { return Ok(tail) };
        after = last.sequence;
        tail.revocations.note(&revoking);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stepwell_shared::tags::TagHash;

    fn purges(sequences: std::ops::RangeInclusive<u64>, tags: usize) -> Vec<Purge> {
        sequences
            .map(|sequence| Purge { sequence, tags: vec![TagHash(sequence); tags], revoked: Vec::new() })
            .collect()
    }

    fn sequences(found: Option<Vec<Purge>>) -> Option<Vec<u64>> {
        found.map(|purges| purges.iter().map(|purge| purge.sequence).collect())
    }

    #[test]
    fn followers_get_what_they_miss_in_order() {
        let tail = Tail::new(Extent { epoch: Epoch(1), head: 10, floor: 0 });
        tail.publish(purges(11..=13, 1));
        assert_eq!(tail.head().sequence, 13);
        assert_eq!(sequences(tail.after(10, 2)), Some(vec![11, 12]));
        assert_eq!(sequences(tail.after(12, 9)), Some(vec![13]));
        assert_eq!(sequences(tail.after(13, 9)), Some(vec![]));
        assert_eq!(tail.after(9, 9), None);
    }

    #[test]
    fn memory_is_bounded_by_purges_and_by_tags() {
        let tail = Tail::new(Extent { epoch: Epoch(1), head: 0, floor: 0 });
        let last = TAIL_PURGES_MAX as u64 + 5;
        tail.publish(purges(1..=last, 1));
        assert_eq!(tail.after(4, 1), None);
        assert_eq!(sequences(tail.after(5, 1)), Some(vec![6]));
        tail.publish(purges(last + 1..=last + 1, TAIL_TAGS_MAX));
        assert_eq!(sequences(tail.after(last, 9)), Some(vec![last + 1]));
        assert_eq!(tail.after(last - 1, 9), None);
    }
}
