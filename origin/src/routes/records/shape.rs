//! How a request wants records shown: which fields, and which relations with the records that they point to.

use stepwell_shared::ids::Id;

use crate::collections::collection::Collection;
use crate::collections::column::Column;
use crate::collections::routes::expandable;
use crate::complaint::closest;
use crate::domain::record::Row;
use crate::domain::render::View;

use super::parameters::{BadParameter, decode};

/// What `fields` and `expand` say.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// The fields that are asked for; all when none are named.
    pub view: Option<View>,
    /// Relations to show the records of, in the order of declaration.
    pub expand: Vec<Relation>,
}

/// A relation that is expanded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Relation {
    column: Column,
    /// Its name.
    pub field: String,
    /// The collection that it points to.
    pub to: String,
}

impl Relation {
    /// The id that a record's relation holds.
    pub fn id(&self, row: &impl Row) -> Option<Id> {
        row.integer(self.column.place()).and_then(Id::from_column)
    }
}

impl Shape {
    /// Reads the query of a single record.
    pub fn read(collection: &Collection, query: &str) -> Result<Self, BadParameter> {
        let mut shape = Self::default();
        for (name, value) in decode(query)? {
            let read = match name.as_ref() {
                "fields" => shape.read_fields(collection, &value),
                "expand" => shape.read_expand(collection, &value),
                other => return Err(BadParameter::unknown(other, &["fields", "expand"])),
            };
            read.map_err(|detail| BadParameter::new(&name, detail))?;
        }
        Ok(shape)
    }

    /// Reads the value of `fields`.
    pub fn read_fields(&mut self, collection: &Collection, names: &str) -> Result<(), String> {
        self.view = Some(View::of_fields(collection, names).map_err(|unknown| unknown.to_string())?);
        Ok(())
    }

    /// Reads the value of `expand`: names of relations, comma-separated. Accounts are not shown: a relation to one says
    /// whose it is by the id alone.
    pub fn read_expand(&mut self, collection: &Collection, names: &str) -> Result<(), String> {
        for name in names.split(',') {
            let found = relations(collection).find(|relation| relation.field == name);
            let relation = found.ok_or_else(|| {
                let known: Vec<String> = relations(collection).map(|relation| relation.field).collect();
                let hint = closest(name, known.iter().map(String::as_str))
                    .map_or_else(String::new, |known| format!("; did you mean {known:?}?"));
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                format!("{} has no relation {name:?} to records{hint}; it has {known}", collection.name)
            })?;
            if self.expand.contains(&relation) {
                return Err(format!("{name:?} comes twice"));
            }
            self.expand.push(relation);
        }
        self.expand.sort_unstable();
        Ok(())
    }
}

fn relations(collection: &Collection) -> impl Iterator<Item = Relation> + '_ {
    expandable(collection).filter_map(|(field, to)| {
        let column = Column::find(collection, field)?;
        Some(Relation { column, field: field.to_owned(), to: to.to_owned() })
    })
}
