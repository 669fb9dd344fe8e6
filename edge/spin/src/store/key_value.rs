//! Entries in Spin's key-value store, which all instances share and which outlives each.
//!
//! It knows no lifetimes: what is past its own is refused by who unpacks it, and is there until another answer takes its
//! place. So it is as large as what was ever asked for, and whoever runs it bounds it there.

use bytes::Bytes;
use spin_sdk::key_value;
use xxhash_rust::xxh3::xxh3_128;

/// The store, if there is one.
pub(crate) struct Store(Option<key_value::Store>);

/// Backends bound a key's length, and a target may be longer. Two keys of one hash would only take each other's place,
/// since the bytes themselves say whose they are.
fn hashed(key: &str) -> String {
    format!("stepwell-{:032x}", xxh3_128(key.as_bytes()))
}

impl Store {
    pub(crate) async fn open() -> Self {
        let store = key_value::Store::open_default().await;
        Self(store.inspect_err(|error| eprintln!("nothing will be stored: {error}")).ok())
    }

    pub(crate) async fn look_up(&self, key: &str) -> Option<Bytes> {
        Some(self.0.as_ref()?.get(hashed(key)).await.ok()??.into())
    }

    pub(crate) async fn keep(&self, key: &str, bytes: Bytes, _keep_for_ms: u64) {
        let Some(store) = &self.0 else { return };
        if let Err(error) = store.set(hashed(key), bytes).await {
            eprintln!("an answer could not be stored: {error}");
        }
    }

    pub(crate) async fn forget(&self, key: &str) {
        let Some(store) = &self.0 else { return };
        if let Err(error) = store.delete(hashed(key)).await {
            eprintln!("an answer could not be forgotten: {error}");
        }
    }
}
