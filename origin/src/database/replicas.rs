//! Where reads go: read-only connections, handed out one at a time.

mod pool;

use std::sync::Arc;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqliteConnection};
use stepwell_shared::bookmark::Position;

use super::measures::Reads;
use super::outbox::Tail;
use super::{Error, Source};
use pool::{Lease, Pool};

/// How long a read waits for a replica to reach its bookmark. SQLite's readers see each commit before it is
/// acknowledged, so that only a bookmark that was never given out waits at all.
const BOOKMARK_WAIT_MAX: Duration = Duration::from_millis(100);

/// The replicas. With SQLite they are connections to the primary's own file.
#[derive(Clone, Debug)]
pub struct Replicas {
    pool: Arc<Pool>,
    tail: Arc<Tail>,
}

/// A replica's connection for one request, given back when it is dropped.
#[derive(Debug)]
pub struct Read {
    lease: Lease,
    position: Position,
}

/// A read whose statements all see one state of the data.
#[derive(Debug)]
pub struct Snapshot<'r> {
    transaction: sqlx::Transaction<'r, Sqlite>,
    lost: &'r mut bool,
}

impl Replicas {
    pub(super) fn new(options: SqliteConnectOptions, connections: usize, tail: Arc<Tail>) -> Self {
        Self { pool: Arc::new(Pool::new(options, connections)), tail }
    }

    /// A connection whose data includes `at_least`, the caller's bookmark. A bookmark of another timeline means
    /// nothing here and is passed over. [`Error::Overloaded`] when no connection becomes free soon.
    pub async fn read(&self, at_least: Option<Position>) -> Result<Read, Error> {
        self.reach(at_least).await;
        let lease = self.pool.acquire().await?;
        // Before any data is read: each statement sees at least what was committed by now.
        Ok(Read { lease, position: self.position() })
    }

    /// What is counted of reads.
    pub fn measures(&self) -> &Reads {
        &self.pool.measures
    }

    /// Up to where the log is known to be committed: what a statement that begins now sees at the least.
    pub fn position(&self) -> Position {
        self.tail.head()
    }

    /// Waits, within bounds, until this replica has `wanted`. What it lacks then, the primary lacks as well: with
    /// SQLite both read one file, so there is no primary to turn to.
    pub async fn reach(&self, at_least: Option<Position>) {
        let Some(wanted) = at_least else { return };
        let head = self.tail.head();
        if wanted.epoch == head.epoch && wanted.sequence > head.sequence {
            let mut heads = self.tail.subscribe();
            let reached = heads.wait_for(|&sequence| sequence >= wanted.sequence);
            let _ = tokio::time::timeout(BOOKMARK_WAIT_MAX, reached).await;
        }
    }

    /// Closes the connections as they come back, and refuses new reads.
    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

impl Read {
    /// The log position read before any data: what an answer made from this states as its own.
    pub fn position(&self) -> Position {
        self.position
    }

    /// States a later position, read just now, before the first statement.
    pub fn move_position(&mut self, position: Position) {
        self.position = position;
    }

    /// One state of the data for several statements, whose answers belong together; let go when it is dropped.
    pub async fn snapshot(&mut self) -> Result<Snapshot<'_>, Error> {
        let (connection, lost) = self.lease.parts();
        // Deferred: the state is the one that the first statement finds, so at least that of the position.
        Ok(Snapshot { transaction: connection.begin().await?, lost })
    }
}

impl Source for Read {
    fn connection(&mut self) -> &mut SqliteConnection {
        self.lease.connection()
    }

    fn lost(&mut self) {
        self.lease.lost();
    }
}

impl Source for Snapshot<'_> {
    fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }

    fn lost(&mut self) {
        *self.lost = true;
    }
}

#[cfg(test)]
mod tests;
