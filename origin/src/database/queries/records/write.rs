//! Writes of single records, inside a job of the primary.

use std::sync::Arc;

use sqlx::AssertSqlSafe;
use stepwell_shared::ids::Id;
use stepwell_shared::time::Timestamp;

use super::row::bind;
use super::table::{Reference, Table, quoted, target};
use crate::collections::collection::Value;
use crate::collections::column::{ACCOUNTS, Column};
use crate::database::{Error, Source as _, Transaction};
use crate::domain::record::Record;
use crate::domain::validate::Assignments;

/// Why a record was not written.
#[derive(Debug)]
pub enum Refused {
    /// Another record has the value of this unique field, by its place in the declaration.
    Taken(usize),
    /// The relation at this place names a record that does not exist.
    Missing(usize),
    /// The account that is to own the record does not exist.
    NoOwner,
    /// Records of this collection refer to the record, by this field.
    InUse {
        /// The other collection.
        collection: String,
        /// Its relation.
        field: String,
    },
    /// The database failed.
    Failed(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Stores a new record.
pub async fn insert(transaction: &mut Transaction, table: &Table, record: &Record) -> Result<(), Refused> {
    let values = Column::all(&table.collection).map(|column| record.value(column));
    let stored = transaction.execute_opening(&table.insert, |statement| values.fold(statement, bind)).await;
    match stored {
        Ok(_) => Ok(()),
        Err(error) => {
            let values: Assignments = record.fields.iter().cloned().enumerate().collect();
            match explained(transaction, table, record.id, &values, error).await {
                Refused::Failed(error) if error.is_foreign_key_violation() => {
                    Err(without_owner(transaction, record, error).await)
                }
                refused => Err(refused),
            }
        }
    }
}

/// Stores what changes in a record, and one version more. The record must exist.
pub async fn update(
    transaction: &mut Transaction,
    table: &Table,
    id: Id,
    changes: &Assignments,
    now: Timestamp,
) -> Result<(), Refused> {
    let statement = sqlx::query(AssertSqlSafe(table.update(changes.iter().map(|(place, _)| *place))));
    let values = changes.iter().map(|(_, value)| value.clone());
    let updated = i64::try_from(now.as_ms()).unwrap_or(i64::MAX);
    let statement = values.fold(statement, bind).bind(updated).bind(id.as_column());
    match transaction.execute(statement).await {
        Ok(1) => Ok(()),
        Ok(_) => Err(Error::Damaged("a record vanished within its transaction").into()),
        Err(error) => Err(explained(transaction, table, id, changes, error).await),
    }
}

/// Removes a record.
pub async fn delete(transaction: &mut Transaction, table: &Table, id: Id) -> Result<(), Refused> {
    let statement = sqlx::query(AssertSqlSafe(Arc::clone(&table.delete))).bind(id.as_column());
    match transaction.execute(statement).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_foreign_key_violation() => {
            for referrer in &table.referrers {
                if refers(transaction, referrer, id).await? {
                    let Reference { collection, field, .. } = referrer.clone();
                    return Err(Refused::InUse { collection, field });
                }
            }
            Err(error.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Which value a constraint refused. The database says it in words of its own; here it is asked.
async fn explained(
    transaction: &mut Transaction,
    table: &Table,
    id: Id,
    values: &Assignments,
    error: Error,
) -> Refused {
    let found = if error.is_unique_violation() {
        taken(transaction, table, id, values).await
    } else if error.is_foreign_key_violation() {
        missing(transaction, table, values).await
    } else {
        Ok(None)
    };
    match found {
        Ok(Some(refused)) => refused,
        Ok(None) => error.into(),
        Err(failed) => failed.into(),
    }
}

/// What a foreign key refused that is no declared relation: the owner, whose token outlived the account.
async fn without_owner(transaction: &mut Transaction, record: &Record, error: Error) -> Refused {
    match record.owner {
        Some(owner) => match exists(transaction, &target(ACCOUNTS), owner).await {
            Ok(false) => Refused::NoOwner,
            Ok(true) => error.into(),
            Err(failed) => failed.into(),
        },
        None => error.into(),
    }
}

/// The unique field whose value another record has.
async fn taken(
    transaction: &mut Transaction,
    table: &Table,
    id: Id,
    values: &Assignments,
) -> Result<Option<Refused>, Error> {
    for (place, value) in values {
        let Some(field) = table.collection.fields.get(*place).filter(|field| field.unique) else { continue };
        let (name, column) = (quoted(&table.collection.name), quoted(&field.name));
        let sql = format!("SELECT 1 FROM {name} WHERE {column} = ? AND `id` <> ? LIMIT 1");
        let statement = bind(sqlx::query(AssertSqlSafe(sql)), value.clone()).bind(id.as_column());
        if transaction.fetch_optional(statement).await?.is_some() {
            return Ok(Some(Refused::Taken(*place)));
        }
    }
    Ok(None)
}

/// The relation that names a record that does not exist.
async fn missing(
    transaction: &mut Transaction,
    table: &Table,
    values: &Assignments,
) -> Result<Option<Refused>, Error> {
    for reference in &table.references {
        let assigned = values.iter().find(|(place, _)| *place == reference.place);
        let Some((place, Some(Value::Id(id)))) = assigned else { continue };
        if !exists(transaction, &target(&reference.to), *id).await? {
            return Ok(Some(Refused::Missing(*place)));
        }
    }
    Ok(None)
}

async fn exists(transaction: &mut Transaction, table: &str, id: Id) -> Result<bool, Error> {
    let sql = format!("SELECT 1 FROM {table} WHERE `id` = ?");
    let statement = sqlx::query(AssertSqlSafe(sql)).bind(id.as_column());
    Ok(transaction.fetch_optional(statement).await?.is_some())
}

/// Whether a record refers to `id` by this relation.
async fn refers(transaction: &mut Transaction, referrer: &Reference, id: Id) -> Result<bool, Error> {
    let (table, field) = (quoted(&referrer.collection), quoted(&referrer.field));
    let sql = format!("SELECT 1 FROM {table} WHERE {field} = ? LIMIT 1");
    let statement = sqlx::query(AssertSqlSafe(sql)).bind(id.as_column());
    Ok(transaction.fetch_optional(statement).await?.is_some())
}
