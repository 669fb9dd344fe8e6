//! All SQL that is not a migration, a file a resource.

pub mod groups;
pub mod purges;

use sqlx::SqliteConnection;

/// Makes Stepwell's own tables.
pub async fn own_tables(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let made = sqlx::query("SELECT 1 FROM sqlite_schema WHERE name = 'stepwell_meta'");
    if made.fetch_optional(&mut *connection).await?.is_none() {
        let sql = include_str!("../../migrations/sqlite/0001_purge_log.sql");
        sqlx::raw_sql(sql).execute(connection).await?;
    }
    Ok(())
}
