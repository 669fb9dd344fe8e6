//! What both tiers of Stepwell must agree on.
//!
//! The origin and every edge link this crate, so that a rule is written once: the identifiers and tags that name
//! things, the route table with each route's cache class, the access token, the bookmark, the problem codes, the
//! limits. It performs no IO, reads no clock, draws no randomness, and cannot panic on any input; the lints below
//! and a Wasm build in CI hold that.

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

pub mod api;
pub mod bookmark;
pub mod claims;
pub mod conditional;
pub mod credentials;
pub mod cross_site;
pub mod edge_signature;
pub mod forwarded;
pub mod headers;
pub mod histogram;
pub mod ids;
pub mod limits;
pub mod network;
pub mod normalize;
pub mod problem;
pub mod readers;
pub mod routes;
pub mod security;
pub mod tags;
pub mod time;
