//! Answers that are kept so that a repeated create gets the same one.

use sqlx::Row as _;
use stepwell_shared::bookmark::Position;
use stepwell_shared::time::Timestamp;

use crate::database::{Error, Source, Transaction};

/// A create that may come again: whose key, which key, and what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeatable {
    /// Callers do not share keys: the account, or the route where there is none yet.
    pub scope: String,
    /// The `Idempotency-Key`.
    pub key: String,
    /// SHA-256 of what makes the request the same request.
    pub fingerprint: [u8; 32],
}

/// An answer as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What had been asked for.
    pub fingerprint: Vec<u8>,
    /// The status code.
    pub status: u16,
    /// Headers beside those of every answer, as names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The log position of the create.
    pub position: Position,
}

/// The answer that was given under this scope and key.
pub async fn find(source: &mut impl Source, repeatable: &Repeatable) -> Result<Option<Kept>, Error> {
    let statement = sqlx::query(
        "SELECT fingerprint, status, headers, body, position FROM stepwell_idempotency WHERE scope = ?1 AND key = ?2",
    );
    let statement = statement.bind(repeatable.scope.clone()).bind(repeatable.key.clone());
    let Some(row) = source.fetch_optional(statement).await? else { return Ok(None) };
    let headers: &str = row.try_get(2)?;
    let position: &str = row.try_get(4)?;
    Ok(Some(Kept {
        fingerprint: row.try_get(0)?,
        status: row.try_get(1)?,
        headers: serde_json::from_str(headers).map_err(|_| Error::Damaged("the headers of a kept answer"))?,
        body: row.try_get(3)?,
        position: position.parse().map_err(|_| Error::Damaged("the position of a kept answer"))?,
    }))
}

/// Keeps an answer with the create that it answers.
pub async fn keep(
    transaction: &mut Transaction,
    repeatable: &Repeatable,
    kept: &Kept,
    at: Timestamp,
) -> Result<(), Error> {
    let headers = serde_json::to_string(&kept.headers).map_err(|_| Error::Damaged("a header"))?;
    let statement = sqlx::query(
        "INSERT INTO stepwell_idempotency (scope, key, fingerprint, status, headers, body, position, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    );
    let statement = statement
        .bind(repeatable.scope.clone())
        .bind(repeatable.key.clone())
        .bind(kept.fingerprint.clone())
        .bind(kept.status)
        .bind(headers)
        .bind(kept.body.clone())
        .bind(kept.position.to_string())
        .bind(at.as_ms().cast_signed());
    transaction.execute(statement).await.map(drop)
}

/// Forgets at most `limit` answers from before `before`. Returns how many went.
pub async fn forget(transaction: &mut Transaction, before: Timestamp, limit: u32) -> Result<u64, Error> {
    let statement = sqlx::query(
        "DELETE FROM stepwell_idempotency WHERE rowid IN
            (SELECT rowid FROM stepwell_idempotency WHERE at < ?1 ORDER BY at LIMIT ?2)",
    );
    transaction.execute(statement.bind(before.as_ms().cast_signed()).bind(limit)).await
}
