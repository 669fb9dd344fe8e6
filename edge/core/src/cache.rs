//! What is kept, for how long, and when it may be served.
//!
//! A host's own cache is a store of bytes; freshness, validity and invalidation are decided here.

pub mod decide;
pub mod entry;
pub mod filing;
pub mod freshness;
pub mod kind;
pub mod packed;
pub mod purge_log;
pub mod rfc9111;
pub mod status;
pub mod unstored;
