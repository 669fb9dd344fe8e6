//! Entries in the memory of one instance, bounded in bytes: they live as long as the host uses it again.
//!
//! Nothing here waits; what it has in common with the key-value store does.
#![allow(clippy::unused_async, reason = "the key-value store is waited for")]

use std::cell::RefCell;
use std::hash::RandomState;

use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::unsync::{Cache, DefaultLifecycle};
use stepwell_shared::time::Timestamp;

use crate::host::now;

/// Bytes of all entries. A host runs many instances, each with a memory that never shrinks.
const MEMORY_BYTES: u64 = 32 * 1024 * 1024;
/// The entries that there would be, were all of the size that is usual: 2 KB.
const ENTRIES_TYPICAL: usize = 1 << 14;
/// What one slot of the cache itself costs beside key and entry, in bytes.
const SLOT_BYTES: u64 = 64;

type Entries = Cache<Box<str>, Kept, ByBytes, RandomState, DefaultLifecycle<Box<str>, Kept>>;

/// The store.
pub(crate) struct Store(RefCell<Entries>);

struct Kept {
    bytes: Bytes,
    until: Timestamp,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<Box<str>, Kept> for ByBytes {
    fn weight(&self, key: &Box<str>, kept: &Kept) -> u64 {
        SLOT_BYTES.saturating_add(key.len() as u64).saturating_add(kept.bytes.len() as u64)
    }
}

impl Store {
    pub(crate) async fn open() -> Self {
        let lifecycle = DefaultLifecycle::default();
        Self(RefCell::new(Cache::with(ENTRIES_TYPICAL, MEMORY_BYTES, ByBytes, RandomState::new(), lifecycle)))
    }

    pub(crate) async fn look_up(&self, key: &str) -> Option<Bytes> {
        let entries = self.0.borrow();
        let kept = entries.get(key)?;
        (kept.until > now()).then(|| kept.bytes.clone())
    }

    pub(crate) async fn keep(&self, key: &str, bytes: Bytes, keep_for_ms: u64) {
        self.0.borrow_mut().insert(key.into(), Kept { bytes, until: now().plus_ms(keep_for_ms) });
    }

    pub(crate) async fn forget(&self, key: &str) {
        self.0.borrow_mut().remove(key);
    }
}
