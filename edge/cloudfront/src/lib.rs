//! The edge on CloudFront: decisions before and behind a cache that is not ours.
//!
//! ```text
//! viewer ──► viewer_request ──► CloudFront's cache ──► origin_request ──► origin
//!            who asks, and the     keyed and kept by     the request as     │
//!            one form of what      policies of the       an edge signs it   │
//!            is asked              route table           origin_response ◄──┘
//!                                                        for how long, under which tags
//! ```
//!
//! CloudFront keeps the entries, so that nothing runs between a cached answer and its reader but `viewer_request`. What
//! only some may read is therefore kept for each of them apart: the caller is part of the key ([`key`]). Purges reach
//! the cache by CloudFront's invalidation of tags; revocations reach the functions by the purge log, which each instance
//! follows.
//!
//! Handlers are functions of an event, a time and what the instance knows ([`function::Function`]); the shim in `shim/` owns the
//! clock and the network.

pub mod baked;
pub mod event;
pub mod fields;
pub mod function;
pub mod key;
pub mod origin_request;
pub mod origin_response;
pub mod policy;
pub mod signer;
pub mod viewer_request;

#[cfg(target_arch = "wasm32")]
mod exports;
