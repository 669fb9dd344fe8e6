//! Declared collections: a file each under `collections/`, from which everything else about a collection follows.

pub mod collection;
pub mod column;
pub mod declaration;
pub mod load;
pub mod openapi;
pub mod plan;
pub mod routes;
pub mod schema;
pub mod sets;
#[cfg(test)]
pub mod testing;

pub use collection::Collections;
pub use load::{example, load};
