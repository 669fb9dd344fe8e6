//! The entries in memory, bounded in bytes.
//!
//! `quick_cache` evicts by Clock-PRO: an entry must be asked for twice to displace one that is used, so that a scan over
//! many keys does not empty the store.

use std::sync::Arc;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use stepwell_edge_core::cache::entry::Entry;
use stepwell_edge_core::cache::rfc9111::stored::{Stored, Variants};
use stepwell_shared::tags::TagHash;

/// What one slot of the cache itself costs beside key and entry, in bytes.
const SLOT_BYTES: u64 = 64;
/// The size of an entry from which the number of slots is estimated, in bytes.
const ENTRY_BYTES_TYPICAL: u64 = 2048;

/// What is stored under one key.
pub(crate) trait Held {
    /// Bytes that it holds, near enough to bound a store by.
    fn size_bytes(&self) -> usize;
    /// How many of its answers carry one of these tags.
    fn tagged(&self, tags: &[TagHash]) -> usize;
}

impl Held for Entry {
    fn size_bytes(&self) -> usize {
        self.size_bytes()
    }

    fn tagged(&self, tags: &[TagHash]) -> usize {
        usize::from(self.tags.iter().any(|tag| tags.contains(tag)))
    }
}

impl Held for Variants<Arc<Stored>> {
    fn size_bytes(&self) -> usize {
        self.size_bytes()
    }

    fn tagged(&self, tags: &[TagHash]) -> usize {
        self.iter().map(|stored| stored.entry.tagged(tags)).sum()
    }
}

/// The store.
pub(crate) struct Store<T> {
    entries: Cache<Box<str>, Weighed<T>, ByBytes>,
}

/// What is stored with its weight, which eviction asks for often.
struct Weighed<T> {
    held: Arc<T>,
    weight_bytes: u64,
}

impl<T> Clone for Weighed<T> {
    fn clone(&self) -> Self {
        Self { held: self.held.clone(), weight_bytes: self.weight_bytes }
    }
}

#[derive(Clone)]
struct ByBytes;

impl<T> Weighter<Box<str>, Weighed<T>> for ByBytes {
    fn weight(&self, _: &Box<str>, weighed: &Weighed<T>) -> u64 {
        weighed.weight_bytes
    }
}

impl<T: Held> Store<T> {
    pub(crate) fn new(memory_bytes: u64) -> Self {
        let slots =
            usize::try_from(memory_bytes / ENTRY_BYTES_TYPICAL).unwrap_or(usize::MAX).clamp(16, 1 << 20);
        let options = OptionsBuilder::new()
            .estimated_items_capacity(slots)
            .weight_capacity(memory_bytes)
            .build()
            .expect("both required options are set");
        let entries =
            Cache::with_options(options, ByBytes, DefaultHashBuilder::default(), DefaultLifecycle::default());
        Self { entries }
    }

    pub(crate) fn get(&self, key: &str) -> Option<Arc<T>> {
        self.entries.get(key).map(|weighed| weighed.held)
    }

    pub(crate) fn put(&self, key: &str, held: Arc<T>) {
        let weight_bytes = (held.size_bytes() + key.len()) as u64 + SLOT_BYTES;
        self.entries.insert(key.into(), Weighed { held, weight_bytes });
    }

    /// How many entries there are, and how many bytes they take.
    pub(crate) fn extent(&self) -> (usize, u64) {
        (self.entries.len(), self.entries.weight())
    }

    /// How many entries carry one of these tags. It walks the whole store: for an operator's question, not for requests.
    pub(crate) fn count_tagged(&self, tags: &[TagHash]) -> u64 {
        self.entries.iter().map(|(_, weighed)| weighed.held.tagged(tags) as u64).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};
    use stepwell_edge_core::cache::freshness::Lifetimes;
    use stepwell_shared::bookmark::Position;
    use stepwell_shared::time::Timestamp;

    fn entry(tag: u64, bytes: usize) -> Arc<Entry> {
        Arc::new(Entry {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: Bytes::from(vec![0; bytes]),
            tags: Box::new([TagHash(tag)]),
            position: Position::default(),
            stored_at: Timestamp::from_ms(0),
            initial_age_ms: 0,
            lifetimes: Lifetimes::default(),
            readers: None,
            immutable: false,
        })
    }

    #[test]
    fn the_store_stays_within_its_bytes() {
        let store = Store::new(1 << 20);
        for key in 0..5000 {
            store.put(&key.to_string(), entry(0, 1024));
        }
        assert!(store.entries.weight() <= 1 << 20);
        assert!(store.entries.len() > 200, "it holds what fits: {}", store.entries.len());
    }

    #[test]
    fn a_census_counts_entries_by_tag() {
        let store = Store::new(1 << 20);
        store.put("/a", entry(1, 1));
        store.put("/b", entry(2, 1));
        store.put("/c", entry(2, 1));
        assert_eq!(store.count_tagged(&[TagHash(2)]), 2);
        assert_eq!(store.count_tagged(&[TagHash(1), TagHash(2)]), 3);
        assert_eq!(store.count_tagged(&[TagHash(3)]), 0);
    }
}
