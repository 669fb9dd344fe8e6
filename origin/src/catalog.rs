//! The declared collections as the routes need them: looked up by the name in the path, with everything that is the
//! same for each request made once.

use std::collections::BTreeMap;
use std::sync::Arc;

use stepwell_shared::ids::Id;

use crate::collections::collection::{Collection, Collections, Rule};
use crate::collections::routes::records_path;
use crate::database::queries::records::gather::Gather;
use crate::database::queries::records::table::{Table, tables};
use crate::domain::render::View;

/// One collection.
#[derive(Clone, Debug)]
pub struct Served {
    /// Its declaration and its statements.
    pub table: Table,
    /// Where asks for single records meet.
    pub gather: Arc<Gather>,
    /// Every field, as answers show it when a request does not choose.
    pub whole: View,
}

/// All collections by name.
#[derive(Clone, Debug, Default)]
pub struct Catalog(BTreeMap<String, Arc<Served>>);

impl Catalog {
    /// Prepares every collection.
    pub fn new(collections: &Collections) -> Self {
        let served = tables(collections).map(|table| {
            let served = Served { whole: View::whole(&table.collection), gather: Arc::default(), table };
            (served.collection().name.clone(), Arc::new(served))
        });
        Self(served.collect())
    }

    /// The collection that a path or an operation names.
    pub fn get(&self, name: &str) -> Option<&Arc<Served>> {
        self.0.get(name)
    }
}

impl Served {
    /// The declaration.
    pub fn collection(&self) -> &Collection {
        &self.table.collection
    }

    /// Whether everybody may read everything in it.
    pub fn is_public(&self) -> bool {
        self.collection().rules.read == Rule::Public
    }

    /// The path of one record.
    pub fn path(&self, id: Id) -> String {
        format!("{}/{id}", records_path(self.collection()))
    }
}
