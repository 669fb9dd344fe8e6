//! The keys of access tokens: the one that signs, those whose tokens are accepted still, and their public halves as edges
//! and programs get them.
//!
//! A change of keys logs nobody out. `stepwell keys rotate` puts a new key into the data folder, and keeps the public
//! half of the old one until the last token that it signed has expired. A running server looks at the folder each second:
//! a new key is published first and signs [`HEAD_START_MS`] later, when every edge has it.

mod files;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{SigningKey, VerifyingKey};
use stepwell_shared::claims::{Claims, KeySet, sign};
use stepwell_shared::time::Timestamp;

pub use files::{FILE, Kept, KeyError, RETIRED_FILE, Retired, list, rotate};

/// How long a key is published before it signs, in milliseconds: twice what the purge log takes at most to tell every edge
/// that the published keys have changed.
pub const HEAD_START_MS: u64 = 2000;

/// What signs, and what verifies.
pub struct Keys {
    signing: RwLock<Arc<SigningKey>>,
    set: KeySet,
    /// Where the keys come from; `None` for a configured one, which does not change while the process runs.
    watched: Option<Mutex<Watched>>,
}

/// The data folder, as it was last seen.
struct Watched {
    folder: PathBuf,
    stamp: files::Stamp,
    current: SigningKey,
    /// From when the current key signs.
    signs_from: Timestamp,
    retired: Vec<Retired>,
}

impl Keys {
    /// The configured key, or those of the data folder, where one is made at the first start.
    pub fn open(folder: &Path, configured: Option<&SigningKey>, now: Timestamp) -> Result<Self, KeyError> {
        if let Some(signing) = configured {
            return Ok(Self::new(signing.clone(), None));
        }
        let stamp = files::Stamp::of(folder);
        let current = files::read_or_make(folder)?;
        let retired = files::read_retired(folder)?;
        let stamp = if files::Stamp::of(folder) == stamp { stamp } else { files::Stamp::default() };
        let watched =
            Watched { folder: folder.to_owned(), stamp, current: current.clone(), signs_from: now, retired };
        let keys = Self::new(current, Some(Mutex::new(watched)));
        keys.follow(now)?;
        Ok(keys)
    }

    fn new(signing: SigningKey, watched: Option<Mutex<Watched>>) -> Self {
        let mut set = KeySet::default();
        set.insert(signing.verifying_key());
        Self { signing: RwLock::new(Arc::new(signing)), set, watched }
    }

    /// Takes over what has changed in the data folder, and lets go of keys whose time is up. To be called each second.
    /// Returns whether other keys are published now. What cannot be read changes nothing.
    pub fn follow(&self, now: Timestamp) -> Result<bool, KeyError> {
        let Some(watched) = &self.watched else { return Ok(false) };
        let mut watched = watched.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = files::Stamp::of(&watched.folder);
        if stamp != watched.stamp {
            // Seen, whatever it holds: what is wrong is said once, and not each second.
            watched.stamp = stamp;
            let (current, retired) = (files::read(&watched.folder)?, files::read_retired(&watched.folder)?);
            if current.verifying_key() != watched.current.verifying_key() {
                watched.signs_from = now.plus_ms(HEAD_START_MS);
            }
            (watched.current, watched.retired) = (current, retired);
        }
        watched.retired.retain(|retired| retired.until > now);
        if now >= watched.signs_from {
            *self.signing.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(watched.current.clone());
        }
        let accepted = self.accepted(&watched);
        let before: Vec<VerifyingKey> = self.set.all().into_iter().map(|(_, key)| key).collect();
        let changed = before != accepted;
        if changed {
            self.set.replace(accepted);
        }
        Ok(changed)
    }

    /// The key that signs, the one that will, and those that did, each once.
    fn accepted(&self, watched: &Watched) -> Vec<VerifyingKey> {
        let mut accepted = vec![self.signing().verifying_key()];
        let others = watched.retired.iter().map(|retired| retired.key);
        for key in [watched.current.verifying_key()].into_iter().chain(others) {
            if !accepted.contains(&key) {
                accepted.push(key);
            }
        }
        accepted
    }

    fn signing(&self) -> Arc<SigningKey> {
        Arc::clone(&self.signing.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Signs what a token says.
    pub fn sign(&self, claims: &Claims) -> String {
        sign(claims, &self.signing())
    }

    /// The keys whose tokens are accepted; clones of the set follow it.
    pub fn set(&self) -> &KeySet {
        &self.set
    }

    /// The public keys as a JWK Set (RFC 7517 §5, RFC 8037 §2).
    pub fn jwks(&self) -> serde_json::Value {
        let key = |(kid, key): (String, VerifyingKey)| {
            let x = BASE64URL_NOPAD.encode(key.as_bytes());
            serde_json::json!({ "alg": "EdDSA", "crv": "Ed25519", "kid": kid, "kty": "OKP", "use": "sig", "x": x })
        };
        serde_json::json!({ "keys": self.set.all().into_iter().map(key).collect::<Vec<_>>() })
    }
}

#[cfg(test)]
mod tests;
