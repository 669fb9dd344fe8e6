//! A shared HTTP cache by RFC 9111, driven by nothing but what requests and responses say: the class `http`.
//!
//! Stepwell's own routes are cached by the purge log and a policy that their origin states ([`super::filing`],
//! [`super::decide`]). An origin that knows nothing of Stepwell states its wishes in HTTP's own header fields, and this
//! module obeys them to the letter. A file is a chapter of the specification.

pub mod date;
pub mod groups;
pub mod partial;
pub mod variance;
