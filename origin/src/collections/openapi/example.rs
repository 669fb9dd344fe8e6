//! Examples: values that the declaration takes.

use serde_json::{Map, Value, json};

use super::field;
use crate::collections::collection::{Collection, Field, FieldKind};

/// An id, as examples show it.
pub(super) const ID: &str = "06yn7g7g00000";
/// An account's id.
pub(super) const ACCOUNT: &str = "06n07szg00000";
/// A time.
pub(super) const TIME: &str = "2026-11-23T19:00:00.000Z";
/// A bookmark.
pub(super) const BOOKMARK: &str = "5f3a91c2-1f";
/// A record's validator, quotes included.
pub(super) const ETAG: &str = "\"v1-0123456789abcdef\"";
/// A cursor: opaque to clients.
pub(super) const CURSOR: &str = "WzEsWyIwcjlrMm00eDgwMDAwIl1d";

/// A record as an answer shows it.
pub(super) fn record(collection: &Collection) -> Value {
    let system = [
        ("id", json!(ID)),
        ("owner", json!(ACCOUNT)),
        ("created", json!(TIME)),
        ("updated", json!(TIME)),
        ("version", json!(1)),
    ];
    let system = system.into_iter().map(|(name, value)| (name.to_owned(), value));
    system.chain(fields(collection)).collect::<Map<_, _>>().into()
}

/// The body of a create.
pub(super) fn new(collection: &Collection) -> Value {
    fields(collection).collect::<Map<_, _>>().into()
}

/// The body of an update: one field is enough.
pub(super) fn patch(collection: &Collection) -> Value {
    fields(collection).take(1).collect::<Map<_, _>>().into()
}

fn fields(collection: &Collection) -> impl Iterator<Item = (String, Value)> {
    collection.fields.iter().map(|field| (field.name.clone(), of_field(field)))
}

fn of_field(field: &Field) -> Value {
    if let Some(default) = &field.default {
        return field::value(default);
    }
    match &field.kind {
        FieldKind::Text { min, max } => text(&field.name, *min, *max).into(),
        FieldKind::Integer { min, max } => 1.clamp(*min, *max).into(),
        FieldKind::Number { min, max } => 0.5_f64.clamp(*min, *max).into(),
        FieldKind::Boolean => true.into(),
        FieldKind::DateTime => TIME.into(),
        // The shortest value that says what it is, else the shortest of all.
        FieldKind::Json { max_bytes } if *max_bytes >= r#"{"any":"value"}"#.len() => {
            json!({ "any": "value" })
        }
        FieldKind::Json { .. } => 0.into(),
        FieldKind::Select { options } => options.first().map_or(Value::Null, |option| option.as_str().into()),
        FieldKind::Email => "ada@example.org".into(),
        FieldKind::Url => "https://example.org/".into(),
        FieldKind::Relation { .. } => ID.into(),
        FieldKind::Media => Value::Null,
    }
}

/// `An example of NAME`, cut or repeated to fit.
fn text(name: &str, min: usize, max: usize) -> String {
    let example = format!("An example of {}", name.replace('_', " "));
    let length = example.len().clamp(min, max);
    example.chars().cycle().take(length).collect()
}
