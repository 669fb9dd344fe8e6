//! What there is in an edge, for whoever watches it.

/// What an edge holds at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holds {
    /// Entries in its store.
    pub entries: usize,
    /// Bytes that they take.
    pub entry_bytes: u64,
    /// Connections that clients have open.
    pub connections: usize,
    /// Connections that were refused for want of a place, so far.
    pub connections_refused: u64,
    /// Requests that wait for their answers.
    pub requests: usize,
    /// Requests that wait for what another asks.
    pub collapsed: usize,
}
