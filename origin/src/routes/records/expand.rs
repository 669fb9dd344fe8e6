//! The records that relations point to, shown with the records that name them: one level deep, one statement a
//! collection.

use std::collections::{BTreeMap, BTreeSet};

use stepwell_shared::ids::Id;

use super::shape::Relation;
use crate::catalog::Catalog;
use crate::database::Source;
use crate::database::queries::records::row::Stored;
use crate::database::queries::records::single;
use crate::domain::access;
use crate::domain::caller::Caller;
use crate::domain::record::Row;
use crate::domain::render::Expansion;
use crate::routes::records::named;
use crate::routes::refused::Refused;

/// What the relations of some records point to, rendered.
#[derive(Debug, Default)]
pub struct Expanded {
    /// By collection and id.
    records: BTreeMap<(String, Id), Vec<u8>>,
}

impl Expanded {
    /// Reads what `relations` of `rows` point to. A record that `caller` may not read shows its id alone.
    pub async fn load(
        source: &mut impl Source,
        catalog: &Catalog,
        relations: &[Relation],
        rows: &[Stored],
        caller: Option<&Caller>,
    ) -> Result<Self, Refused> {
        let mut wanted: BTreeMap<&str, BTreeSet<Id>> = BTreeMap::new();
        for relation in relations {
            wanted.entry(&relation.to).or_default().extend(rows.iter().filter_map(|row| relation.id(row)));
        }
        let mut records = BTreeMap::new();
        for (to, ids) in wanted {
            let served = named::collection(catalog, to)?;
            let ids: Vec<Id> = ids.into_iter().collect();
            for row in single::by_ids(source, &served.table, &ids).await? {
                let record = row.record(served.collection())?;
                let mut json = Vec::new();
                match access::read(served.collection(), caller, &record) {
                    Ok(()) => served.whole.write(&row, &[], &mut json),
                    Err(_) => json.extend_from_slice(format!("{{\"id\":\"{}\"}}", record.id).as_bytes()),
                }
                records.insert((to.to_owned(), record.id), json);
            }
        }
        Ok(Self { records })
    }

    /// What one record's relations show.
    pub fn of<'e>(&'e self, relations: &'e [Relation], row: &impl Row) -> Vec<Expansion<'e>> {
        let json = |relation: &Relation| {
            let id = relation.id(row)?;
            self.records.get(&(relation.to.clone(), id)).map(Vec::as_slice)
        };
        relations
            .iter()
            .map(|relation| Expansion { field: &relation.field, json: json(relation).unwrap_or(b"null") })
            .collect()
    }

    /// Every record that is shown, for the answer's tags.
    pub fn shown(&self) -> Vec<(&str, Id)> {
        self.records.keys().map(|(to, id)| (to.as_str(), *id)).collect()
    }
}
