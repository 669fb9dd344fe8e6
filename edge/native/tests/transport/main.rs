//! What goes over the wires, byte by byte: to an origin, and to clients where hyper alone would not do.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)]

mod exchange;
mod interim;
mod line;
mod messages;
mod origin;
mod tls;
mod trailers;
