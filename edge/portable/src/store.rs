//! Stored answers, in a store of bytes.

use std::sync::Arc;

use stepwell_edge_core::cache::entry::Entry;
use stepwell_edge_core::cache::freshness::Lifetimes;
use stepwell_edge_core::cache::packed::{pack, unpack};
use stepwell_edge_core::cache::rfc9111::stored::{Stored, Variants};

use crate::Road;
use crate::host::Host;

/// How much longer than it may be served an answer is kept, in milliseconds: to be confirmed costs less than to be sent
/// again.
const CONFIRMABLE_MS: u64 = 24 * 3600 * 1000;
/// Before the key of a stored answer, so that those of two kinds are two.
const OWN: &str = "own ";
const HTTP: &str = "http ";

impl<H: Host> Road<H> {
    pub(crate) async fn look_up_own(&self, key: &str) -> Option<Arc<Entry>> {
        let key = format!("{OWN}{key}");
        let bytes = self.host.look_up(&key).await?;
        unpack(&key, &bytes).map(Arc::new)
    }

    pub(crate) async fn keep_own(&self, key: &str, entry: &Entry) {
        let key = format!("{OWN}{key}");
        self.host.keep(&key, pack(&key, entry), keep_for_ms(&entry.lifetimes)).await;
    }

    pub(crate) async fn look_up_http(&self, key: &str) -> Option<Variants<Arc<Stored>>> {
        let key = format!("{HTTP}{key}");
        let bytes = self.host.look_up(&key).await?;
        unpack(&key, &bytes)
    }

    /// Adds to what is stored. Two that add at the same time may each miss the other, which costs a question.
    pub(crate) async fn keep_http(&self, key: &str, stored: Arc<Stored>) {
        let variants = self.look_up_http(key).await.unwrap_or_default().with(stored);
        let longest_ms = variants.iter().map(|stored| keep_for_ms(&stored.entry.lifetimes)).max();
        let key = format!("{HTTP}{key}");
        self.host.keep(&key, pack(&key, &variants), longest_ms.unwrap_or(0)).await;
    }

    pub(crate) async fn forget_http(&self, key: &str) {
        self.host.forget(&format!("{HTTP}{key}")).await;
    }
}

fn keep_for_ms(lifetimes: &Lifetimes) -> u64 {
    let stale_ms = lifetimes.stale_while_revalidate_ms.max(lifetimes.stale_if_error_ms);
    lifetimes.fresh_for_ms.saturating_add(stale_ms).saturating_add(CONFIRMABLE_MS)
}
