//! What a write purges.

use std::collections::BTreeSet;

use stepwell_shared::tags::Tag;

use super::{Shape, set_of, shapes_of_lists};
use crate::collections::collection::Collection;
use crate::collections::column::Column;
use crate::domain::record::Record;

/// The tags that creating `record` purges: every list that it appears in, and answers that said it was not there.
pub fn created(collection: &Collection, record: &Record) -> Vec<Tag> {
    appeared_or_vanished(collection, record)
}

/// The tags that removing `record` purges.
pub fn deleted(collection: &Collection, record: &Record) -> Vec<Tag> {
    appeared_or_vanished(collection, record)
}

fn appeared_or_vanished(collection: &Collection, record: &Record) -> Vec<Tag> {
    let mut tags = vec![Tag::record(&collection.name, record.id)];
    let sets = shapes_of_lists(collection).into_iter().filter_map(|shape| set_of(collection, &shape, record));
    tags.extend(sets.map(|set| Tag::list(&collection.name, set)));
    tags
}

/// The tags that changing `before` into `after` purges: answers that show the record, long lists over the sets that it
/// is or was in, and every list over a set that it enters, leaves, or may move within.
pub fn updated(collection: &Collection, before: &Record, after: &Record) -> Vec<Tag> {
    let changed: BTreeSet<Column> =
        Column::all(collection).filter(|column| before.value(*column) != after.value(*column)).collect();
    let mut tags = BTreeSet::from([Tag::record(&collection.name, after.id)]);
    for shape in shapes_of_lists(collection) {
        let (old, new) = (set_of(collection, &shape, before), set_of(collection, &shape, after));
        let moves = old != new || moves_within(&shape, &changed);
        for set in old.into_iter().chain(new) {
            tags.insert(Tag::contents(&collection.name, set));
            if moves {
                tags.insert(Tag::list(&collection.name, set));
            }
        }
    }
    tags.into_iter().collect()
}

fn moves_within(shape: &Shape, changed: &BTreeSet<Column>) -> bool {
    shape.order.iter().any(|column| changed.contains(column))
}
