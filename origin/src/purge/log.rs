//! A stretch of the log: from memory where it is recent, from the table where it is older.

use std::sync::Arc;

use stepwell_shared::api::purges::{Purge, PurgePage};
use stepwell_shared::limits::PURGE_PAGE_MAX;
use stepwell_shared::time::Timestamp;
use tokio::sync::watch;

use crate::database::outbox::Tail;
use crate::database::{Error, Replicas, queries};

/// The log of one database.
#[derive(Clone, Debug)]
pub struct Log {
    tail: Arc<Tail>,
    replicas: Replicas,
}

impl Log {
    /// The log of an open database.
    pub fn new(tail: Arc<Tail>, replicas: Replicas) -> Self {
        Self { tail, replicas }
    }

    /// The purges after a sequence, at most [`PURGE_PAGE_MAX`] of them; none for `None`, which means the log's end.
    pub async fn page(&self, after: Option<u64>) -> Result<PurgePage, Error> {
        // Read first: what is found below includes everything up to it.
        let head = self.tail.head();
        // Beyond the head there is nothing to have been told: whoever asks so knows another timeline, and begins here.
        let asked = after.unwrap_or(head.sequence).min(head.sequence);
        let mut purges = self.after(asked).await?;
        let whole = purges.len() < PURGE_PAGE_MAX;
        // Read last, and raised before anything is deleted: had a row gone while we read, it is at or below this.
        let floor = self.tail.floor();
        let after = asked.max(floor);
        purges.retain(|purge| purge.sequence > after);
        let last = purges.last().map_or(after, |purge| purge.sequence);
        let through = if whole { last.max(head.sequence) } else { last };
        let head = through.max(head.sequence);
        Ok(PurgePage {
            epoch: self.tail.head().epoch,
            after,
            through,
            head,
            floor,
            purges,
            revision: String::new(),
        })
    }

    /// The sequence after which everything was purged since a moment; where the log no longer reaches that far back, its
    /// beginning.
    pub async fn since(&self, moment: Timestamp) -> Result<u64, Error> {
        let mut read = self.replicas.read(None).await?;
        let last = queries::purges::last_before(&mut read, moment).await?;
        Ok(last.unwrap_or_else(|| self.tail.floor()))
    }

    /// Tells of each new head.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.tail.subscribe()
    }

    async fn after(&self, sequence: u64) -> Result<Vec<Purge>, Error> {
        if let Some(recent) = self.tail.after(sequence, PURGE_PAGE_MAX) {
            return Ok(recent);
        }
        let mut read = self.replicas.read(None).await?;
        queries::purges::after(&mut read, sequence, PURGE_PAGE_MAX).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::database::{Database, Settings};
    use stepwell_shared::tags::Tag;
    use stepwell_shared::time::Timestamp;

    const NOW: Timestamp = Timestamp::from_ms(1_800_000_000_000);
    const KEPT_MS: u64 = 25 * 3_600_000;

    async fn open(folder: &tempfile::TempDir, at: Timestamp) -> (Database, Log) {
        let clock = Clock::standing_at(at);
        let database = Database::open(folder.path(), &Settings::default(), clock).await.unwrap();
        let log = Log::new(Arc::clone(&database.tail), database.replicas.clone());
        (database, log)
    }

    fn tag(n: u64) -> Tag {
        Tag::parse(&format!("record/t/{n}")).unwrap()
    }

    async fn purge(database: &Database, numbers: std::ops::Range<u64>) {
        let writes = numbers.map(|n| {
            database.primary.write::<_, Error, _>(move |tx| {
                tx.purge([tag(n), Tag::all()]);
                Box::pin(async { Ok(()) })
            })
        });
        for write in futures_util::future::join_all(writes).await {
            write.unwrap();
        }
    }

    fn sequences(page: &PurgePage) -> Vec<u64> {
        page.purges.iter().map(|purge| purge.sequence).collect()
    }

    #[tokio::test]
    async fn memory_and_table_tell_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let (database, log) = open(&folder, NOW).await;
        purge(&database, 0..5).await;
        let from_memory = log.page(Some(1)).await.unwrap();
        assert_eq!(sequences(&from_memory), [2, 3, 4, 5]);
        assert_eq!(from_memory.purges[0].tags, [Tag::all().hash(), tag(1).hash()]);
        database.close().await;
        drop((database, log));
        let (_database, log) = open(&folder, NOW).await;
        assert_eq!(log.page(Some(1)).await.unwrap(), from_memory);
    }

    #[tokio::test]
    async fn pages_follow_each_other_to_the_head() {
        let folder = tempfile::tempdir().unwrap();
        let (database, log) = open(&folder, NOW).await;
        let total = PURGE_PAGE_MAX as u64 + 3;
        for start in (0..total).step_by(500) {
            purge(&database, start..(start + 500).min(total)).await;
        }
        let first = log.page(Some(0)).await.unwrap();
        assert_eq!(
            (first.purges.len(), first.through, first.head),
            (PURGE_PAGE_MAX, PURGE_PAGE_MAX as u64, total)
        );
        let second = log.page(Some(first.through)).await.unwrap();
        assert_eq!((sequences(&second), second.through), (vec![total - 2, total - 1, total], total));
        let end = log.page(None).await.unwrap();
        assert_eq!((end.after, end.through, end.purges.len()), (total, total, 0));
    }

    #[tokio::test]
    async fn a_follower_of_another_timeline_misses_nothing_of_this_one() {
        let folder = tempfile::tempdir().unwrap();
        let (database, log) = open(&folder, NOW).await;
        purge(&database, 0..2).await;
        let page = log.page(Some(500)).await.unwrap();
        assert_eq!((page.after, page.through, page.head), (2, 2, 2));
        purge(&database, 2..3).await;
        assert_eq!(sequences(&log.page(Some(page.through)).await.unwrap()), [3]);
    }

    #[tokio::test]
    async fn what_was_forgotten_is_said_to_be() {
        let folder = tempfile::tempdir().unwrap();
        let (database, log) = open(&folder, NOW).await;
        purge(&database, 0..3).await;
        database.forget_old(NOW.plus_ms(KEPT_MS)).await.unwrap();
        assert_eq!(log.page(Some(0)).await.unwrap().floor, 0);
        database.forget_old(NOW.plus_ms(KEPT_MS + 1)).await.unwrap();
        let page = log.page(Some(1)).await.unwrap();
        assert_eq!((page.floor, page.after, page.through, page.head), (3, 3, 3, 3));
        purge(&database, 3..4).await;
        assert_eq!(sequences(&log.page(Some(0)).await.unwrap()), [4]);
        database.close().await;
        drop((database, log));
        let (_database, log) = open(&folder, NOW).await;
        let page = log.page(Some(0)).await.unwrap();
        assert_eq!((page.floor, sequences(&page)), (3, vec![4]));
    }

    #[tokio::test]
    async fn a_sequence_is_never_given_twice_also_when_the_log_has_forgotten_everything() {
        let folder = tempfile::tempdir().unwrap();
        let (database, log) = open(&folder, NOW).await;
        purge(&database, 0..3).await;
        database.forget_old(NOW.plus_ms(KEPT_MS + 1)).await.unwrap();
        database.close().await;
        drop((database, log));
        let (database, log) = open(&folder, NOW).await;
        purge(&database, 0..1).await;
        assert_eq!(sequences(&log.page(Some(0)).await.unwrap()), [4]);
    }
}
