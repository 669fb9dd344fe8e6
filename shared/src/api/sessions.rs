//! Sessions: what a log-in opens, a refresh renews and a log-out ends.

use serde::{Deserialize, Serialize};

use crate::api::accounts::Account;
use crate::ids::Id;

/// What a log-in and a refresh answer. For a browser the tokens are cookies, and not in the body where a script could
/// read them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// For `Authorization: Bearer …`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    /// For `POST /v1/sessions/refresh`, once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// `Bearer` (RFC 6750) where there are tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_type: Option<String>,
    /// Seconds until the access token is refused.
    pub expires_in: u64,
    /// Seconds until the refresh token is refused.
    pub refresh_expires_in: u64,
    /// Who signed in.
    pub account: Account,
}

/// What carries a session's tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Carrier {
    /// Bodies and `Authorization`: a program's.
    Token,
    /// Cookies: a browser's.
    Cookie,
}

/// A session, as its owner sees it among others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSession {
    /// Its id, which access tokens carry as `sid`.
    pub id: Id,
    /// What carries its tokens.
    pub carrier: Carrier,
    /// What its client called itself when it was last heard of: the beginning of its `User-Agent`.
    pub user_agent: String,
    /// When it was opened.
    pub created: String,
    /// When it was last renewed.
    pub last_used: String,
    /// When it ends, unless it is renewed before.
    pub expires: String,
    /// Whether the request that asks belongs to it.
    pub current: bool,
}

/// The caller's sessions, the last used first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSessions {
    /// All of them.
    pub items: Vec<OpenSession>,
}
