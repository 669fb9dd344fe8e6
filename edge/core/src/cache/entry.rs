//! A stored answer.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use stepwell_shared::bookmark::Position;
use stepwell_shared::readers::Readers;
use stepwell_shared::tags::TagHash;
use stepwell_shared::time::Timestamp;

use super::freshness::Lifetimes;

/// An answer of the origin as an edge keeps it. Its parts are never changed: a revalidated entry is a new one.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The status, as the origin gave it.
    pub status: StatusCode,
    /// The header as clients get it, without what only edges read. `Age`, `Cache-Status` and `Server-Timing` may be there
    /// without a value, to be given one in each answer.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    /// What the answer depends on, the implied tags included.
    pub tags: Box<[TagHash]>,
    /// The log position before which the origin read its data.
    pub position: Position,
    /// When the origin answered.
    pub stored_at: Timestamp,
    /// How old the answer was then, in milliseconds: 0 where no other cache stands between.
    pub initial_age_ms: u64,
    /// How long it may be served.
    pub lifetimes: Lifetimes,
    /// Who may read it; everybody where `None`.
    pub readers: Option<Readers>,
    /// Whether its content never changes under its name (RFC 8246): the log's silence does not make it stale.
    pub immutable: bool,
}

impl Entry {
    /// Milliseconds since the origin made the answer.
    pub const fn age_ms(&self, now: Timestamp) -> u64 {
        self.initial_age_ms.saturating_add(now.since_ms(self.stored_at))
    }

    /// The validator, for revalidation and for conditional requests.
    pub fn etag(&self) -> Option<&HeaderValue> {
        self.headers.get(http::header::ETAG)
    }

    /// Bytes that the entry holds, near enough to bound a store by.
    pub fn size_bytes(&self) -> usize {
        // Each field of a header map costs about 100 bytes beside its text.
        let fields: usize = self
            .headers
            .iter()
            .map(|(name, value)| name.as_str().len().saturating_add(value.len()).saturating_add(100))
            .sum();
        let fixed = size_of::<Self>().saturating_add(size_of_val(&*self.tags));
        fixed.saturating_add(fields).saturating_add(self.body.len())
    }
}
