//! The rules of records, without IO: what values are allowed, who may do what, how a record is shown.

pub mod access;
pub mod caller;
pub mod datetime;
pub mod json;
pub mod readers;
pub mod record;
pub mod render;
pub mod validate;
pub mod value;
