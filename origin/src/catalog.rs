//! The declared collections as the routes need them: looked up by the name in the path, with everything that is the
//! same for each request made once.

use std::collections::BTreeMap;
use std::sync::Arc;

use stepwell_shared::ids::Id;

use crate::collections::collection::{Collection, Collections, FieldKind, Rule};
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
    /// The relations to collections of which not everybody may read everything: the field's place, and the other's
    /// statements.
    pub guarded: Vec<(usize, Table)>,
    /// Every field, as answers show it when a request does not choose.
    pub whole: View,
}

/// All collections by name.
#[derive(Clone, Debug, Default)]
pub struct Catalog(BTreeMap<String, Arc<Served>>);

impl Catalog {
    /// Prepares every collection.
    pub fn new(collections: &Collections) -> Self {
        let all: Vec<Table> = tables(collections).collect();
        let served = all.iter().map(|table| {
            let (whole, guarded) = (View::whole(&table.collection), guarded(table, &all));
            let served = Served { table: table.clone(), gather: Arc::default(), guarded, whole };
            (served.collection().name.clone(), Arc::new(served))
        });
        Self(served.collect())
    }

    /// The collection that a path or an operation names.
    pub fn get(&self, name: &str) -> Option<&Arc<Served>> {
        self.0.get(name)
    }
}

fn guarded(table: &Table, all: &[Table]) -> Vec<(usize, Table)> {
    let fields = table.collection.fields.iter().enumerate();
    let guarded = fields.filter_map(|(place, field)| {
        let FieldKind::Relation { to } = &field.kind else { return None };
        let other = all.iter().find(|other| other.collection.name == *to)?;
        (other.collection.rules.read != Rule::Public).then(|| (place, other.clone()))
    });
    guarded.collect()
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
