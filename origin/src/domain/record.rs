//! A record: one row of a collection, typed.

use stepwell_shared::ids::Id;
use stepwell_shared::time::Timestamp;

use crate::collections::collection::{Collection, Value};
use crate::collections::column::Column;

/// One record, whole. Which collection it is of, its holder knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Unique in the collection.
    pub id: Id,
    /// The account that created it; none when nobody was signed in.
    pub owner: Option<Id>,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
    /// Grows by one with each change, from 1.
    pub version: i64,
    /// A value, or null, for each field in the order of declaration.
    pub fields: Vec<Option<Value>>,
}

impl Record {
    /// The value in a column; none for null and for a column that the collection does not have.
    pub fn value(&self, column: Column) -> Option<Value> {
        // The years until the end of `i64` milliseconds are more than any clock will say.
        let time = |at: Timestamp| Some(Value::DateTime(i64::try_from(at.as_ms()).unwrap_or(i64::MAX)));
        match column {
            Column::Id => Some(Value::Id(self.id)),
            Column::Owner => self.owner.map(Value::Id),
            Column::Created => time(self.created),
            Column::Updated => time(self.updated),
            Column::Version => Some(Value::Integer(self.version)),
            Column::Field(place) => self.fields.get(place).cloned().flatten(),
        }
    }

    /// The id that the relation `field` holds.
    pub fn relation(&self, collection: &Collection, field: &str) -> Option<Id> {
        let place = collection.fields.iter().position(|known| known.name == field)?;
        match self.fields.get(place) {
            Some(Some(Value::Id(id))) => Some(*id),
            _ => None,
        }
    }
}

/// One row as the database holds it, every column in the table's order (see [`Column::place`]): booleans as 0 and 1,
/// times as milliseconds, ids as numbers, JSON as text. What is null, or of another type, is `None`.
///
/// Lists are rendered straight from rows through this, without a [`Record`] between.
pub trait Row {
    /// A column of type INTEGER.
    fn integer(&self, place: usize) -> Option<i64>;
    /// A column of type REAL.
    fn real(&self, place: usize) -> Option<f64>;
    /// A column of type TEXT.
    fn text(&self, place: usize) -> Option<&str>;
}

impl Row for Record {
    fn integer(&self, place: usize) -> Option<i64> {
        let column = Column::at(place);
        if let Column::Field(field) = column {
            return match self.fields.get(field)?.as_ref()? {
                Value::Integer(number) | Value::DateTime(number) => Some(*number),
                Value::Boolean(value) => Some(i64::from(*value)),
                Value::Id(id) => Some(id.as_column()),
                Value::Text(_) | Value::Number(_) | Value::Json(_) => None,
            };
        }
        match self.value(column)? {
            Value::Integer(number) | Value::DateTime(number) => Some(number),
            Value::Id(id) => Some(id.as_column()),
            _ => None,
        }
    }

    fn real(&self, place: usize) -> Option<f64> {
        let Column::Field(field) = Column::at(place) else { return None };
        match self.fields.get(field)?.as_ref()? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    fn text(&self, place: usize) -> Option<&str> {
        let Column::Field(field) = Column::at(place) else { return None };
        match self.fields.get(field)?.as_ref()? {
            Value::Text(text) | Value::Json(text) => Some(text),
            _ => None,
        }
    }
}
