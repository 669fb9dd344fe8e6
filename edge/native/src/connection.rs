//! A client's connection, as its requests know it.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::interim::Interims;
use crate::listen::settings::{Limits, RequestLog};

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
}
