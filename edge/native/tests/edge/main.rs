//! The native edge over real sockets, in front of an origin that each test scripts.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)]

mod classes;
mod freshness;
mod private;
mod rates;
mod spans;
mod support;
