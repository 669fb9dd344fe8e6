//! What has to be done to a database so that it follows the declared collections.
//!
//! Changes expand first and contract later, on demand: what is no longer declared stays where it is until an operator
//! allows its loss, so that the version of a program before this one, and the way back to it, keep working.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::schema::{ColumnKind, Schema, Table, TableColumn, TableIndex};

/// The steps, in an order in which they can be taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Expansions first.
    pub steps: Vec<Step>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A collection's table, without its indexes.
    CreateTable {
        /// Its name.
        table: String,
        /// In order.
        columns: Vec<TableColumn>,
    },
    /// A field's column; records that are there get null.
    AddColumn {
        /// Whose.
        table: String,
        /// The column.
        column: TableColumn,
    },
    /// An index. A unique one fails where records already share a value.
    CreateIndex {
        /// Whose.
        table: String,
        /// Its name.
        name: String,
        /// What it holds.
        index: TableIndex,
    },
    /// An index that is no longer declared, or differs; no data is in it alone.
    DropIndex {
        /// Its name.
        name: String,
    },
    /// A field's column that is no longer declared, with its values.
    DropColumn {
        /// Whose.
        table: String,
        /// Its name.
        column: String,
    },
    /// The table of a collection that is no longer declared, with its records.
    DropTable {
        /// Its name.
        table: String,
    },
    /// A column that stores something else than the field is declared to. Nothing can be done by itself.
    ChangeKind {
        /// Whose.
        table: String,
        /// What is there.
        from: TableColumn,
        /// What is declared.
        to: TableColumn,
    },
    /// A table of somebody else's, where a collection's is wanted.
    TakeOver {
        /// Its name.
        table: String,
    },
}

/// What a step does to the data that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Nothing is lost. Applied unasked.
    Expands,
    /// Data is lost. Left undone unless it is allowed.
    LosesData,
    /// Cannot be done; the declaration has to change.
    Conflicts,
}

impl Plan {
    /// The steps from what is there to what is declared.
    pub fn between(actual: &Schema, declared: &Schema) -> Self {
        let mut steps = Vec::new();
        for (name, table) in declared {
            match actual.get(name) {
                None => create(name, table, &mut steps),
                Some(there) if is_ours(there) => change(name, there, table, &mut steps),
                Some(_) => steps.push(Step::TakeOver { table: name.clone() }),
            }
        }
        let undeclared =
            actual.iter().filter(|(name, table)| !declared.contains_key(*name) && is_ours(table));
        steps.extend(undeclared.map(|(table, _)| Step::DropTable { table: table.clone() }));
        // Stable, so that within an effect the order above stands.
        steps.sort_by_key(|step| step.effect() as u8);
        Self { steps }
    }

    /// The steps of one effect.
    pub fn steps_that(&self, effect: Effect) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.effect() == effect)
    }
}

/// A table of somebody else's in the same database is none of our business.
fn is_ours(table: &Table) -> bool {
    super::collection::SYSTEM_COLUMNS
        .iter()
        .all(|name| table.columns.iter().any(|column| column.name == *name))
}

fn create(name: &str, table: &Table, steps: &mut Vec<Step>) {
    steps.push(Step::CreateTable { table: name.to_owned(), columns: table.columns.clone() });
    create_indexes(name, &table.indexes, &BTreeMap::new(), steps);
}

fn change(name: &str, there: &Table, declared: &Table, steps: &mut Vec<Step>) {
    let table = name.to_owned();
    for column in &declared.columns {
        match there.columns.iter().find(|other| other.name == column.name) {
            None => steps.push(Step::AddColumn { table: table.clone(), column: column.clone() }),
            Some(other) if other == column => {}
            Some(other) => {
                let (from, to) = (other.clone(), column.clone());
                steps.push(Step::ChangeKind { table: table.clone(), from, to });
            }
        }
    }
    let ours = |index: &str| index.starts_with(&super::schema::index_name(name, ""));
    for (index, found) in there.indexes.iter().filter(|(index, _)| ours(index)) {
        if declared.indexes.get(index) != Some(found) {
            steps.push(Step::DropIndex { name: index.clone() });
        }
    }
    create_indexes(name, &declared.indexes, &there.indexes, steps);
    for column in &there.columns {
        if !declared.columns.iter().any(|other| other.name == column.name) {
            steps.push(Step::DropColumn { table: table.clone(), column: column.name.clone() });
        }
    }
}

fn create_indexes(
    table: &str,
    declared: &BTreeMap<String, TableIndex>,
    there: &BTreeMap<String, TableIndex>,
    steps: &mut Vec<Step>,
) {
    for (name, index) in declared {
        if there.get(name) != Some(index) {
            steps.push(Step::CreateIndex {
                table: table.to_owned(),
                name: name.clone(),
                index: index.clone(),
            });
        }
    }
}

impl Step {
    /// What it does to the data that is there.
    pub const fn effect(&self) -> Effect {
        match self {
            Self::CreateTable { .. }
            | Self::AddColumn { .. }
            | Self::CreateIndex { .. }
            | Self::DropIndex { .. } => Effect::Expands,
            Self::DropColumn { .. } | Self::DropTable { .. } => Effect::LosesData,
            Self::ChangeKind { .. } | Self::TakeOver { .. } => Effect::Conflicts,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateTable { table, columns } => {
                let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
                write!(f, "create the table {table} with {}", names.join(", "))
            }
            Self::AddColumn { table, column } => write!(f, "add the column {} to {table}", column.name),
            Self::CreateIndex { table, name, index } => {
                let columns: Vec<String> = index
                    .columns
                    .iter()
                    .map(|(column, descending)| format!("{}{column}", if *descending { "-" } else { "" }))
                    .collect();
                let unique = if index.unique { "unique " } else { "" };
                write!(f, "create the {unique}index {name} of {table} over {}", columns.join(", "))
            }
            Self::DropIndex { name } => write!(f, "drop the index {name}"),
            Self::DropColumn { table, column } => {
                write!(f, "drop the column {column} of {table} with its values")
            }
            Self::DropTable { table } => write!(f, "drop the table {table} with its records"),
            Self::ChangeKind { table, from, to } => write!(
                f,
                "{table}.{} holds {} and is declared as {}; declare a field of another name, and copy the values over",
                from.name,
                held(from),
                held(to)
            ),
            Self::TakeOver { table } => {
                write!(
                    f,
                    "the table {table} is no collection's; rename it, or choose another name for the collection"
                )
            }
        }
    }
}

/// What a column holds, in words.
fn held(column: &TableColumn) -> String {
    column.references.as_ref().map_or_else(|| column.kind.to_string(), |table| format!("ids of {table}"))
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key => "the key",
            Self::Text => "text",
            Self::Integer => "integers (as booleans and times are too)",
            Self::Real => "numbers",
            Self::Foreign => "something that no field is",
        })
    }
}

impl Serialize for Step {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut step = serializer.serialize_struct("Step", 2)?;
        step.serialize_field("effect", &self.effect())?;
        step.serialize_field("step", &self.to_string())?;
        step.end()
    }
}
