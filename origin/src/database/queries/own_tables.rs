//! Stepwell's own tables, brought up to date before anything else is asked of the database. Each file of
//! `migrations/sqlite` is applied once, in order, in a transaction with its number; `user_version` holds the last one.
//! They only ever expand, so that an older process beside a newer one goes on working.

use sqlx::{AssertSqlSafe, Row as _, SqliteConnection};

const FILES: [&str; 4] = [
    include_str!("../../../migrations/sqlite/0001_purge_log.sql"),
    include_str!("../../../migrations/sqlite/0002_accounts.sql"),
    include_str!("../../../migrations/sqlite/0003_idempotency.sql"),
    include_str!("../../../migrations/sqlite/0004_plans.sql"),
];

/// Applies the files that this database has not seen.
pub async fn bring_up_to_date(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let row = sqlx::query("PRAGMA user_version").fetch_one(&mut *connection).await?;
    let applied = usize::try_from(row.try_get::<i64, _>(0)?).unwrap_or_default();
    for (before, sql) in FILES.iter().enumerate().skip(applied) {
        let number = before + 1;
        let sql = format!("BEGIN IMMEDIATE; {sql} PRAGMA user_version = {number}; COMMIT");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await?;
    }
    Ok(())
}
