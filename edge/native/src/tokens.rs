//! Tokens that have verified, so that a signature is checked once and not at each request.

use quick_cache::sync::Cache;
use stepwell_edge_core::authenticate::TokenMemory;
use stepwell_shared::claims::Claims;

/// Tokens that are remembered; about 600 bytes each.
const TOKENS_MAX: usize = 4096;

/// The memory. It is keyed by the whole token: nothing shorter would tell a forged one apart.
pub(crate) struct Tokens {
    verified: Cache<Box<str>, Claims>,
}

impl Default for Tokens {
    fn default() -> Self {
        Self { verified: Cache::new(TOKENS_MAX) }
    }
}

impl TokenMemory for Tokens {
    fn recall(&self, token: &str) -> Option<Claims> {
        self.verified.get(token)
    }

    fn remember(&self, token: &str, claims: &Claims) {
        self.verified.insert(token.into(), claims.clone());
    }
}
