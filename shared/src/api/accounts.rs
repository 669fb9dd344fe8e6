//! Accounts and sessions, as the API answers them.

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
}

/// What a log-in answers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// For `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer` (RFC 6750).
    pub token_type: String,
    /// Seconds until the access token is refused.
    pub expires_in: u64,
    /// Who signed in.
    pub account: Account,
}
