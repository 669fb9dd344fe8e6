//! What is read from header fields.

/// Reads a header, a field a line.
pub fn check(_header: &[u8]) {}
