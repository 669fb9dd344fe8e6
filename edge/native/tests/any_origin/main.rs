//! The class `http` over real sockets, in front of an origin that each test plays, by a clock that the test turns.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)]

mod bench;
mod coalescing;
mod fields;
mod hits;
#[path = "../transport/line.rs"]
#[allow(dead_code, reason = "its own target uses all of it")]
mod line;
mod meanwhile;
mod origin;
mod parts;
mod passing;
mod permission;
mod ranges;
mod rates;
mod staleness;
mod standing_in;
mod streaming;
mod targets;
mod unsafe_methods;
mod validation;
