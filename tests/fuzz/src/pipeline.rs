//! What becomes of a request before anything is looked up.

/// Receives a request: its line, then its header.
pub fn check(_request: &[u8]) {}
