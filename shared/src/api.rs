//! Bodies of the API, a file a resource. A record's own shape follows from its collection's declaration and is
//! described by the OpenAPI document.

pub mod accounts;
pub mod edge;
pub mod keys;
pub mod purges;
pub mod sessions;
