//! The harness of the black-box tests: the release binary as a person starts it, and a client that speaks to it.
//!
//! Nothing here knows the product from within but the types that its interface shares with every client.

#![expect(clippy::return_self_not_must_use, reason = "a check is worth making for itself")]
#![expect(clippy::missing_panics_doc, reason = "a helper that cannot do its part fails the test that asked")]

pub mod answer;
pub mod binary;
pub mod cache_status;
pub mod client;
pub mod collector;
pub mod dice;
pub mod edge;
pub mod eventually;
pub mod http2;
pub mod metrics;
pub mod origin;
pub mod people;
mod ports;
mod process;
pub mod project;
pub mod raw;
pub mod records;
pub mod server;
pub mod streamed;
pub mod tls;
