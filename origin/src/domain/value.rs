//! Values of fields: checked as they come in as JSON or as the text of a query, and their one canonical text.

mod bounds;
mod filter;
mod json;

use std::borrow::Cow;

use crate::collections::collection::{Field, FieldKind, Value};
use crate::domain::datetime;

pub use filter::from_text;

/// A rule that a value breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Where inside the value: a JSON pointer; empty for the value itself.
    pub pointer: String,
    /// Which rule, for programs: `type`, `min`, `max`, `format`, `option`, `duplicate`, `depth`, `unsupported`.
    pub code: &'static str,
    /// The rule in words, with its bound: `must be at most 200 characters long; it has 312`.
    pub detail: String,
}

impl Broken {
    fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: String::new(), code, detail: detail.into() }
    }
}

/// The value of `field` that well-formed `json` other than null means, within the field's bounds.
pub fn from_json(field: &Field, json: &str) -> Result<Value, Broken> {
    let value = json::read(&field.kind, json)?;
    bounds::check(&field.kind, &value)?;
    Ok(value)
}

/// Checks a value's bounds again after it was changed in place: a merged JSON value.
pub fn check_bounds(kind: &FieldKind, value: &Value) -> Result<(), Broken> {
    bounds::check(kind, value)
}

/// The one text of a value: what [`from_text`] reads back as the same value, and what sets of records are hashed
/// from. A list's filter and a record in it have the same text, however the filter was written.
pub fn canonical_text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Text(text) | Value::Json(text) => Cow::Borrowed(text),
        Value::Integer(number) => Cow::Owned(number.to_string()),
        // The shortest digits that read back as the same float, with an exponent where that is shorter.
        Value::Number(number) => Cow::Owned(format!("{number:?}")),
        Value::Boolean(true) => Cow::Borrowed("true"),
        Value::Boolean(false) => Cow::Borrowed("false"),
        Value::DateTime(ms) => Cow::Owned(datetime::to_text(*ms)),
        Value::Id(id) => Cow::Owned(id.to_string()),
    }
}

/// A float with one zero: -0 equals 0 and must not have another text.
fn without_negative_zero(number: f64) -> f64 {
    if number == 0.0 { 0.0 } else { number }
}
