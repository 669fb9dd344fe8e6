//! Declared collections: a file each under `collections/`, from which everything else about a collection follows.

pub mod collection;
pub mod column;

pub use collection::{Collection, Collections};
