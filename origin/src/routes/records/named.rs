//! What a path or an operation names: a collection, a record.

use std::sync::Arc;

use stepwell_shared::ids::Id;
use stepwell_shared::problem::Code;

use crate::catalog::{Catalog, Served};
use crate::routes::refused::Refused;

/// The collection of that name.
pub fn collection<'c>(catalog: &'c Catalog, name: &str) -> Result<&'c Arc<Served>, Refused> {
    catalog.get(name).ok_or_else(|| Refused::new(Code::NotFound, "there is no such collection"))
}

/// The id in a path. What is no id names no record.
pub fn parse_id(text: &str) -> Result<Id, Refused> {
    text.parse().map_err(|_| no_such_record())
}

/// For a record that does not exist, and for one that the caller may not know of.
pub fn no_such_record() -> Refused {
    Refused::new(Code::NotFound, "there is no such record")
}
