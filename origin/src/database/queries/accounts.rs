//! Accounts.

use sqlx::Row as _;
use stepwell_shared::ids::Id;
use stepwell_shared::time::Timestamp;

use crate::access::email::Email;
use crate::database::{Error, Row, Source, Transaction};

/// An account as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAccount {
    /// Its id.
    pub id: Id,
    /// In lower case.
    pub email: String,
    /// When it was made.
    pub created: Timestamp,
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
    let statement = sqlx::query("SELECT id, email, created FROM stepwell_accounts WHERE id = ?1");
    let row = source.fetch_optional(statement.bind(id.as_column())).await?;
    row.as_ref().map(account).transpose()
}

/// The account that signs in with an address, and its password's hash.
pub async fn find_by_email(
    source: &mut impl Source,
    email: &Email,
) -> Result<Option<(StoredAccount, String)>, Error> {
    let statement =
        sqlx::query("SELECT id, email, created, password_hash FROM stepwell_accounts WHERE email = ?1");
    let Some(row) = source.fetch_optional(statement.bind(email.as_str().to_owned())).await? else {
        return Ok(None);
    };
    Ok(Some((account(&row)?, row.try_get(3)?)))
}

fn account(row: &Row) -> Result<StoredAccount, Error> {
    let created: i64 = row.try_get(2)?;
    Ok(StoredAccount {
        id: Id::from_column(row.try_get(0)?).ok_or(Error::Damaged("an account's id"))?,
        email: row.try_get(1)?,
        created: Timestamp::from_ms(created.cast_unsigned()),
    })
}
