//! The cursor by which a client asks for the page after the last one: opaque to it, a place in one list to us.

use std::borrow::Cow;

use data_encoding::BASE64URL_NOPAD;
use xxhash_rust::xxh3::xxh3_64;

use crate::collections::collection::{Collection, Value};
use crate::database::queries::records::selection::{Bound, Place, Range, Selection};
use crate::domain::value::{canonical_text, from_text};

/// Why a cursor is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No text that we ever gave out.
    #[error("is no cursor; take the one that the last page answered as \"next\", or leave it out")]
    Malformed,
    /// It belongs to other filters, another order or another collection.
    #[error("belongs to another list; keep the filters and the sort of the first page, or leave it out")]
    OtherList,
}

/// The cursor of `place` in the list that `selection` selects a page of.
pub fn encode(collection: &Collection, selection: &Selection, place: &Place) -> String {
    let texts: Vec<Option<Cow<'_, str>>> =
        place.iter().map(|value| value.as_ref().map(canonical_text)).collect();
    let json = serde_json::to_vec(&(fingerprint(collection, selection), texts));
    BASE64URL_NOPAD.encode(&json.expect("numbers and strings always serialise"))
}

/// The place that `cursor` names in the list that `selection` selects a page of.
pub fn decode(collection: &Collection, selection: &Selection, cursor: &str) -> Result<Place, Refused> {
    let json = BASE64URL_NOPAD.decode(cursor.as_bytes()).map_err(|_| Refused::Malformed)?;
    let (list, texts): (u64, Vec<Option<Cow<'_, str>>>) =
        serde_json::from_slice(&json).map_err(|_| Refused::Malformed)?;
    let keys = selection.order.keys();
    if list != fingerprint(collection, selection) || texts.len() != keys.len() {
        return Err(Refused::OtherList);
    }
    let mut place = Place::with_capacity(keys.len());
    for (key, text) in keys.iter().zip(texts) {
        let kind = key.column.kind(collection).ok_or(Refused::OtherList)?;
        let value = text.map(|text| from_text(&kind, &text)).transpose();
        place.push(value.map_err(|_| Refused::Malformed)?);
    }
    // The selection of the next page relies on both.
    let in_range = |range: &Range| range.contains(place.first().and_then(Option::as_ref));
    let has_id = place.last().is_some_and(Option::is_some);
    if has_id && selection.range.as_ref().is_none_or(in_range) { Ok(place) } else { Err(Refused::Malformed) }
}

/// Tells lists apart: everything about `selection` but the place and the size of the page. It keeps honest clients from
/// mistakes; a forged cursor sees nothing that the list itself does not show.
fn fingerprint(collection: &Collection, selection: &Selection) -> u64 {
    let text = |value: &Value| canonical_text(value).into_owned();
    let bound = |bound: &Bound| (text(&bound.value), bound.inclusive);
    let sets: Vec<Vec<_>> = selection
        .sets
        .iter()
        .map(|set| {
            let mut set: Vec<_> =
                set.iter().map(|(column, value)| (column.name(collection), text(value))).collect();
            set.sort_unstable();
            set
        })
        .collect();
    let range = selection.range.as_ref().map(|range| {
        (range.column.name(collection), range.lower.as_ref().map(bound), range.upper.as_ref().map(bound))
    });
    let keys: Vec<_> =
        selection.order.keys().iter().map(|key| (key.column.name(collection), key.descending)).collect();
    let json = serde_json::to_vec(&(&collection.name, sets, range, keys));
    xxh3_64(&json.expect("strings and numbers always serialise"))
}
