//! `[fields]`: a type with its bounds a field.

use stepwell_shared::limits::{BODY_BYTES_MAX, INTEGER_MAX};

use super::reader::{Item, Reader, Section};
use super::{default, names};
use crate::collections::collection::{Field, FieldKind};
use crate::complaint::closest;

/// Fields of a collection: every one is a column, and part of every answer that does not select.
const FIELDS_MAX: usize = 100;
/// Characters of a text whose declaration does not say.
const TEXT_DEFAULT: usize = 5000;
/// Characters of any text: four bytes each, it still fits in a body.
const TEXT_MAX: usize = BODY_BYTES_MAX / 4;
/// Bytes of a JSON value whose declaration does not say.
const JSON_DEFAULT: usize = 10_000;
/// Bytes of any JSON value: half a body.
const JSON_MAX: usize = BODY_BYTES_MAX / 2;
/// Options of a select: beyond, a collection with a relation serves better.
const OPTIONS_MAX: usize = 100;

const COMMON: [&str; 4] = ["type", "required", "unique", "default"];
const TYPES: [(&str, &[&str]); 11] = [
    ("text", &["min", "max"]),
    ("integer", &["min", "max"]),
    ("number", &["min", "max"]),
    ("boolean", &[]),
    ("datetime", &[]),
    ("json", &["max_bytes"]),
    ("select", &["options"]),
    ("email", &[]),
    ("url", &[]),
    ("relation", &["to"]),
    ("media", &[]),
];

/// The fields in the order in which they were written.
pub(super) fn read(reader: &mut Reader<'_>, item: Option<&Item<'_>>) -> Vec<Field> {
    let Some(item) = item else {
        reader.complain_of_file(
            "fields",
            "is missing",
            "declare at least one field: [fields] title = { type = \"text\" }",
        );
        return Vec::new();
    };
    let Some(section) = reader.section(item) else { return Vec::new() };
    let written = section.items().len();
    if written == 0 || written > FIELDS_MAX {
        reader.complain(item, format!("holds {written} fields"), format!("declare 1 to {FIELDS_MAX}"));
    }
    let mut fields = Vec::with_capacity(written);
    for item in section.items() {
        match read_field(reader, item) {
            Some(field) => fields.push(field),
            None => reader.unread.push(item.name.to_owned()),
        }
    }
    fields
}

fn read_field(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<Field> {
    if let Err((problem, fix)) = names::check_field(item.name) {
        reader.complain(item, problem, fix);
    }
    let section = reader.section(item)?;
    let Some(kind_item) = section.get("type") else {
        reader.complain(item, "has no type", format!("write type = \"…\" with one of {}", type_names()));
        return None;
    };
    let name = reader.text(kind_item, "type = \"text\"")?;
    let Some((name, own)) = TYPES.into_iter().find(|(known, _)| *known == name) else {
        let fix = closest(name, TYPES.map(|(name, _)| name)).map_or_else(
            || format!("write one of {}", type_names()),
            |name| format!("did you mean {name:?}?"),
        );
        reader.complain(kind_item, "is not a type", fix);
        return None;
    };
    reader.refuse_unknown(&section, &[COMMON.as_slice(), own].concat());
    let kind = read_kind(reader, name, item, &section)?;
    let flag = |reader: &mut Reader<'_>, name| {
        section.get(name).and_then(|item| reader.boolean(item)).unwrap_or(false)
    };
    let mut field = Field {
        name: item.name.to_owned(),
        kind,
        required: flag(reader, "required"),
        unique: flag(reader, "unique"),
        default: None,
    };
    if let (true, FieldKind::Json { .. }, Some(unique)) = (field.unique, &field.kind, section.get("unique")) {
        reader.complain(unique, "JSON has no order, so it cannot be unique", "leave it out");
    }
    if let Some(item) = section.get("default") {
        field.default = default::read(reader, &field, item);
    }
    Some(field)
}

fn read_kind(
    reader: &mut Reader<'_>,
    name: &str,
    field: &Item<'_>,
    section: &Section<'_>,
) -> Option<FieldKind> {
    Some(match name {
        "text" => {
            let min =
                bound(reader, section, "min", |reader, item| reader.length(item, TEXT_MAX)).unwrap_or(0);
            let max = bound(reader, section, "max", |reader, item| reader.length(item, TEXT_MAX))
                .unwrap_or(TEXT_DEFAULT);
            ordered(reader, section, min, max);
            FieldKind::Text { min, max }
        }
        "integer" => {
            let range = -INTEGER_MAX..=INTEGER_MAX;
            let min = bound(reader, section, "min", |reader, item| reader.integer(item, &range))
                .unwrap_or(*range.start());
            let max = bound(reader, section, "max", |reader, item| reader.integer(item, &range))
                .unwrap_or(*range.end());
            ordered(reader, section, min, max);
            FieldKind::Integer { min, max }
        }
        "number" => {
            let min = bound(reader, section, "min", Reader::number).unwrap_or(f64::MIN);
            let max = bound(reader, section, "max", Reader::number).unwrap_or(f64::MAX);
            ordered(reader, section, min, max);
            FieldKind::Number { min, max }
        }
        "boolean" => FieldKind::Boolean,
        "datetime" => FieldKind::DateTime,
        "json" => {
            let max = bound(reader, section, "max_bytes", |reader, item| reader.length(item, JSON_MAX));
            FieldKind::Json { max_bytes: max.unwrap_or(JSON_DEFAULT) }
        }
        "select" => FieldKind::Select { options: read_options(reader, field, section)? },
        "email" => FieldKind::Email,
        "url" => FieldKind::Url,
        "relation" => {
            let Some(to) = section.get("to") else {
                reader.complain(field, "does not say what it relates to", "write to = \"COLLECTION\"");
                return None;
            };
            FieldKind::Relation { to: reader.text(to, "to = \"COLLECTION\"")?.to_owned() }
        }
        _ => FieldKind::Media,
    })
}

fn bound<'t, T>(
    reader: &mut Reader<'t>,
    section: &Section<'_>,
    name: &str,
    read: impl FnOnce(&mut Reader<'t>, &Item<'_>) -> Option<T>,
) -> Option<T> {
    section.get(name).and_then(|item| read(reader, item))
}

/// A field whose least bound is over its largest takes no value at all.
fn ordered<T: PartialOrd + Copy>(reader: &mut Reader<'_>, section: &Section<'_>, min: T, max: T) {
    if min > max
        && let Some(item) = section.get("min").or(section.get("max"))
    {
        reader.complain(item, "leaves no value between min and max", "write a min that is at most max");
    }
}

fn read_options(reader: &mut Reader<'_>, field: &Item<'_>, section: &Section<'_>) -> Option<Vec<String>> {
    let example = "options = [\"draft\", \"published\"]";
    let Some(item) = section.get("options") else {
        reader.complain(field, "does not say what can be selected", format!("write {example}"));
        return None;
    };
    let texts = reader.texts(item, example)?;
    if texts.is_empty() || texts.len() > OPTIONS_MAX {
        reader.complain(item, format!("holds {} options", texts.len()), format!("write 1 to {OPTIONS_MAX}"));
    }
    let mut options: Vec<String> = Vec::with_capacity(texts.len());
    for (text, span) in texts {
        if text.is_empty() || text.chars().count() > 100 || text.contains(char::is_control) {
            reader.complain_in(
                item,
                &span,
                "is not an option of 1 to 100 printable characters",
                "write a short word",
            );
        } else if options.iter().any(|known| known == text) {
            reader.complain_in(item, &span, "is there twice", "leave one out");
        }
        options.push(text.to_owned());
    }
    Some(options)
}

fn type_names() -> String {
    TYPES.map(|(name, _)| name).join(", ")
}
