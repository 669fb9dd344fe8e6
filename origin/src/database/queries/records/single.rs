//! Records by their ids.

use std::sync::Arc;

use sqlx::AssertSqlSafe;
use stepwell_shared::ids::Id;

use super::row::Stored;
use super::table::Table;
use crate::database::{Error, Source};

/// The record of that id.
pub async fn by_id(source: &mut impl Source, table: &Table, id: Id) -> Result<Option<Stored>, Error> {
    let statement = sqlx::query(AssertSqlSafe(Arc::clone(&table.by_id))).bind(id.as_column());
    Ok(source.fetch_optional(statement).await?.map(Stored::new))
}

/// The records of these ids, in no particular order; ids without a record are passed over. One statement.
pub async fn by_ids(source: &mut impl Source, table: &Table, ids: &[Id]) -> Result<Vec<Stored>, Error> {
    let Some(last) = ids.last() else { return Ok(Vec::new()) };
    // Numbers of placeholders are powers of two, so that few texts serve any number of ids and stay prepared.
    let places = ids.len().next_power_of_two();
    let sql = format!("{} WHERE `id` IN ({})", table.rows, vec!["?"; places].join(", "));
    let padded = ids.iter().chain(std::iter::repeat(last)).take(places);
    let statement =
        padded.fold(sqlx::query(AssertSqlSafe(sql)), |statement, id| statement.bind(id.as_column()));
    Ok(source.fetch_all(statement).await?.into_iter().map(Stored::new).collect())
}
