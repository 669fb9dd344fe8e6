//! What a listener goes by.

use std::time::Duration;

use stepwell_edge_core::client::TrustedProxies;
use stepwell_shared::limits::{
    CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_MAX, DRAIN_TIMEOUT_MS, HANDSHAKE_TIMEOUT_MS, HEADER_TIMEOUT_MS,
    IDLE_TIMEOUT_MS, REQUESTS_MAX, STALL_TIMEOUT_MS,
};

use crate::tls::Tls;

/// What a listener goes by.
#[derive(Clone, Debug, Default)]
pub struct Listening {
    /// How TLS is spoken; `None` is HTTP/1 in clear.
    pub tls: Option<Tls>,
    /// What connections and requests may take.
    pub limits: Limits,
    /// How it stops.
    pub drain: Drain,
    /// Of which requests there is a line in the log.
    pub log: RequestLog,
    /// Proxies of the operator's before it.
    pub proxies: TrustedProxies,
}

/// Of which requests there is a line in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequestLog {
    /// Of none.
    Off,
    /// Of those that failed on this side (5xx).
    #[default]
    Errors,
    /// Of all; each costs about as much as a hit.
    All,
}

/// What connections and requests may take. The defaults and their reasons are in `stepwell_shared::limits`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections that are open at the same time.
    pub connections_max: usize,
    /// Of these, those of one client. The machine itself is not counted.
    pub connections_per_address_max: usize,
    /// Requests that wait for their answers at the same time.
    pub requests_max: usize,
    /// How long TLS may take to be agreed upon.
    pub handshake_timeout: Duration,
    /// How long the header of a request may take, from its first byte.
    pub header_timeout: Duration,
    /// How long a connection may rest between two requests.
    pub idle_timeout: Duration,
    /// How long a client may stop amid a message: sending its own, or taking ours.
    pub stall_timeout: Duration,
}

/// How a listener stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drain {
    /// How long it goes on accepting once it was told to stop.
    pub delay: Duration,
    /// How long requests under way may take from then on.
    pub timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: CONNECTIONS_MAX,
            connections_per_address_max: CONNECTIONS_PER_ADDRESS_MAX,
            requests_max: REQUESTS_MAX,
            handshake_timeout: Duration::from_millis(HANDSHAKE_TIMEOUT_MS),
            header_timeout: Duration::from_millis(HEADER_TIMEOUT_MS),
            idle_timeout: Duration::from_millis(IDLE_TIMEOUT_MS),
            stall_timeout: Duration::from_millis(STALL_TIMEOUT_MS),
        }
    }
}

impl Default for Drain {
    fn default() -> Self {
        Self { delay: Duration::ZERO, timeout: Duration::from_millis(DRAIN_TIMEOUT_MS) }
    }
}
