//! Facts about the database, by name.

use sqlx::Row as _;

use crate::database::{Error, Source as _, Transaction};

/// The name of what was declared at the last start.
pub const DECLARED: &str = "declared";
/// The names of the keys that were published at the last start.
pub const KEYS: &str = "published_keys";

/// The edges elsewhere and their keys' fingerprints, as of the last start.
pub const EDGES: &str = "edges";

/// What was known before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// Nothing.
    Nothing,
    /// The same.
    Same,
    /// Something else.
    Other,
}

/// Notes a fact.
pub async fn replace(tx: &mut Transaction, name: &'static str, value: String) -> Result<Before, Error> {
    let statement = sqlx::query("SELECT value FROM stepwell_meta WHERE name = ?1").bind(name);
    let before: Option<String> = match tx.fetch_optional(statement).await? {
        Some(row) => Some(row.try_get(0)?),
        None => None,
    };
    if before.as_ref() == Some(&value) {
        return Ok(Before::Same);
    }
    let statement = "INSERT INTO stepwell_meta (name, value) VALUES (?1, ?2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    tx.execute(sqlx::query(statement).bind(name).bind(value)).await?;
    Ok(if before.is_some() { Before::Other } else { Before::Nothing })
}
