//! What must hold of the edge's decisions for every input.
//!
//! Each module below checks one claim on arbitrary bytes and panics where it does not hold. A fuzzer finds the bytes by
//! coverage (`targets/`, run by `tests/run fuzz`), proptest makes likely ones, and those that once broke something are
//! replayed (`tests/`, run by `cargo test`).
//!
//! | module | claim |
//! |---|---|
//! | [`fields`] | what is read from a header field is the same however the field is spelt, and never more than it says |
//! | [`scripts`] | a cache of class `http` gives nobody what it must not, whatever is asked and answered, in whatever order |
//! | [`pipeline`] | every request has one outcome, and one key however its target is spelt |
//!
//! What is expected is read from fields by a reader of its own ([`plain`]) that knows only how sane senders write: where
//! a field is odd, it cannot tell, and what depends on it is not checked.

pub mod content;
pub mod fields;
pub mod pipeline;
pub mod plain;
pub mod scripts;
