//! API keys: an account's credentials for programs. Whoever makes or removes one has signed in; no key does.

pub mod create;
pub mod delete;
pub mod list;

use stepwell_shared::api::keys::ApiKey;
use stepwell_shared::time::Timestamp;

use crate::database::queries::api_keys::StoredKey;
use crate::domain::datetime;

/// A key as its owner sees it.
fn shown(key: StoredKey) -> ApiKey {
    let text = |at: Timestamp| datetime::to_text(at.as_ms().cast_signed());
    let day = |day: u64| {
        let midnight = datetime::to_text(day.saturating_mul(86_400_000).cast_signed());
        midnight.split('T').next().unwrap_or_default().to_owned()
    };
    ApiKey {
        id: key.id,
        name: key.name,
        scopes: key.scopes.split_whitespace().map(str::to_owned).collect(),
        created: text(key.created),
        last_used: key.last_used_day.map(day),
        expires: key.expires.map(text),
    }
}

#[cfg(test)]
mod tests;
