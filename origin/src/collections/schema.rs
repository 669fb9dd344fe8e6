//! The tables that declared collections want, in terms that every dialect has.

use std::collections::BTreeMap;

use super::Collections;
use super::collection::{Collection, Field, FieldKind, Index};
use super::column::{ACCOUNTS, Column};

/// Tables by name.
pub type Schema = BTreeMap<String, Table>;

/// A table, declared or found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// In the table's order.
    pub columns: Vec<TableColumn>,
    /// Beside the primary key, by name.
    pub indexes: BTreeMap<String, TableIndex>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// Its name.
    pub name: String,
    /// What it stores.
    pub kind: ColumnKind,
    /// The table whose ids it holds.
    pub references: Option<String>,
}

/// What a column stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// The primary key: an id.
    Key,
    /// Text.
    Text,
    /// A 64-bit integer: numbers, booleans, times, ids.
    Integer,
    /// A 64-bit float.
    Real,
    /// Something that no declaration asks for, as the database names it: found only.
    Foreign,
}

/// An index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableIndex {
    /// Columns and whether each descends.
    pub columns: Vec<(String, bool)>,
    /// Whether no two rows may share the values.
    pub unique: bool,
}

/// The tables of these collections.
pub fn declared(collections: &Collections) -> Schema {
    collections.iter().map(|(name, collection)| (name.clone(), table(collection))).collect()
}

/// The index's name in the database, where all tables share one space of names. Collections and indexes have no double
/// underscore of their own, so that no two pairs meet.
pub fn index_name(collection: &str, index: &str) -> String {
    format!("{collection}__{index}")
}

fn table(collection: &Collection) -> Table {
    let columns = Column::all(collection).map(|column| table_column(collection, column)).collect();
    let declared = collection.indexes.iter().map(|index| declared_index(collection, index));
    let unique =
        collection.fields.iter().filter(|field| field.unique).map(|field| unique_index(collection, field));
    let indexes = declared.chain(unique).collect();
    Table { columns, indexes }
}

fn table_column(collection: &Collection, column: Column) -> TableColumn {
    let name = column.name(collection).to_owned();
    let (kind, references) = match column {
        Column::Id => (ColumnKind::Key, None),
        Column::Owner => (ColumnKind::Integer, Some(ACCOUNTS)),
        Column::Created | Column::Updated | Column::Version => (ColumnKind::Integer, None),
        Column::Field(place) => match collection.fields.get(place).map(|field| &field.kind) {
            Some(FieldKind::Relation { to }) => (ColumnKind::Integer, Some(to.as_str())),
            Some(kind) => (column_kind(kind), None),
            None => (ColumnKind::Foreign, None),
        },
    };
    TableColumn { name, kind, references: references.map(table_of) }
}

/// The table that holds a collection's records; accounts are among Stepwell's own.
fn table_of(collection: &str) -> String {
    if collection == ACCOUNTS { "stepwell_accounts".to_owned() } else { collection.to_owned() }
}

const fn column_kind(kind: &FieldKind) -> ColumnKind {
    match kind {
        FieldKind::Text { .. }
        | FieldKind::Json { .. }
        | FieldKind::Select { .. }
        | FieldKind::Email
        | FieldKind::Url => ColumnKind::Text,
        FieldKind::Integer { .. }
        | FieldKind::Boolean
        | FieldKind::DateTime
        | FieldKind::Relation { .. }
        | FieldKind::Media => ColumnKind::Integer,
        FieldKind::Number { .. } => ColumnKind::Real,
    }
}

/// With the id as its last column, in the direction of the one before: a cursor needs an order without ties.
fn declared_index(collection: &Collection, index: &Index) -> (String, TableIndex) {
    let mut columns: Vec<(String, bool)> =
        index.columns.iter().map(|column| (column.name.clone(), column.descending)).collect();
    if !columns.iter().any(|(name, _)| name == "id") {
        let descending = columns.last().is_some_and(|(_, descending)| *descending);
        columns.push(("id".to_owned(), descending));
    }
    (index_name(&collection.name, &index.name), TableIndex { columns, unique: false })
}

/// No two records share a value of a unique field.
fn unique_index(collection: &Collection, field: &Field) -> (String, TableIndex) {
    let name = index_name(&collection.name, &format!("unique__{}", field.name));
    (name, TableIndex { columns: vec![(field.name.clone(), false)], unique: true })
}
