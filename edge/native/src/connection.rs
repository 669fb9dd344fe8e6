//! A client's connection, as its requests know it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http::HeaderMap;
use stepwell_edge_core::client::TrustedProxies;

use crate::interim::Interims;
use crate::listen::settings::{Limits, RequestLog};

/// A request extension: the address of the client whose own request it is, for an upstream that tells the origin. A request
/// whose answer is for others as well has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// The connection.
pub(crate) struct Connection {
    /// The address of its other end.
    pub(crate) peer: SocketAddr,
    /// Whether it is encrypted.
    pub(crate) is_secure: bool,
    /// What may be sent before an answer; `None` in HTTP/2.
    pub(crate) interims: Option<Interims>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) log: RequestLog,
    /// Those that may stand between it and the client.
    pub(crate) proxies: Arc<TrustedProxies>,
}

impl Connection {
    /// The address of the client that sent a request with this header.
    pub(crate) fn client(&self, headers: &HeaderMap) -> ClientAddress {
        ClientAddress(self.proxies.client(self.peer.ip(), headers))
    }
}
