//! The client listener over real sockets: TLS, both versions of HTTP, limits, and how it stops.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)]

mod bench;
mod http2;
mod limits;
mod stopping;
mod tls;
