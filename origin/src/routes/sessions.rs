//! Sessions: signing in.

pub mod create;
