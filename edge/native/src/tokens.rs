//! Tokens that have verified, so that a signature is checked once and not at each request.

use std::sync::Arc;

use quick_cache::sync::Cache;
use stepwell_edge_core::authenticate::{Revocations, TokenMemory};
use stepwell_edge_core::cache::purge_log::Standing;
use stepwell_shared::bookmark::Position;
use stepwell_shared::claims::Claims;
use stepwell_shared::tags::TagHash;
use stepwell_shared::time::Timestamp;

use crate::Inner;

/// Tokens that are remembered; about 600 bytes each.
const TOKENS_MAX: usize = 4096;

/// The memory. It is keyed by the whole token: nothing shorter would tell a forged one apart.
pub(crate) struct Tokens {
    verified: Cache<Box<str>, Arc<Claims>>,
}

impl Default for Tokens {
    fn default() -> Self {
        Self { verified: Cache::new(TOKENS_MAX) }
    }
}

impl Tokens {
    /// Forgets all of them: other keys may count now.
    pub(crate) fn forget(&self) {
        self.verified.clear();
    }
}

impl TokenMemory for Tokens {
    fn recall(&self, token: &str) -> Option<Arc<Claims>> {
        self.verified.get(token)
    }

    fn remember(&self, token: &str, claims: &Arc<Claims>) {
        self.verified.insert(token.into(), claims.clone());
    }
}

/// What the edge's copy of the log says of tokens.
impl Revocations for Inner {
    fn standing(&self, position: Position, tags: &[TagHash], now: Timestamp) -> Standing {
        self.read_log(|log| Revocations::standing(log, position, tags, now))
    }
}
