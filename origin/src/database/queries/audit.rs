//! The audit log's table.

use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};
use stepwell_shared::ids::Id;
use stepwell_shared::time::Timestamp;

use crate::audit::Change;
use crate::database::{self, Error, Statement, Transaction};

/// A row as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its place in the log.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// What, in a word.
    pub what: String,
    /// By whom, in a word.
    pub actor: String,
    /// The account of whoever did it.
    pub actor_account: Option<Id>,
    /// The account that it was done to.
    pub account: Option<Id>,
    /// What the word leaves open.
    pub detail: String,
    /// The network that it came from.
    pub address: Option<String>,
    /// The trace of the request.
    pub trace: Option<String>,
}

/// Adds a row.
pub async fn insert(transaction: &mut Transaction, change: &Change) -> Result<(), Error> {
    transaction.execute(statement(change)).await.map(drop)
}

/// What adds a row.
pub fn statement(change: &Change) -> Statement {
    let statement = sqlx::query(
        "INSERT INTO stepwell_audit (at, what, actor, actor_account, account, detail, address, trace)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    );
    statement
        .bind(column(change.at))
        .bind(change.what.as_str())
        .bind(change.actor.as_str())
        .bind(change.actor.account().map(Id::as_column))
        .bind(change.account.map(Id::as_column))
        .bind(change.detail.clone())
        .bind(change.trail.address.map(|address| address.to_string()))
        .bind(change.trail.trace.map(|trace| format!("{trace:032x}")))
}

/// At most `limit` rows after one, in order: all, or those to or by an account, and since a time.
pub async fn after(
    connection: &mut SqliteConnection,
    account: Option<Id>,
    since: Option<Timestamp>,
    after: i64,
    limit: u32,
) -> Result<Vec<Row>, Error> {
    let mut query = QueryBuilder::<Sqlite>::new(
        "SELECT id, at, what, actor, actor_account, account, detail, address, trace FROM stepwell_audit WHERE id > ",
    );
    query.push_bind(after);
    if let Some(account) = account.map(Id::as_column) {
        query.push(" AND (account = ").push_bind(account);
        query.push(" OR actor_account = ").push_bind(account).push(")");
    }
    if let Some(since) = since {
        query.push(" AND at >= ").push_bind(column(since));
    }
    query.push(" ORDER BY id LIMIT ").push_bind(limit);
    query.build().fetch_all(connection).await?.iter().map(row).collect()
}

/// Forgets at most `limit` rows from before `before`. Returns how many went.
pub async fn forget(transaction: &mut Transaction, before: Timestamp, limit: u32) -> Result<u64, Error> {
    let statement = sqlx::query(
        "DELETE FROM stepwell_audit WHERE id IN
            (SELECT id FROM stepwell_audit WHERE at < ?1 ORDER BY at LIMIT ?2)",
    );
    transaction.execute(statement.bind(column(before)).bind(limit)).await
}

fn row(row: &database::Row) -> Result<Row, Error> {
    let account = |place| {
        let id: Option<i64> = row.try_get(place)?;
        id.map(|id| Id::from_column(id).ok_or(Error::Damaged("an id of the audit log"))).transpose()
    };
    Ok(Row {
        id: row.try_get(0)?,
        at: Timestamp::from_ms(row.try_get::<i64, _>(1)?.cast_unsigned()),
        what: row.try_get(2)?,
        actor: row.try_get(3)?,
        actor_account: account(4)?,
        account: account(5)?,
        detail: row.try_get(6)?,
        address: row.try_get(7)?,
        trace: row.try_get(8)?,
    })
}

fn column(at: Timestamp) -> i64 {
    at.as_ms().cast_signed()
}
