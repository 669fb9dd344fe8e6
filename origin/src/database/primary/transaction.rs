//! What a job writes with.

use std::sync::Arc;

use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteConnection;
use stepwell_shared::bookmark::Position;
use stepwell_shared::tags::Tag;

use crate::database::queries::groups;
use crate::database::{Error, Source, Statement};

/// The writing connection inside a job's savepoint, and what the job purges.
#[derive(Debug)]
pub struct Transaction {
    pub(super) connection: SqliteConnection,
    /// What was reached by the jobs before this one.
    pub(super) reached: Position,
    /// The tags that this job purges, so far.
    pub(super) tags: Vec<Tag>,
    /// Whether the savepoint that is open is still that of the job before, which is kept. The next statement closes it
    /// and opens this job's.
    pub(super) between_jobs: bool,
}

/// A statement with which jobs often begin. Opening the job's savepoint goes along with it: a call is a hop to the
/// connection's thread and back, which is most of what a small write costs.
#[derive(Clone, Debug)]
pub struct Opening {
    alone: Arc<str>,
    with_savepoint: Arc<str>,
}

impl Opening {
    /// Prepares the text.
    pub fn new(sql: &str) -> Self {
        Self { alone: sql.into(), with_savepoint: format!("{}; {sql}", groups::NEXT_JOB).into() }
    }
}

impl Transaction {
    pub(super) fn new(connection: SqliteConnection, reached: Position) -> Self {
        Self { connection, reached, tags: Vec::new(), between_jobs: false }
    }

    /// Runs a statement for what it changes. Returns how many rows it changed.
    pub async fn execute(&mut self, statement: Statement) -> Result<u64, Error> {
        self.settle().await?;
        let done = statement.execute(&mut self.connection).await;
        done.map(|done| done.rows_affected()).map_err(|error| self.noted(error))
    }

    /// The same for a statement that is prepared to be a job's first.
    pub async fn execute_opening(
        &mut self,
        opening: &Opening,
        bind: impl FnOnce(Statement) -> Statement,
    ) -> Result<u64, Error> {
        let between_jobs = std::mem::take(&mut self.between_jobs);
        let text = if between_jobs { &opening.with_savepoint } else { &opening.alone };
        self.execute(bind(sqlx::query(AssertSqlSafe(Arc::clone(text))))).await
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

    async fn settle(&mut self) -> Result<(), Error> {
        if std::mem::take(&mut self.between_jobs) {
            groups::next_job(&mut self.connection).await?;
        }
        Ok(())
    }

    /// The writer finds out by itself: ending the job fails, and with it the group.
    fn lost(&mut self) {}
}
