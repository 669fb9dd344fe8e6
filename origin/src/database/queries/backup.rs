//! What copying a database, and putting a copy in place, asks of it.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Row as _, SqliteConnection};

/// Writes a copy of the database, as of one moment, into a new file. Others read and write meanwhile. SQLite does not
/// sync the file.
pub async fn copy_into(connection: &mut SqliteConnection, path: &str) -> Result<(), sqlx::Error> {
    sqlx::query("VACUUM INTO ?1").bind(path.to_owned()).execute(connection).await.map(drop)
}

/// About how many bytes a copy will have.
pub async fn size_bytes(connection: &mut SqliteConnection) -> Result<u64, sqlx::Error> {
    let size = sqlx::query("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()");
    let bytes: i64 = size.fetch_one(connection).await?.try_get(0)?;
    Ok(bytes.cast_unsigned())
}

/// How many rows each table has.
pub async fn row_counts(connection: &mut SqliteConnection) -> Result<BTreeMap<String, u64>, sqlx::Error> {
    let tables =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite@_%' ESCAPE '@'";
    let mut counts = BTreeMap::new();
    for row in sqlx::query(tables).fetch_all(&mut *connection).await? {
        let table: String = row.try_get(0)?;
        // A name out of the schema, quoted as an identifier.
        let count = format!("SELECT count(*) FROM \"{}\"", table.replace('"', "\"\""));
        let rows: i64 = sqlx::query(AssertSqlSafe(count)).fetch_one(&mut *connection).await?.try_get(0)?;
        counts.insert(table, rows.cast_unsigned());
    }
    Ok(counts)
}

/// What SQLite finds wrong with the file or with its foreign keys; `None` for a sound one.
pub async fn find_damage(connection: &mut SqliteConnection) -> Result<Option<String>, sqlx::Error> {
    let found: String =
        sqlx::query("PRAGMA integrity_check(1)").fetch_one(&mut *connection).await?.try_get(0)?;
    if found != "ok" {
        return Ok(Some(found));
    }
    let Some(row) = sqlx::query("PRAGMA foreign_key_check").fetch_optional(connection).await? else {
        return Ok(None);
    };
    let table: String = row.try_get(0)?;
    Ok(Some(format!("a row of {table} refers to one that is not there")))
}

/// Begins a new timeline, which is never the old one: it adds 1 to 2^31 to a number of 32 bits.
pub async fn begin_new_epoch(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let statement = "UPDATE stepwell_meta SET value = (value + 1 + (random() & 0x7fffffff)) & 0xffffffff
        WHERE name = 'epoch'";
    sqlx::query(statement).execute(connection).await.map(drop)
}
