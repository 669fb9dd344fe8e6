//! Records of declared collections. The text of a statement follows from the collection's declaration, so it is made
//! here from names that the declaration was checked for; values are always bound.
//!
//! A list is one statement over one index, whatever its filters, order and cursor: [`order`] finds the index,
//! [`selection`] says which ranges of it a page takes, [`list`] puts the text together.

pub mod gather;
pub mod list;
pub mod order;
pub mod row;
pub mod selection;
pub mod single;
pub mod table;
pub mod write;
