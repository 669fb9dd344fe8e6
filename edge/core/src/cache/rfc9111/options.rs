//! What RFC 9111 leaves to whoever runs the cache.

/// Choices of the operator. The defaults follow the specification to the letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How long past its freshness an answer may be served while the origin cannot be reached at all, in milliseconds,
    /// where nothing in it forbids that (RFC 9111 §4.2.4). 0 for never.
    pub unreachable_stale_ms: u64,
    /// Whether clients may steer the cache by `Cache-Control` and `Pragma` (§5.2.1 leaves it open). `no-store` always
    /// counts.
    pub heeds_clients: bool,
    /// Whether answers that set a cookie may be stored, as §7.3 has it.
    pub stores_cookies: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { unreachable_stale_ms: 24 * 3600 * 1000, heeds_clients: true, stores_cookies: true }
    }
}
