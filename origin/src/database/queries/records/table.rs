//! The text of the statements of one collection, as far as it is always the same.

use std::fmt::Write as _;
use std::sync::Arc;

use super::order::Paths;
use crate::collections::Collections;
use crate::collections::collection::{Collection, FieldKind};
use crate::collections::column::{ACCOUNTS, Column};
use crate::database::Opening;

/// The table behind the built-in collection of accounts (`migrations/sqlite/0002_accounts.sql`).
const ACCOUNTS_TABLE: &str = "stepwell_accounts";

/// A collection with its statements. Names are quoted with backticks, which SQLite and MySQL both read; a declaration
/// cannot name anything with a backtick.
#[derive(Clone, Debug)]
pub struct Table {
    /// What the statements are of.
    pub collection: Arc<Collection>,
    /// What the indexes serve.
    pub paths: Paths,
    /// Relations of other collections, and of this one, that point here.
    pub(super) referrers: Vec<Reference>,
    /// Relations of this collection.
    pub(super) references: Vec<Reference>,
    /// ``SELECT `id`, … FROM `posts` WHERE `id` = ?``.
    pub(super) by_id: Arc<str>,
    /// ``SELECT `id`, … FROM `posts` ``.
    pub(super) rows: Arc<str>,
    /// ``SELECT count(*) FROM `posts` ``.
    pub(super) count: Arc<str>,
    /// ``INSERT INTO `posts` (…) VALUES (?, …)``, every column in the table's order.
    pub(super) insert: Opening,
    /// ``DELETE FROM `posts` WHERE `id` = ?``.
    pub(super) delete: Arc<str>,
}

/// A relation: a field of one collection that holds ids of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub collection: String,
    pub field: String,
    /// The field's place in its collection.
    pub place: usize,
    pub to: String,
}

/// Builds the texts of every collection, once.
pub fn tables(collections: &Collections) -> impl Iterator<Item = Table> {
    let all: Vec<Reference> = collections.values().flat_map(references).collect();
    collections.values().map(move |collection| Table::new(collection, &all))
}

impl Table {
    fn new(collection: &Collection, all: &[Reference]) -> Self {
        let names: Vec<String> =
            Column::all(collection).map(|column| quoted(column.name(collection))).collect();
        let (table, columns) = (quoted(&collection.name), names.join(", "));
        let placeholders = vec!["?"; names.len()].join(", ");
        let these = |of: fn(&Reference) -> &String| {
            all.iter().filter(|reference| *of(reference) == collection.name).cloned().collect()
        };
        Self {
            paths: Paths::of(collection),
            referrers: these(|reference| &reference.to),
            references: these(|reference| &reference.collection),
            by_id: format!("SELECT {columns} FROM {table} WHERE `id` = ?").into(),
            rows: format!("SELECT {columns} FROM {table}").into(),
            count: format!("SELECT count(*) FROM {table}").into(),
            insert: Opening::new(&format!("INSERT INTO {table} ({columns}) VALUES ({placeholders})")),
            delete: format!("DELETE FROM {table} WHERE `id` = ?").into(),
            collection: Arc::new(collection.clone()),
        }
    }

    /// The text that changes these fields of one record: the new values, then `updated`, then the id. Only what
    /// changes is named, so that only the indexes that it touches are written.
    pub(super) fn update(&self, fields: impl Iterator<Item = usize>) -> String {
        let mut sql = format!("UPDATE {} SET ", quoted(&self.collection.name));
        for place in fields {
            let _ = write!(sql, "{} = ?, ", quoted(Column::Field(place).name(&self.collection)));
        }
        sql.push_str("`updated` = ?, `version` = `version` + 1 WHERE `id` = ?");
        sql
    }
}

fn references(collection: &Collection) -> impl Iterator<Item = Reference> + '_ {
    collection.fields.iter().enumerate().filter_map(|(place, field)| match &field.kind {
        FieldKind::Relation { to } => Some(Reference {
            collection: collection.name.clone(),
            field: field.name.clone(),
            place,
            to: to.clone(),
        }),
        _ => None,
    })
}

/// The table whose ids a relation holds: a collection's own, or that of the accounts.
pub(super) fn target(to: &str) -> String {
    quoted(if to == ACCOUNTS { ACCOUNTS_TABLE } else { to })
}

/// A name as SQL writes it.
pub(super) fn quoted(name: &str) -> String {
    format!("`{name}`")
}
