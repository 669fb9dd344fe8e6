//! What a job writes with.

use sqlx::sqlite::SqliteConnection;
use stepwell_shared::bookmark::Position;
use stepwell_shared::tags::Tag;

use crate::database::{Error, Source, Statement};

/// The writing connection inside a job's savepoint, and what the job purges.
#[derive(Debug)]
pub struct Transaction {
    pub(super) connection: SqliteConnection,
    /// What was reached by the jobs before this one.
    pub(super) reached: Position,
    /// The tags that this job purges, so far.
    pub(super) tags: Vec<Tag>,
}

impl Transaction {
    pub(super) fn new(connection: SqliteConnection, reached: Position) -> Self {
        Self { connection, reached, tags: Vec::new() }
    }

    /// Runs a statement for what it changes. Returns how many rows it changed.
    pub async fn execute(&mut self, statement: Statement) -> Result<u64, Error> {
        let done = statement.execute(&mut self.connection).await;
        done.map(|done| done.rows_affected()).map_err(|error| self.noted(error))
    }

    /// Purges these tags when the job is committed: one row of the log for all of the job's tags.
    pub fn purge(&mut self, tags: impl IntoIterator<Item = Tag>) {
        self.tags.extend(tags);
    }

    /// The position that the job will have been committed at. Ask after the last [`Transaction::purge`].
    pub fn position(&self) -> Position {
        let own = u64::from(!self.tags.is_empty());
        Position { sequence: self.reached.sequence + own, ..self.reached }
    }

    /// Takes the job's tags, each once.
    pub(super) fn take_tags(&mut self) -> Vec<Tag> {
        let mut tags = std::mem::take(&mut self.tags);
        tags.sort_unstable();
        tags.dedup();
        tags
    }
}

impl Source for Transaction {
    fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    /// The writer finds out by itself: ending the job fails, and with it the group.
    fn lost(&mut self) {}
}
