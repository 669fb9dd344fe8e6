//! Sets of records that lists are over, and the tags by which a write finds the lists that it can change.
//!
//! A *shape* is a set of columns that lists may be filtered by to one value each: the columns of an index up to some
//! place, a unique field, or none. The values make a shape a *set*, whose hash names it in tags. A list carries the
//! tag of its set; a write purges the set of each shape that the record is in, or was in.

mod answers;
#[cfg(test)]
mod tests;
mod writes;

use std::collections::BTreeSet;

use stepwell_shared::ids::Id;
use stepwell_shared::tags::SetHash;

use super::collection::{Collection, Rule, Value};
use super::column::Column;
use crate::domain::record::Record;
use crate::domain::value::canonical_text;

pub use answers::{list_tags, record_tags};
pub use writes::{created, deleted, updated};

/// Shapes of a collection: each is a tag or two of every write.
pub const SHAPES_MAX: usize = 64;

/// Columns that lists may be filtered by together, and what those lists may be ordered by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The filtered columns.
    pub equal: BTreeSet<Column>,
    /// The columns that follow in some index: a change of one may move a record within a list, or in or out of a
    /// range. The id never changes.
    pub order: BTreeSet<Column>,
}

/// Whether lists may be filtered by one value of a column. A time to the millisecond, or a version, finds nothing that
/// anybody asks for, and each would be one more tag of every write; ranges of them are what lists take.
pub const fn takes_equality(column: Column) -> bool {
    !matches!(column, Column::Created | Column::Updated | Column::Version | Column::Id)
}

/// The shapes of `collection`: distinct, the one without filters first.
pub fn shapes(collection: &Collection) -> Vec<Shape> {
    let mut shapes = vec![Shape { equal: BTreeSet::new(), order: BTreeSet::new() }];
    for path in paths(collection) {
        let usable = path.iter().take_while(|column| takes_equality(**column)).count();
        for length in 0..=usable {
            let (prefix, rest) = path.split_at(length);
            let equal: BTreeSet<Column> = prefix.iter().copied().collect();
            let place = shapes.iter().position(|shape| shape.equal == equal).unwrap_or_else(|| {
                shapes.push(Shape { equal, order: BTreeSet::new() });
                shapes.len() - 1
            });
            if let Some(shape) = shapes.get_mut(place) {
                shape.order.extend(rest);
            }
        }
    }
    shapes
}

/// The shapes whose sets writes to `collection` purge: those of its lists. A list that holds only what the caller may read
/// is over a set of the caller's own; the set of all records is then that of answers with too many of them beside others
/// for a tag each.
pub(super) fn shapes_of_lists(collection: &Collection) -> Vec<Shape> {
    let scopes = scopes(collection);
    if scopes.is_empty() {
        return shapes(collection);
    }
    let scoped = shapes(collection).into_iter().flat_map(|shape| {
        scopes.iter().map(move |scope| {
            let mut scoped = shape.clone();
            scoped.equal.insert(*scope);
            scoped
        })
    });
    scoped.chain([Shape { equal: BTreeSet::new(), order: BTreeSet::new() }]).collect()
}

/// The columns of which one must name the caller for a record to be in a list; none where lists are the same for all.
fn scopes(collection: &Collection) -> Vec<Column> {
    match &collection.rules.read {
        Rule::Owner => vec![Column::Owner],
        Rule::Named(field) => Column::find(collection, field).into_iter().chain([Column::Owner]).collect(),
        _ => Vec::new(),
    }
}

/// The sets that a list with these filters is over, for a caller: one for each column that may name the caller, or the
/// one that the filters make.
pub fn sets_of_list(
    collection: &Collection,
    filters: &[(Column, Value)],
    caller: Option<Id>,
) -> Vec<SetHash> {
    let scopes = scopes(collection);
    let Some(caller) = caller.filter(|_| !scopes.is_empty()) else { return vec![set(collection, filters)] };
    let scoped = scopes.into_iter().map(|scope| {
        let mut filters: Vec<_> = filters.iter().filter(|(column, _)| *column != scope).cloned().collect();
        filters.push((scope, Value::Id(caller)));
        set(collection, &filters)
    });
    scoped.collect()
}

/// The columns of each index, then each unique field.
pub(super) fn paths(collection: &Collection) -> impl Iterator<Item = Vec<Column>> {
    let declared = collection.indexes.iter().map(|index| {
        index.columns.iter().filter_map(|column| Column::find(collection, &column.name)).collect()
    });
    let unique = collection.fields.iter().enumerate().filter(|(_, field)| field.unique);
    declared.chain(unique.map(|(place, _)| vec![Column::Field(place)]))
}

/// The set of records that have these values. The order of `filters` does not matter.
pub fn set(collection: &Collection, filters: &[(Column, Value)]) -> SetHash {
    let mut texts: Vec<_> =
        filters.iter().map(|(column, value)| (column.name(collection), canonical_text(value))).collect();
    texts.sort_unstable();
    SetHash::of(texts.iter().map(|(name, text)| (*name, text.as_ref())))
}

/// The set of `shape` that `record` is in; none when it has no value in one of the columns, since no filter asks for
/// null.
fn set_of(collection: &Collection, shape: &Shape, record: &Record) -> Option<SetHash> {
    let values: Option<Vec<_>> =
        shape.equal.iter().map(|column| Some((*column, record.value(*column)?))).collect();
    values.map(|values| set(collection, &values))
}
