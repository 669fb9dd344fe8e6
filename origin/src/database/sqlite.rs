//! How SQLite is opened: full durability, one writer, readers that never wait for it.

use std::path::Path;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};

use super::OpenError;
use super::migrate::own_tables;

/// Other processes (`stepwell backup`, an operator's shell) may hold a lock for a moment.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Pages after which a commit moves the write-ahead log into the database's file: 32 MB. Fewer would write the same
/// pages more often, more would slow readers, who search the log first.
const CHECKPOINT_PAGES: &str = "8000";
/// The log's file shrinks to this after a checkpoint, should one long reader have let it grow.
const LOG_BYTES_MAX: &str = "67108864";
/// Page cache of the writer, in KiB (negative by SQLite's convention).
const WRITER_CACHE: &str = "-8192";
/// Page cache of each reader; any commit empties it, so that more would be wasted.
const READER_CACHE: &str = "-2048";
/// Distinct statements that a connection keeps prepared.
const STATEMENTS_MAX: usize = 256;

/// Rows that a reader's thread may hand over before any is taken: more than a page of a list, at the most. With fewer it
/// stops amid a list, and on a core with much to do each further row takes two switches of threads.
const ROWS_AHEAD: usize = 256;

/// How the one writing connection is opened.
pub fn writer(path: &Path) -> SqliteConnectOptions {
    common(path)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL syncs the log before each commit returns; in WAL mode NORMAL would lose acknowledged commits.
        .synchronous(SqliteSynchronous::Full)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .pragma("journal_size_limit", LOG_BYTES_MAX)
        .pragma("cache_size", WRITER_CACHE)
        .thread_name(|_| "sqlite-writer".to_owned())
}

/// How a reading connection is opened.
pub fn reader(path: &Path) -> SqliteConnectOptions {
    common(path)
        .read_only(true)
        .row_buffer_size(ROWS_AHEAD)
        .pragma("cache_size", READER_CACHE)
        .thread_name(|n| format!("sqlite-reader-{n}"))
}

/// How a database is opened that nobody else has open: a copy. Its one file is all of it.
pub fn alone(path: &Path) -> SqliteConnectOptions {
    common(path).journal_mode(SqliteJournalMode::Delete).synchronous(SqliteSynchronous::Full)
}

fn common(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .statement_cache_capacity(STATEMENTS_MAX)
        // Values of records must not get into logs by way of statements.
        .disable_statement_logging()
        // Temporary B-trees of sorts stay in memory; nothing of ours sorts much.
        .pragma("temp_store", "MEMORY")
        // What a damaged or hostile file says about itself is not trusted (SQLite, "Defense Against The Dark Arts").
        .pragma("trusted_schema", "OFF")
}

/// Opens the writing connection; makes the file and Stepwell's own tables where they are missing.
pub async fn create(path: &Path) -> Result<SqliteConnection, OpenError> {
    let refused = |source| OpenError::Database { path: path.to_owned(), source };
    let mut connection = writer(path).create_if_missing(true).connect().await.map_err(refused)?;
    let failed = |source| OpenError::OwnTables { path: path.to_owned(), source };
    own_tables::bring_up_to_date(&mut connection).await.map_err(failed)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use sqlx::Row as _;
    use stepwell_shared::time::Timestamp;

    use crate::clock::Clock;
    use crate::database::{Database, Error, Settings, Source as _};

    async fn open(folder: &tempfile::TempDir) -> Database {
        let clock = Clock::standing_at(Timestamp::from_ms(1_800_000_000_000));
        Database::open(folder.path(), &Settings::default(), clock).await.unwrap()
    }

    #[tokio::test]
    async fn commits_are_synced_and_references_enforced() {
        let folder = tempfile::tempdir().unwrap();
        let database = open(&folder).await;
        let pragmas = database.primary.write::<_, Error, _>(|tx| {
            Box::pin(async move {
                let statement = "SELECT journal_mode, synchronous, foreign_keys
                    FROM pragma_journal_mode, pragma_synchronous, pragma_foreign_keys";
                let row = tx.fetch_one(sqlx::query(statement)).await?;
                Ok((row.get::<String, _>(0), row.get::<i64, _>(1), row.get::<i64, _>(2)))
            })
        });
        // SQLite's number for FULL is 2.
        assert_eq!(pragmas.await.unwrap().value, ("wal".to_owned(), 2, 1));
    }

    #[tokio::test]
    async fn a_database_that_was_closed_is_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let database = open(&folder).await;
        database.check().await.unwrap();
        database.close().await;
        let files = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let files: std::collections::BTreeSet<_> = files.collect();
        assert_eq!(files, ["stepwell.lock".into(), "stepwell.sqlite".into()].into());
    }

    #[tokio::test]
    async fn a_reader_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let database = open(&folder).await;
        let mut read = database.replicas.read(None).await.unwrap();
        let refused = read.fetch_all(sqlx::query("DELETE FROM stepwell_purges")).await.unwrap_err();
        assert!(refused.to_string().contains("readonly"), "{refused}");
    }
}
