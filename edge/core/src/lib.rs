//! The decisions of the Stepwell edge.
//!
//! Request, stored entry, purge log and time go in; a decision comes out. This crate performs no IO, reads no clock,
//! draws no randomness, and cannot panic on any input, so that every host (native, Cloudflare, CloudFront, Spin)
//! decides alike and any decision can be replayed. [`pipeline`] has the whole path on one page; a host fetches what a
//! decision asks for, and hands it back.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects,
        clippy::disallowed_methods,
        clippy::disallowed_types
    )
)]

pub mod authenticate;
pub mod cache;
pub mod client;
pub mod cors;
pub mod forward;
pub mod host;
pub mod pipeline;
pub mod rate;
pub mod respond;
pub mod route;
pub mod trace;
