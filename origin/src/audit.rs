//! The audit log: who changed who may do what, and from where. A row is written in the transaction of its change, so that
//! neither is without the other.
//!
//! Log-ins are not here but in the process's log: each wrong password would be a row, and a flood of them would fill the
//! disk. What is here takes an account and most often a password to do.

pub mod beside;

use std::net::IpAddr;

use stepwell_shared::ids::Id;
use stepwell_shared::time::Timestamp;

use crate::database::queries::audit;
use crate::database::{Error, Transaction};

/// What was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Somebody signed up.
    AccountMade,
    /// An account has another password; its other sessions ended.
    PasswordChanged,
    /// Somebody signed out everywhere.
    SessionsEnded,
    /// A refresh token came again after it was replaced; its session ended.
    RefreshTokenReused,
    /// An account was shut out.
    AccountBanned,
    /// It was let in again.
    AccountUnbanned,
    /// An account has other roles: the detail says which.
    RolesSet,
    /// An account has a further API key: the detail names its id and its scopes.
    KeyMade,
    /// It has one less.
    KeyRemoved,
    /// Another key signs access tokens: the detail names it.
    SigningKeyRotated,
    /// A start found other declarations, other sites that are trusted, or another version than the start before.
    DeclarationsChanged,
    /// A start found other edges, or other keys of them: the detail lists them with the keys' fingerprints.
    EdgesChanged,
    /// The operator purged: the detail says what.
    Purged,
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Whoever sent the request: nobody has to be known to send it.
    Anybody,
    /// The account's owner, or whoever has their session.
    Account(Id),
    /// Whoever has the operator's token, or an account with the operator's role.
    Operator(Option<Id>),
    /// Somebody at the machine, by a command or by what they have configured.
    Command,
}

/// Where a change came from: a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trail {
    /// The client's network, where it is known.
    pub address: Option<IpAddr>,
    /// The request's trace.
    pub trace: Option<u128>,
}

/// A row to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
    /// By whom.
    pub actor: Actor,
    /// To whom.
    pub account: Option<Id>,
    /// What the rest leaves open, at most [`DETAIL_BYTES_MAX`] of it. Never a secret, and no address of mail.
    pub detail: String,
    /// From where.
    pub trail: Trail,
}

/// Bytes of a row's detail: enough for an account's roles or a key's scopes, and a bound on what a purge can leave behind.
pub const DETAIL_BYTES_MAX: usize = 500;

impl What {
    /// The word that rows hold.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccountMade => "account-made",
            Self::PasswordChanged => "password-changed",
            Self::SessionsEnded => "sessions-ended",
            Self::RefreshTokenReused => "refresh-token-reused",
            Self::AccountBanned => "account-banned",
            Self::AccountUnbanned => "account-unbanned",
            Self::RolesSet => "roles-set",
            Self::KeyMade => "key-made",
            Self::KeyRemoved => "key-removed",
            Self::SigningKeyRotated => "signing-key-rotated",
            Self::DeclarationsChanged => "declarations-changed",
            Self::EdgesChanged => "edges-changed",
            Self::Purged => "purged",
        }
    }
}

impl Actor {
    /// The word that rows hold.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anybody => "anybody",
            Self::Account(_) => "account",
            Self::Operator(_) => "operator",
            Self::Command => "command",
        }
    }

    /// Their account, where they have one.
    pub const fn account(self) -> Option<Id> {
        match self {
            Self::Account(id) => Some(id),
            Self::Operator(id) => id,
            Self::Anybody | Self::Command => None,
        }
    }
}

impl Change {
    /// What `actor` did, to nobody in particular.
    pub fn new(at: Timestamp, what: What, actor: Actor, trail: Trail) -> Self {
        Self { at, what, actor, account: None, detail: String::new(), trail }
    }

    /// The same, to an account.
    #[must_use]
    pub fn to(self, account: Id) -> Self {
        Self { account: Some(account), ..self }
    }

    /// The same, with what the rest leaves open.
    #[must_use]
    pub fn with(self, detail: impl Into<String>) -> Self {
        let mut detail = detail.into();
        detail.truncate(detail.floor_char_boundary(DETAIL_BYTES_MAX));
        Self { detail, ..self }
    }

    /// Writes the row, with whatever else the transaction does.
    pub async fn write(&self, transaction: &mut Transaction) -> Result<(), Error> {
        audit::insert(transaction, self).await
    }
}

#[cfg(test)]
mod tests;
