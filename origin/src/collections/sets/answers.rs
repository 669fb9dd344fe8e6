//! What answers carry.

use std::collections::BTreeSet;

use stepwell_shared::ids::Id;
use stepwell_shared::limits::{LIST_RECORD_TAGS_MAX, TAGS_MAX};
use stepwell_shared::tags::{SetHash, Tag};

use crate::collections::collection::Collection;

/// The tags of an answer that shows one record, or says that it is not there. `expanded` are the records that its
/// relations were shown with, each with its collection. `account` is whose answer it is, where its roles decided what
/// is shown: a change of them purges the account.
pub fn record_tags(
    collection: &Collection,
    id: Id,
    expanded: &[(&str, Id)],
    account: Option<Id>,
) -> Vec<Tag> {
    let mut tags = BTreeSet::from([Tag::collection(&collection.name), Tag::record(&collection.name, id)]);
    tags.extend(account.map(Tag::account));
    add_expanded(&mut tags, expanded);
    tags.into_iter().collect()
}

/// The tags of a page of a list over `sets` that shows the records `ids`; the others are as those of [`record_tags`].
pub fn list_tags(
    collection: &Collection,
    sets: &[SetHash],
    ids: &[Id],
    expanded: &[(&str, Id)],
    account: Option<Id>,
) -> Vec<Tag> {
    let mut tags = BTreeSet::from([Tag::collection(&collection.name)]);
    tags.extend(account.map(Tag::account));
    tags.extend(sets.iter().map(|set| Tag::list(&collection.name, *set)));
    if ids.len() <= LIST_RECORD_TAGS_MAX {
        tags.extend(ids.iter().map(|id| Tag::record(&collection.name, *id)));
    } else {
        tags.extend(sets.iter().map(|set| Tag::contents(&collection.name, *set)));
    }
    add_expanded(&mut tags, expanded);
    tags.into_iter().collect()
}

/// A tag for each expanded record and its collection; where they do not fit, the two of any change in the collection.
fn add_expanded(tags: &mut BTreeSet<Tag>, expanded: &[(&str, Id)]) {
    let each = expanded.iter().flat_map(|(to, id)| [Tag::collection(to), Tag::record(to, *id)]);
    let with_each: BTreeSet<Tag> = tags.iter().cloned().chain(each).collect();
    if with_each.len() <= TAGS_MAX {
        *tags = with_each;
        return;
    }
    let everything = SetHash::of([]);
    for (to, _) in expanded {
        tags.extend([Tag::collection(to), Tag::list(to, everything), Tag::contents(to, everything)]);
    }
}
