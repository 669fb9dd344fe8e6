//! Settings by key: what each came to, and what its environment variable is called.

use std::collections::BTreeMap;

use crate::complaint::Place;

/// What every environment variable of ours begins with.
pub const PREFIX: &str = "STEPWELL_";

/// How one setting came to its value.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Resolved {
    /// The value; absent for secrets, and for what is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Where it was written.
    #[serde(flatten)]
    pub place: Place,
}

/// Every setting by key.
pub type Settings = BTreeMap<String, Resolved>;

/// The environment variable that overrides a setting.
pub fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "_").to_uppercase())
}
