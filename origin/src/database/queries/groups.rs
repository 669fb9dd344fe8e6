//! The statements that make many jobs one commit. Several statements are one call: each call is a hop to the
//! connection's thread and back, and hops are what a small write costs.

use sqlx::SqliteConnection;
use stepwell_shared::time::Timestamp;

/// A purge as the log stores it: its sequence, and its tags separated by spaces.
pub type PurgeRow = (u64, String);

/// Opens a group, and its first job.
pub async fn begin(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    run(connection, "BEGIN IMMEDIATE; SAVEPOINT job").await
}

/// Keeps what a job did, and opens the next one.
pub const NEXT_JOB: &str = "RELEASE job; SAVEPOINT job";

/// Runs [`NEXT_JOB`].
pub async fn next_job(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    run(connection, NEXT_JOB).await
}

/// Undoes what the job did. The savepoint stays open, for the next job.
pub async fn undo_job(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    run(connection, "ROLLBACK TO job").await
}

/// Writes the purges of all jobs and commits them with everything else. `RELEASE` comes first, since it fails when
/// SQLite has rolled the group back by itself (a full disk), and nothing may be written then.
pub async fn commit(
    connection: &mut SqliteConnection,
    purges: &[PurgeRow],
    at: Timestamp,
) -> Result<(), sqlx::Error> {
    if purges.is_empty() {
        return run(connection, "RELEASE job; COMMIT").await;
    }
    let purges = serde_json::to_string(purges).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query(
        "RELEASE job;
         INSERT INTO stepwell_purges (sequence, tags, at) SELECT value ->> 0, value ->> 1, ?2 FROM json_each(?1);
         COMMIT",
    )
    .bind(purges)
    .bind(at.as_ms().cast_signed())
    .execute(connection)
    .await
    .map(drop)
}

async fn run(connection: &mut SqliteConnection, sql: &'static str) -> Result<(), sqlx::Error> {
    sqlx::query(sql).execute(connection).await.map(drop)
}
