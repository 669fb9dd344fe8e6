//! A field's values as JSON Schema (2020-12).

use serde_json::{Value as Json, json};
use stepwell_shared::limits::{INTEGER_MAX, JSON_DEPTH_MAX};

use super::components::schema;
use crate::collections::collection::{Field, FieldKind, Value};
use crate::collections::column::ACCOUNTS;
use crate::domain::datetime;
use crate::domain::value::{EMAIL_BYTES_MAX, URL_BYTES_MAX};

/// Any character but U+0000, which databases take for the end.
const TEXT: &str = r"^[^\u0000]*$";

/// The values of `field` in a record. A field that is not required may be null.
pub(super) fn stored(field: &Field) -> Json {
    let mut shown = of_kind(&field.kind, !field.required);
    let meaning = meaning(&field.kind);
    let unique = field.unique.then(|| "No two records have the same value.".to_owned());
    let sentences: Vec<String> = meaning.into_iter().chain(unique).collect();
    if !sentences.is_empty() {
        shown["description"] = sentences.join(" ").into();
    }
    shown
}

/// The values of `field` that a write takes.
pub(super) fn written(field: &Field) -> Json {
    if field.kind == FieldKind::Media {
        let description = "Media is not part of this version yet: only null is taken.";
        return json!({ "type": "null", "description": description });
    }
    stored(field)
}

/// The values that a filter by a column of this kind takes: bounds are not asked for.
pub(super) fn filtered(kind: &FieldKind) -> Json {
    match kind {
        FieldKind::Text { .. } => json!({ "type": "string" }),
        FieldKind::Integer { .. } => {
            json!({ "type": "integer", "minimum": -INTEGER_MAX, "maximum": INTEGER_MAX })
        }
        FieldKind::Number { .. } => json!({ "type": "number" }),
        other => of_kind(other, false),
    }
}

/// A value as JSON.
pub(super) fn value(value: &Value) -> Json {
    match value {
        Value::Text(text) => text.as_str().into(),
        Value::Integer(number) => (*number).into(),
        Value::Number(number) => (*number).into(),
        Value::Boolean(value) => (*value).into(),
        Value::DateTime(ms) => datetime::to_text(*ms).into(),
        Value::Json(text) => serde_json::from_str(text).unwrap_or_default(),
        Value::Id(id) => id.to_string().into(),
    }
}

fn of_kind(kind: &FieldKind, nullable: bool) -> Json {
    let mut shown = match kind {
        FieldKind::Text { min: 0, max } => json!({ "type": "string", "maxLength": max, "pattern": TEXT }),
        FieldKind::Text { min, max } => {
            json!({ "type": "string", "minLength": min, "maxLength": max, "pattern": TEXT })
        }
        FieldKind::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        FieldKind::Number { min, max } => number(*min, *max),
        FieldKind::Boolean => json!({ "type": "boolean" }),
        FieldKind::DateTime => json!({ "type": "string", "format": "date-time" }),
        FieldKind::Json { .. } => json!({ "type": ["object", "array", "string", "number", "boolean"] }),
        FieldKind::Select { options } => json!({ "type": "string", "enum": options }),
        FieldKind::Email => json!({ "type": "string", "format": "email", "maxLength": EMAIL_BYTES_MAX }),
        FieldKind::Url => json!({ "type": "string", "format": "uri", "maxLength": URL_BYTES_MAX }),
        FieldKind::Relation { .. } | FieldKind::Media if nullable => {
            return json!({ "anyOf": [schema("Id"), { "type": "null" }] });
        }
        FieldKind::Relation { .. } | FieldKind::Media => return schema("Id"),
    };
    if nullable {
        allow_null(&mut shown);
    }
    shown
}

/// Bounds that every finite float keeps are not worth a word.
fn number(min: f64, max: f64) -> Json {
    let mut shown = json!({ "type": "number" });
    if min > f64::MIN {
        shown["minimum"] = min.into();
    }
    if max < f64::MAX {
        shown["maximum"] = max.into();
    }
    shown
}

fn allow_null(shown: &mut Json) {
    let types = match shown["type"].take() {
        Json::Array(types) => types,
        one => vec![one],
    };
    shown["type"] = types.into_iter().chain([json!("null")]).collect();
    if let Some(Json::Array(options)) = shown.get_mut("enum") {
        options.push(Json::Null);
    }
}

/// What a type alone does not say.
fn meaning(kind: &FieldKind) -> Option<String> {
    match kind {
        FieldKind::Json { max_bytes } => Some(format!(
            "Any JSON value of at most {max_bytes} bytes in compact form and {JSON_DEPTH_MAX} levels."
        )),
        FieldKind::Relation { to } if to == ACCOUNTS => Some("The id of an account.".to_owned()),
        FieldKind::Relation { to } => Some(format!("The id of a record of `{to}`.")),
        FieldKind::Media => Some("The id of a media object.".to_owned()),
        FieldKind::Url => Some("An absolute http or https URL.".to_owned()),
        _ => None,
    }
}
