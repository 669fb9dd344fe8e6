//! API keys: credentials for programs, which the origin looks up at each request. So a key that is removed, and a key of
//! an account that is banned, is refused at once.

use std::io;

use secrecy::SecretString;
use stepwell_shared::credentials::API_KEY_PREFIX;
use stepwell_shared::ids::Id;
use stepwell_shared::time::Timestamp;

use super::opaque::{Hash, Opaque};
use crate::database::queries::api_keys::{self, KnownKey};
use crate::database::{Database, Error};
use crate::domain::caller::{Caller, Scopes};

/// Keys of one account: enough for a key a program, and a bound on what an account can store.
pub const KEYS_MAX: u32 = 100;
const DAY_MS: u64 = 86_400_000;

/// A key: which one, and its secret.
#[derive(Debug)]
pub struct Key {
    /// Which.
    pub id: Id,
    secret: Opaque,
}

impl Key {
    /// A new key.
    pub fn generate(id: Id) -> io::Result<Self> {
        Ok(Self { id, secret: Opaque::generate()? })
    }

    /// Reads `swk_ID_SECRET`.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(API_KEY_PREFIX)?.split_once('_')?;
        Some(Self { id: id.parse().ok()?, secret: Opaque::parse(secret)? })
    }

    /// Its text, to be handed out once.
    pub fn expose(&self) -> SecretString {
        format!("{API_KEY_PREFIX}{}_{}", self.id, self.secret.expose()).into()
    }

    /// What is stored of it.
    pub fn hash(&self) -> Hash {
        self.secret.hash()
    }
}

/// Days since the Unix epoch.
pub const fn day(at: Timestamp) -> u64 {
    at.as_ms() / DAY_MS
}

/// Who sends a key; `None` for one that is not known, has expired, or whose account is banned.
pub async fn caller(database: &Database, text: &str, now: Timestamp) -> Result<Option<Caller>, Error> {
    let Some(key) = Key::parse(text) else { return Ok(None) };
    let found = api_keys::find(&mut database.replicas.read(None).await?, key.id).await?;
    let Some(KnownKey { stored, hash, roles, banned }) = found else { return Ok(None) };
    let expired = stored.expires.is_some_and(|expires| expires <= now);
    if !hash.is(&key.hash()) || expired || banned {
        return Ok(None);
    }
    let today = day(now);
    if stored.last_used_day.is_none_or(|last| last < today) {
        let id = key.id;
        let noted = database
            .primary
            .write::<_, Error, _>(move |tx| Box::pin(async move { api_keys::note_use(tx, id, today).await }));
        // Whoever reads must not be refused because too many write.
        if let Err(error) = noted.await {
            tracing::debug!(%error, "the use of a key was not noted");
        }
    }
    Ok(Some(Caller { account: stored.account, roles, scopes: Some(Scopes::of_text(&stored.scopes)) }))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_key_is_read_back_and_no_other_text_is_one() {
        let key = Key::generate(Id::from_column(7).unwrap()).unwrap();
        let text = key.expose().expose_secret().to_owned();
        assert!(text.starts_with("swk_0000000000007_") && text.len() == 61, "{text}");
        let read = Key::parse(&text).unwrap();
        assert!(read.id == key.id && read.hash().is(&key.hash()));
        for wrong in ["", "swk_", &text[1..], &text[..60], &text.replace("swk_", "swr_"), "swk_ä_ä"] {
            assert!(Key::parse(wrong).is_none(), "{wrong}");
        }
        assert!(!format!("{key:?}").contains(&text[18..]));
    }
}
