//! Accounts, as the API answers them.

use serde::{Deserialize, Serialize};

use crate::ids::Id;

/// An account, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The account's id; records that it creates carry it as `owner`.
    pub id: Id,
    /// The address it signs in with.
    pub email: String,
    /// When it was made: RFC 3339, UTC.
    pub created: String,
    /// What it may do beside what everybody may, as collections' rules name it; in order.
    pub roles: Vec<String>,
}

/// An account, as the operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedAccount {
    /// What its owner sees.
    #[serde(flatten)]
    pub account: Account,
    /// When it was banned; `None` for one that may sign in.
    pub banned: Option<String>,
    /// When its password last changed; `None` for one that has its first.
    pub password_changed: Option<String>,
}

/// A page of accounts, in order of their ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountPage {
    /// The accounts.
    pub items: Vec<ManagedAccount>,
    /// What `after` says for the next page; `None` after the last.
    pub next: Option<Id>,
}

/// The roles that an account is to have, instead of those that it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// Names.
    pub roles: Vec<String>,
}
