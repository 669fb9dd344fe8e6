//! Facts about the database, by name.

use sqlx::Row as _;

use crate::database::{Error, Source as _, Transaction};

/// The name of what was declared at the last start.
pub const DECLARED: &str = "declared";
/// The names of the keys that were published at the last start.
pub const KEYS: &str = "published_keys";

/// Notes a fact. Returns whether it was another one before, or none.
pub async fn replace(tx: &mut Transaction, name: &'static str, value: String) -> Result<bool, Error> {
    let statement = sqlx::query("SELECT value FROM stepwell_meta WHERE name = ?1").bind(name);
    let before: Option<String> = match tx.fetch_optional(statement).await? {
        Some(row) => Some(row.try_get(0)?),
        None => None,
    };
    if before.as_ref() == Some(&value) {
        return Ok(false);
    }
    let statement = "INSERT INTO stepwell_meta (name, value) VALUES (?1, ?2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    tx.execute(sqlx::query(statement).bind(name).bind(value)).await?;
    Ok(true)
}
