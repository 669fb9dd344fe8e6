//! API keys.

use sqlx::Row as _;
use stepwell_shared::ids::Id;
use stepwell_shared::time::Timestamp;

use crate::access::opaque::Hash;
use crate::database::{Error, Row, Source, Transaction};

/// A key as it is stored, but for its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKey {
    /// Its id.
    pub id: Id,
    /// Whose it is.
    pub account: Id,
    /// What it is for.
    pub name: String,
    /// Separated by spaces.
    pub scopes: String,
    /// When it was made.
    pub created: Timestamp,
    /// Days since the Unix epoch.
    pub last_used_day: Option<u64>,
    /// From when it is refused.
    pub expires: Option<Timestamp>,
}

/// A key with what decides whether it is good.
#[derive(Clone, Debug)]
pub struct KnownKey {
    /// The key.
    pub stored: StoredKey,
    /// Of its secret.
    pub hash: Hash,
    /// The account's roles.
    pub roles: Vec<String>,
    /// Whether the account is banned.
    pub banned: bool,
}

/// Adds a key.
pub async fn insert(transaction: &mut Transaction, key: &StoredKey, hash: Hash) -> Result<(), Error> {
    let statement = sqlx::query(
        "INSERT INTO stepwell_api_keys (id, account, name, hash, scopes, created, expires)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    );
    let statement = statement
        .bind(key.id.as_column())
        .bind(key.account.as_column())
        .bind(key.name.clone())
        .bind(hash.to_column())
        .bind(key.scopes.clone())
        .bind(column(key.created))
        .bind(key.expires.map(column));
    transaction.execute(statement).await.map(drop)
}

/// How many keys an account has.
pub async fn count(source: &mut impl Source, account: Id) -> Result<u32, Error> {
    let statement = sqlx::query("SELECT count(*) FROM stepwell_api_keys WHERE account = ?1");
    Ok(source.fetch_one(statement.bind(account.as_column())).await?.try_get(0)?)
}

/// The key of that id, with its account's standing.
pub async fn find(source: &mut impl Source, id: Id) -> Result<Option<KnownKey>, Error> {
    let statement = sqlx::query(
        "SELECT k.id, k.account, k.name, k.scopes, k.created, k.last_used_day, k.expires, k.hash, a.roles, a.banned_at
         FROM stepwell_api_keys AS k JOIN stepwell_accounts AS a ON a.id = k.account WHERE k.id = ?1",
    );
    let Some(row) = source.fetch_optional(statement.bind(id.as_column())).await? else { return Ok(None) };
    let hash: &[u8] = row.try_get(7)?;
    Ok(Some(KnownKey {
        stored: key(&row)?,
        hash: Hash::from_column(hash).ok_or(Error::Damaged("a key's hash"))?,
        roles: row.try_get::<&str, _>(8)?.split_whitespace().map(str::to_owned).collect(),
        banned: row.try_get::<Option<i64>, _>(9)?.is_some(),
    }))
}

/// The keys of an account, the newest first. How many there may be bounds the answer.
pub async fn of_account(source: &mut impl Source, account: Id) -> Result<Vec<StoredKey>, Error> {
    let statement = sqlx::query(
        "SELECT id, account, name, scopes, created, last_used_day, expires FROM stepwell_api_keys
         WHERE account = ?1 ORDER BY id DESC",
    );
    source.fetch_all(statement.bind(account.as_column())).await?.iter().map(key).collect()
}

/// Notes that a key was used on a day.
pub async fn note_use(transaction: &mut Transaction, id: Id, day: u64) -> Result<u64, Error> {
    let statement = sqlx::query("UPDATE stepwell_api_keys SET last_used_day = ?2 WHERE id = ?1");
    transaction.execute(statement.bind(id.as_column()).bind(day.cast_signed())).await
}

/// Removes a key of an account. Returns whether there was one.
pub async fn remove(transaction: &mut Transaction, account: Id, id: Id) -> Result<bool, Error> {
    let statement = sqlx::query("DELETE FROM stepwell_api_keys WHERE id = ?1 AND account = ?2");
    Ok(transaction.execute(statement.bind(id.as_column()).bind(account.as_column())).await? > 0)
}

/// Forgets at most `limit` keys that had expired at `now`. Returns how many went.
pub async fn forget(transaction: &mut Transaction, now: Timestamp, limit: u32) -> Result<u64, Error> {
    let statement = sqlx::query(
        "DELETE FROM stepwell_api_keys WHERE id IN
            (SELECT id FROM stepwell_api_keys WHERE expires <= ?1 ORDER BY expires LIMIT ?2)",
    );
    transaction.execute(statement.bind(column(now)).bind(limit)).await
}

fn key(row: &Row) -> Result<StoredKey, Error> {
    let id = |place| Id::from_column(row.try_get(place)?).ok_or(Error::Damaged("an id of a key"));
    let at = |ms: i64| Timestamp::from_ms(ms.cast_unsigned());
    Ok(StoredKey {
        id: id(0)?,
        account: id(1)?,
        name: row.try_get(2)?,
        scopes: row.try_get(3)?,
        created: at(row.try_get(4)?),
        last_used_day: row.try_get::<Option<i64>, _>(5)?.map(i64::cast_unsigned),
        expires: row.try_get::<Option<i64>, _>(6)?.map(at),
    })
}

fn column(at: Timestamp) -> i64 {
    at.as_ms().cast_signed()
}
