//! Stepwell's own tables, brought up to date before anything else is asked of the database: each file of
//! `migrations/sqlite` once, in order, recorded with its checksum in the transaction that applies it.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use sqlx::{Connection as _, SqliteConnection};

/// By number, from 1: the name of each file and its text.
const FILES: [(&str, &str); 6] = [
    ("0001_purge_log.sql", include_str!("../../../migrations/sqlite/0001_purge_log.sql")),
    ("0002_accounts.sql", include_str!("../../../migrations/sqlite/0002_accounts.sql")),
    ("0003_idempotency.sql", include_str!("../../../migrations/sqlite/0003_idempotency.sql")),
    ("0004_plans.sql", include_str!("../../../migrations/sqlite/0004_plans.sql")),
    ("0005_access.sql", include_str!("../../../migrations/sqlite/0005_access.sql")),
    ("0006_audit.sql", include_str!("../../../migrations/sqlite/0006_audit.sql")),
];

/// Why Stepwell's own tables could not be brought up to date. Shown to the operator, whole.
#[derive(Debug, thiserror::Error)]
pub enum OwnTablesError {
    /// A file that was applied reads otherwise now, so that databases would differ by when they were made.
    #[error("{0} was changed after it was applied; use the stepwell that made the database, or a later one")]
    Changed(&'static str),
    /// A file could not be applied; none was.
    #[error("{file}: {source}")]
    Failed {
        /// The file's name.
        file: &'static str,
        /// What the database said.
        source: sqlx::Error,
    },
    /// The database could not be asked.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Applies the files that this database has not seen, all or none. Files that only a newer Stepwell knows may have been
/// applied before: they only ever expand, so that the version before goes on working.
pub async fn bring_up_to_date(connection: &mut SqliteConnection) -> Result<(), OwnTablesError> {
    apply(connection, &FILES).await
}

async fn apply(
    connection: &mut SqliteConnection,
    files: &[(&'static str, &'static str)],
) -> Result<(), OwnTablesError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let create = "CREATE TABLE IF NOT EXISTS stepwell_migrations (
        file TEXT PRIMARY KEY NOT NULL,
        -- SHA-256 of the file, in hexadecimal digits.
        checksum TEXT NOT NULL,
        -- Milliseconds since the Unix epoch.
        at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER))
    ) STRICT, WITHOUT ROWID";
    sqlx::raw_sql(create).execute(&mut *transaction).await?;
    let applied: BTreeMap<String, String> = sqlx::query_as("SELECT file, checksum FROM stepwell_migrations")
        .fetch_all(&mut *transaction)
        .await?
        .into_iter()
        .collect();
    for (file, sql) in files {
        let checksum = HEXLOWER.encode(&Sha256::digest(sql));
        match applied.get(*file) {
            Some(known) if *known == checksum => continue,
            Some(_) => return Err(OwnTablesError::Changed(file)),
            None => {}
        }
        let failed = |source| OwnTablesError::Failed { file, source };
        sqlx::raw_sql(*sql).execute(&mut *transaction).await.map_err(failed)?;
        let record = sqlx::query("INSERT INTO stepwell_migrations (file, checksum) VALUES (?, ?)");
        record.bind(*file).bind(checksum).execute(&mut *transaction).await.map_err(failed)?;
    }
    Ok(transaction.commit().await?)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sqlx::ConnectOptions as _;
    use sqlx::sqlite::SqliteConnectOptions;

    use super::*;

    async fn empty() -> SqliteConnection {
        SqliteConnectOptions::new().in_memory(true).connect().await.unwrap()
    }

    async fn tables(connection: &mut SqliteConnection) -> Vec<String> {
        sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
            .fetch_all(connection)
            .await
            .unwrap()
    }

    #[test]
    fn every_file_of_the_folder_is_applied_in_order() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, FILES.map(|(name, _)| name));
    }

    #[tokio::test]
    async fn files_are_applied_once_and_new_ones_when_they_come() {
        let mut connection = empty().await;
        let first = ("1.sql", "CREATE TABLE a (x INTEGER)");
        apply(&mut connection, &[first]).await.unwrap();
        apply(&mut connection, &[first]).await.unwrap();
        apply(&mut connection, &[first, ("2.sql", "CREATE TABLE b (x INTEGER)")]).await.unwrap();
        assert_eq!(tables(&mut connection).await, ["a", "b", "stepwell_migrations"]);
        // The version before, beside the new one.
        apply(&mut connection, &[first]).await.unwrap();
    }

    #[tokio::test]
    async fn a_file_that_changed_is_refused() {
        let mut connection = empty().await;
        apply(&mut connection, &[("1.sql", "CREATE TABLE a (x INTEGER)")]).await.unwrap();
        let changed = apply(&mut connection, &[("1.sql", "CREATE TABLE a (x TEXT)")]).await;
        assert!(matches!(changed, Err(OwnTablesError::Changed("1.sql"))), "{changed:?}");
    }

    #[tokio::test]
    async fn a_file_that_fails_leaves_nothing_behind() {
        let mut connection = empty().await;
        let files =
            [("1.sql", "CREATE TABLE a (x INTEGER)"), ("2.sql", "CREATE TABLE b (x INTEGER); nonsense")];
        let failed = apply(&mut connection, &files).await;
        assert!(matches!(failed, Err(OwnTablesError::Failed { file: "2.sql", .. })), "{failed:?}");
        assert_eq!(tables(&mut connection).await, [""; 0]);
    }
}
