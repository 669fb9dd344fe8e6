//! Rows of a collection's table, every column in the table's order, and the values bound to statements.

use sqlx::Row as _;
use sqlx::{Decode, Sqlite};
use stepwell_shared::ids::Id;
use stepwell_shared::time::Timestamp;

use crate::collections::collection::{Collection, FieldKind, Value};
use crate::collections::column::Column;
use crate::database::{Error, Row, Statement};
use crate::domain::record::{self, Record};

/// A row as the database answered it. Answers are rendered straight from it.
pub struct Stored(Row);

impl Stored {
    pub(super) fn new(row: Row) -> Self {
        Self(row)
    }

    /// The columns of one table are of one type each (`STRICT`), so that types need no check a row.
    fn column<'r, T: Decode<'r, Sqlite>>(&'r self, place: usize) -> Option<T> {
        self.0.try_get_unchecked::<Option<T>, _>(place).ok().flatten()
    }

    /// The record's id.
    pub fn id(&self) -> Result<Id, Error> {
        record::Row::integer(self, Column::Id.place())
            .and_then(Id::from_column)
            .ok_or(Error::Damaged("an id"))
    }

    /// The record's version.
    pub fn version(&self) -> Result<i64, Error> {
        record::Row::integer(self, Column::Version.place()).ok_or(Error::Damaged("a version"))
    }

    /// The value in a column.
    pub fn value(&self, collection: &Collection, column: Column) -> Option<Value> {
        use record::Row as _;
        let place = column.place();
        match column.kind(collection)?.as_ref() {
            FieldKind::Text { .. } | FieldKind::Select { .. } | FieldKind::Email | FieldKind::Url => {
                self.text(place).map(|text| Value::Text(text.to_owned()))
            }
            FieldKind::Json { .. } => self.text(place).map(|text| Value::Json(text.to_owned())),
            FieldKind::Integer { .. } => self.integer(place).map(Value::Integer),
            FieldKind::Number { .. } => self.real(place).map(Value::Number),
            FieldKind::Boolean => self.integer(place).map(|number| Value::Boolean(number != 0)),
            FieldKind::DateTime => self.integer(place).map(Value::DateTime),
            FieldKind::Relation { .. } | FieldKind::Media => {
                self.integer(place).and_then(Id::from_column).map(Value::Id)
            }
        }
    }

    /// The whole record, typed.
    pub fn record(&self, collection: &Collection) -> Result<Record, Error> {
        use record::Row as _;
        let time = |column: Column| {
            let ms = self.integer(column.place()).and_then(|ms| u64::try_from(ms).ok());
            ms.map(Timestamp::from_ms).ok_or(Error::Damaged("a time"))
        };
        Ok(Record {
            id: self.id()?,
            owner: self.integer(Column::Owner.place()).and_then(Id::from_column),
            created: time(Column::Created)?,
            updated: time(Column::Updated)?,
            version: self.version()?,
            fields: (0..collection.fields.len())
                .map(|place| self.value(collection, Column::Field(place)))
                .collect(),
        })
    }
}

impl record::Row for Stored {
    fn integer(&self, place: usize) -> Option<i64> {
        self.column(place)
    }

    fn real(&self, place: usize) -> Option<f64> {
        self.column(place)
    }

    fn text(&self, place: usize) -> Option<&str> {
        self.column(place)
    }
}

/// Binds the next argument.
pub(super) fn bind(statement: Statement, value: Option<Value>) -> Statement {
    match value {
        None => statement.bind(None::<i64>),
        Some(Value::Text(text) | Value::Json(text)) => statement.bind(text),
        Some(Value::Integer(number) | Value::DateTime(number)) => statement.bind(number),
        Some(Value::Number(number)) => statement.bind(number),
        Some(Value::Boolean(value)) => statement.bind(value),
        Some(Value::Id(id)) => statement.bind(id.as_column()),
    }
}
