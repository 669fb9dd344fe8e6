//! Sessions: families of refresh tokens.

use sqlx::Row as _;
use stepwell_shared::api::sessions::Carrier;
use stepwell_shared::ids::Id;
use stepwell_shared::time::Timestamp;

use crate::access::opaque::Hash;
use crate::access::refresh::{Family, Previous};
use crate::database::{Error, Row, Source, Transaction};

/// A session as it is stored.
#[derive(Clone, Debug)]
pub struct StoredSession {
    /// Its id.
    pub id: Id,
    /// Whose it is.
    pub account: Id,
    /// What carries its tokens.
    pub carrier: Carrier,
    /// What its client calls itself.
    pub user_agent: String,
    /// Its tokens.
    pub family: Family,
    /// When it was opened.
    pub created: Timestamp,
    /// When it was last renewed.
    pub last_used: Timestamp,
    /// From when its refresh token is refused.
    pub expires: Timestamp,
}

/// Adds a session.
pub async fn insert(transaction: &mut Transaction, session: &StoredSession) -> Result<(), Error> {
    let statement = sqlx::query(
        "INSERT INTO stepwell_sessions
            (id, account, carrier, user_agent, family_hash, current_hash, created, last_used, expires)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    );
    let statement = statement
        .bind(session.id.as_column())
        .bind(session.account.as_column())
        .bind(carrier_column(session.carrier))
        .bind(session.user_agent.clone())
        .bind(session.family.shared.to_column())
        .bind(session.family.current.to_column())
        .bind(column(session.created))
        .bind(column(session.last_used))
        .bind(column(session.expires));
    transaction.execute(statement).await.map(drop)
}

/// Stores what a refresh made of a session.
pub async fn renew(transaction: &mut Transaction, session: &StoredSession) -> Result<u64, Error> {
    let statement = sqlx::query(
        "UPDATE stepwell_sessions SET user_agent = ?2, current_hash = ?3, previous_hash = ?4, replaced_at = ?5,
            successor_salt = ?6, last_used = ?7, expires = ?8, family_hash = ?9
         WHERE id = ?1",
    );
    let previous = session.family.previous.as_ref();
    let statement = statement
        .bind(session.id.as_column())
        .bind(session.user_agent.clone())
        .bind(session.family.current.to_column())
        .bind(previous.map(|previous| previous.hash.to_column()))
        .bind(previous.map(|previous| column(previous.replaced_at)))
        .bind(previous.map(|previous| previous.salt.clone()))
        .bind(column(session.last_used))
        .bind(column(session.expires))
        .bind(session.family.shared.to_column());
    transaction.execute(statement).await
}

const COLUMNS: &str =
    "id, account, carrier, user_agent, family_hash, current_hash, previous_hash, replaced_at,
    successor_salt, created, last_used, expires";

/// The session of that id.
pub async fn find(source: &mut impl Source, id: Id) -> Result<Option<StoredSession>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM stepwell_sessions WHERE id = ?1");
    let row = source.fetch_optional(sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.as_column())).await?;
    row.as_ref().map(session).transpose()
}

/// The sessions of an account, the last used first. How many there may be bounds the answer.
pub async fn of_account(source: &mut impl Source, account: Id) -> Result<Vec<StoredSession>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM stepwell_sessions WHERE account = ?1 ORDER BY last_used DESC, id DESC"
    );
    let statement = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(account.as_column());
    source.fetch_all(statement).await?.iter().map(session).collect()
}

/// Ends a session of an account. Returns whether there was one.
pub async fn end(transaction: &mut Transaction, account: Id, id: Id) -> Result<bool, Error> {
    let statement = sqlx::query("DELETE FROM stepwell_sessions WHERE id = ?1 AND account = ?2");
    Ok(transaction.execute(statement.bind(id.as_column()).bind(account.as_column())).await? > 0)
}

/// Ends every session of an account, but one if it is named.
pub async fn end_all(transaction: &mut Transaction, account: Id, but: Option<Id>) -> Result<u64, Error> {
    let statement = sqlx::query("DELETE FROM stepwell_sessions WHERE account = ?1 AND id <> ?2");
    transaction.execute(statement.bind(account.as_column()).bind(but.map_or(-1, Id::as_column))).await
}

/// Of the sessions of an account, those over the `most` that were used last.
pub async fn oldest_beyond(source: &mut impl Source, account: Id, most: u32) -> Result<Vec<Id>, Error> {
    let statement = sqlx::query(
        "SELECT id FROM stepwell_sessions WHERE account = ?1 ORDER BY last_used DESC, id DESC LIMIT -1 OFFSET ?2",
    );
    let rows = source.fetch_all(statement.bind(account.as_column()).bind(most)).await?;
    rows.iter().map(|row| id(row, 0)).collect()
}

/// Forgets at most `limit` sessions that had ended by themselves at `now`. Returns how many went.
pub async fn forget(transaction: &mut Transaction, now: Timestamp, limit: u32) -> Result<u64, Error> {
    let statement = sqlx::query(
        "DELETE FROM stepwell_sessions WHERE id IN
            (SELECT id FROM stepwell_sessions WHERE expires <= ?1 ORDER BY expires LIMIT ?2)",
    );
    transaction.execute(statement.bind(column(now)).bind(limit)).await
}

fn session(row: &Row) -> Result<StoredSession, Error> {
    let hash = |place| {
        let bytes: &[u8] = row.try_get(place)?;
        Hash::from_column(bytes).ok_or(Error::Damaged("a session's hash"))
    };
    let at = |place| row.try_get(place).map(|ms: i64| Timestamp::from_ms(ms.cast_unsigned()));
    let replaced_at: Option<i64> = row.try_get(7)?;
    let previous = match replaced_at {
        None => None,
        Some(ms) => {
            let replaced_at = Timestamp::from_ms(ms.cast_unsigned());
            Some(Previous { hash: hash(6)?, replaced_at, salt: row.try_get(8)? })
        }
    };
    Ok(StoredSession {
        id: id(row, 0)?,
        account: id(row, 1)?,
        carrier: if row.try_get::<&str, _>(2)? == "cookie" { Carrier::Cookie } else { Carrier::Token },
        user_agent: row.try_get(3)?,
        family: Family { shared: hash(4)?, current: hash(5)?, previous },
        created: at(9)?,
        last_used: at(10)?,
        expires: at(11)?,
    })
}

fn id(row: &Row, place: usize) -> Result<Id, Error> {
    Id::from_column(row.try_get(place)?).ok_or(Error::Damaged("an id of a session"))
}

const fn carrier_column(carrier: Carrier) -> &'static str {
    match carrier {
        Carrier::Token => "token",
        Carrier::Cookie => "cookie",
    }
}

fn column(at: Timestamp) -> i64 {
    at.as_ms().cast_signed()
}
