//! API keys: credentials for programs, narrower than their account.

use serde::{Deserialize, Serialize};

use crate::ids::Id;

/// A key to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// What it is for, in its owner's words.
    pub name: String,
    /// What it may do: `read`, `write`, `collection:NAME:read`, `collection:NAME:write`.
    pub scopes: Vec<String>,
    /// From when it is refused, in RFC 3339; never where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

/// A key, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its id, which the key itself carries.
    pub id: Id,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created: String,
    /// The day on which it was last used, UTC: `2026-11-23`.
    pub last_used: Option<String>,
    /// From when it is refused.
    pub expires: Option<String>,
}

/// What making a key answers: the only time that the key itself is shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeKey {
    /// The key, for `Authorization: Bearer …`.
    pub key: String,
    /// What is shown of it from now on.
    #[serde(flatten)]
    pub shown: ApiKey,
}

/// The caller's keys, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeys {
    /// All of them.
    pub items: Vec<ApiKey>,
}
