//! Changes of one record inside a job of the primary: the rule, the precondition, the write and its purges are one
//! transaction, so that nothing comes between what was checked and what is written. Single requests and batches share
//! them.

use std::sync::Arc;

use stepwell_shared::ids::Id;
use stepwell_shared::time::Timestamp;

use super::etag::Precondition;
use super::named::no_such_record;
use super::problems::{not_written, refusal, version_mismatch};
use super::relations;
use crate::catalog::Served;
use crate::collections::collection::Value;
use crate::collections::sets;
use crate::database::Transaction;
use crate::database::queries::records::{single, write};
use crate::domain::access;
use crate::domain::caller::{Caller, Deed};
use crate::domain::record::Record;
use crate::domain::validate::{Assignments, Patch};
use crate::ids::IdGenerator;
use crate::routes::refused::Refused;

/// A change of one record that exists.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its collection.
    pub served: Arc<Served>,
    /// Its id.
    pub id: Id,
    /// Who changes it.
    pub caller: Option<Caller>,
    /// Which versions the change is for.
    pub precondition: Precondition,
}

/// A new record of `served` with the values of a checked body.
pub fn new_record(
    served: &Served,
    ids: &IdGenerator,
    owner: Option<Id>,
    values: Assignments,
    now: Timestamp,
) -> Record {
    let collection = served.collection();
    let mut fields = vec![None; collection.fields.len()];
    for (place, value) in values {
        if let Some(field) = fields.get_mut(place) {
            *field = value;
        }
    }
    let mut record = Record { id: ids.next(0), owner, created: now, updated: now, version: 1, fields };
    if let Some(column) = collection.placement.shard_by.as_deref() {
        // A record lives where what it belongs to lives.
        let belongs_to = if column == "owner" { owner } else { record.relation(collection, column) };
        record.id = belongs_to.map_or(record.id, |other| ids.next(other.shard()));
    }
    record
}

/// Stores a new record of `caller`'s.
pub async fn create(
    transaction: &mut Transaction,
    served: &Served,
    caller: Option<&Caller>,
    record: &Record,
) -> Result<(), Refused> {
    let stored = write::insert(transaction, &served.table, record).await;
    let values = |place: usize| record.fields.get(place)?.as_ref();
    relations::held(transaction, served, caller, values, stored).await?;
    transaction.purge(sets::created(served.collection(), record));
    Ok(())
}

impl Target {
    /// Changes the record in part. A patch that changes nothing writes nothing: the record keeps its version.
    pub async fn update(
        &self,
        transaction: &mut Transaction,
        patch: &Patch,
        now: Timestamp,
    ) -> Result<Record, Refused> {
        let collection = self.served.collection();
        let before = self.find(transaction, Deed::Update).await?;
        let changes = patch.changes(collection, &before.fields)?;
        if changes.is_empty() {
            return Ok(before);
        }
        let after = changed(&before, &changes, now);
        let stored = write::update(transaction, &self.served.table, self.id, &changes, after.updated).await;
        let values = |place| changes.iter().find(|(changed, _)| *changed == place)?.1.as_ref();
        relations::held(transaction, &self.served, self.caller.as_ref(), values, stored).await?;
        transaction.purge(sets::updated(collection, &before, &after));
        Ok(after)
    }

    /// Removes the record.
    pub async fn delete(&self, transaction: &mut Transaction) -> Result<(), Refused> {
        let before = self.find(transaction, Deed::Delete).await?;
        let removed = write::delete(transaction, &self.served.table, self.id).await;
        removed.map_err(|refused| not_written(self.served.collection(), refused))?;
        transaction.purge(sets::deleted(self.served.collection(), &before));
        Ok(())
    }

    /// The record as it is now, if the caller may do this to this version of it.
    async fn find(&self, transaction: &mut Transaction, deed: Deed) -> Result<Record, Refused> {
        let stored = single::by_id(transaction, &self.served.table, self.id).await?;
        let record = stored.ok_or_else(no_such_record)?.record(self.served.collection())?;
        access::change(self.served.collection(), deed, self.caller.as_ref(), &record).map_err(refusal)?;
        if !self.precondition.allows(record.version) {
            return Err(version_mismatch(record.version));
        }
        Ok(record)
    }
}

fn changed(before: &Record, changes: &Assignments, now: Timestamp) -> Record {
    let mut fields: Vec<Option<Value>> = before.fields.clone();
    for (place, value) in changes {
        if let Some(field) = fields.get_mut(*place) {
            field.clone_from(value);
        }
    }
    // Clocks step back; a record's times do not.
    let updated = now.max(before.updated);
    Record { updated, version: before.version + 1, fields, ..*before }
}
