//! Accounts.

use sqlx::Row as _;
use stepwell_shared::ids::Id;
use stepwell_shared::time::Timestamp;

use crate::access::email::Email;
use crate::database::{Error, Row, Source, Statement, Transaction};

/// An account as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAccount {
    /// Its id.
    pub id: Id,
    /// In lower case.
    pub email: String,
    /// When it was made.
    pub created: Timestamp,
    /// What it may do beside what everybody may; in order, each once.
    pub roles: Vec<String>,
    /// When it was banned.
    pub banned_at: Option<Timestamp>,
    /// When its password was last changed.
    pub password_changed_at: Option<Timestamp>,
}

impl StoredAccount {
    /// A new account.
    pub fn new(id: Id, email: &Email, created: Timestamp) -> Self {
        let email = email.as_str().to_owned();
        Self { id, email, created, roles: Vec::new(), banned_at: None, password_changed_at: None }
    }
}

/// The columns that [`account`] reads, then the password's hash.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, email, created, roles, banned_at, password_changed_at, password_hash FROM stepwell_accounts ",
            $rest
        )
    };
}

/// Adds an account. An address that has one already is a unique violation.
pub async fn insert(
    transaction: &mut Transaction,
    account: &StoredAccount,
    password_hash: &str,
) -> Result<(), Error> {
    let statement = sqlx::query(
        "INSERT INTO stepwell_accounts (id, email, password_hash, created) VALUES (?1, ?2, ?3, ?4)",
    );
    let statement = statement
        .bind(account.id.as_column())
        .bind(account.email.clone())
        .bind(password_hash.to_owned())
        .bind(account.created.as_ms().cast_signed());
    transaction.execute(statement).await.map(drop)
}

/// The account of that id.
pub async fn find(source: &mut impl Source, id: Id) -> Result<Option<StoredAccount>, Error> {
    Ok(find_with_password(source, id).await?.map(|(account, _)| account))
}

/// The account of that id, and its password's hash.
pub async fn find_with_password(
    source: &mut impl Source,
    id: Id,
) -> Result<Option<(StoredAccount, String)>, Error> {
    with_password(source, sqlx::query(select!("WHERE id = ?1")).bind(id.as_column())).await
}

/// The account that signs in with an address, and its password's hash.
pub async fn find_by_email(
    source: &mut impl Source,
    email: &Email,
) -> Result<Option<(StoredAccount, String)>, Error> {
    with_password(source, sqlx::query(select!("WHERE email = ?1")).bind(email.as_str().to_owned())).await
}

/// At most `limit` accounts after one, in order of their ids.
pub async fn list(
    source: &mut impl Source,
    after: Option<Id>,
    limit: u32,
) -> Result<Vec<StoredAccount>, Error> {
    let statement = sqlx::query(select!("WHERE id > ?1 ORDER BY id LIMIT ?2"));
    let statement = statement.bind(after.map_or(-1, Id::as_column)).bind(limit);
    source.fetch_all(statement).await?.iter().map(account).collect()
}

/// Gives an account another password.
pub async fn set_password(
    transaction: &mut Transaction,
    id: Id,
    password_hash: &str,
    at: Timestamp,
) -> Result<u64, Error> {
    let statement = sqlx::query(
        "UPDATE stepwell_accounts SET password_hash = ?2, password_changed_at = ?3 WHERE id = ?1",
    );
    let statement = statement.bind(id.as_column()).bind(password_hash.to_owned());
    transaction.execute(statement.bind(at.as_ms().cast_signed())).await
}

/// Shuts an account out, or lets it in again.
pub async fn set_banned(
    transaction: &mut Transaction,
    id: Id,
    banned_at: Option<Timestamp>,
) -> Result<u64, Error> {
    let statement = sqlx::query("UPDATE stepwell_accounts SET banned_at = ?2 WHERE id = ?1");
    let banned_at = banned_at.map(|at| at.as_ms().cast_signed());
    transaction.execute(statement.bind(id.as_column()).bind(banned_at)).await
}

/// Gives an account these roles instead of those that it has.
pub async fn set_roles(transaction: &mut Transaction, id: Id, roles: &[String]) -> Result<u64, Error> {
    let statement = sqlx::query("UPDATE stepwell_accounts SET roles = ?2 WHERE id = ?1");
    transaction.execute(statement.bind(id.as_column()).bind(roles.join(" "))).await
}

async fn with_password(
    source: &mut impl Source,
    statement: Statement,
) -> Result<Option<(StoredAccount, String)>, Error> {
    let Some(row) = source.fetch_optional(statement).await? else { return Ok(None) };
    Ok(Some((account(&row)?, row.try_get(6)?)))
}

fn account(row: &Row) -> Result<StoredAccount, Error> {
    let at = |ms: i64| Timestamp::from_ms(ms.cast_unsigned());
    Ok(StoredAccount {
        id: Id::from_column(row.try_get(0)?).ok_or(Error::Damaged("an account's id"))?,
        email: row.try_get(1)?,
        created: at(row.try_get(2)?),
        roles: row.try_get::<&str, _>(3)?.split_whitespace().map(str::to_owned).collect(),
        banned_at: row.try_get::<Option<i64>, _>(4)?.map(at),
        password_changed_at: row.try_get::<Option<i64>, _>(5)?.map(at),
    })
}
