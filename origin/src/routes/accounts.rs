//! Accounts: who may sign in.

pub mod create;
pub mod credentials;
pub mod manage;
pub mod me;
pub mod password;

use stepwell_shared::api::accounts::Account;

use crate::database::queries::accounts::StoredAccount;
use crate::domain::datetime;

/// An account as its owner sees it.
pub fn shown(account: StoredAccount) -> Account {
    let created_ms = account.created.as_ms().cast_signed();
    Account {
        id: account.id,
        email: account.email,
        created: datetime::to_text(created_ms),
        roles: account.roles,
    }
}

#[cfg(test)]
mod tests;
