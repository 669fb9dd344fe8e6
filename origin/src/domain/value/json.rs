//! From JSON to a value of the right type; bounds are checked apart.

use stepwell_shared::ids::Id;
use stepwell_shared::limits::INTEGER_MAX;

use super::{Broken, without_negative_zero};
use crate::collections::collection::{FieldKind, Value};
use crate::domain::json::{FlawKind, compact};
use crate::domain::{datetime, value::filter};

/// `json` is one well-formed value other than null.
pub(super) fn read(kind: &FieldKind, json: &str) -> Result<Value, Broken> {
    match kind {
        FieldKind::Text { .. } | FieldKind::Select { .. } | FieldKind::Email | FieldKind::Url => {
            filter::read_text(kind, string(json)?)
        }
        FieldKind::Integer { .. } => integer(json).map(Value::Integer),
        FieldKind::Number { .. } => number(json).map(Value::Number),
        FieldKind::Boolean => match json {
            "true" => Ok(Value::Boolean(true)),
            "false" => Ok(Value::Boolean(false)),
            _ => Err(Broken::new("type", "must be true or false")),
        },
        FieldKind::DateTime => {
            let text = string(json)?;
            datetime::parse(&text).map(Value::DateTime).ok_or_else(filter::not_a_datetime)
        }
        FieldKind::Json { .. } => match compact(json) {
            Ok(compacted) => Ok(Value::Json(compacted)),
            Err(flaw) => {
                let code = match flaw.kind {
                    FlawKind::Duplicate => "duplicate",
                    FlawKind::Depth => "depth",
                    FlawKind::Unreadable => "type",
                };
                Err(Broken { pointer: flaw.pointer, code, detail: flaw.kind.to_string() })
            }
        },
        FieldKind::Relation { to } => {
            let text = string(json)?;
            text.parse::<Id>().map(Value::Id).map_err(|_| filter::not_an_id(to))
        }
        FieldKind::Media => {
            Err(Broken::new("unsupported", "cannot be set: media is not part of this version yet; send null"))
        }
    }
}

fn string(json: &str) -> Result<String, Broken> {
    if !json.starts_with('"') {
        return Err(Broken::new("type", "must be a string"));
    }
    // What is well-formed and still no string holds half a surrogate pair (RFC 8259 §8.2).
    serde_json::from_str(json)
        .map_err(|_| Broken::new("type", "must be Unicode: it holds half a surrogate pair"))
}

fn number(json: &str) -> Result<f64, Broken> {
    let number =
        float(json).ok_or_else(|| Broken::new("type", "must be a number that a 64-bit float can hold"))?;
    Ok(without_negative_zero(number))
}

/// The nearest float to a JSON number. By the standard library's reader: `serde_json`'s may be off by one digit.
fn float(json: &str) -> Option<f64> {
    let is_number = json.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    json.parse().ok().filter(|number: &f64| is_number && number.is_finite())
}

/// JSON has one kind of number: `1.0` and `1e2` are whole as well.
fn integer(json: &str) -> Result<i64, Broken> {
    let whole = || Broken::new("type", "must be a whole number between -(2^53-1) and 2^53-1");
    let exact = serde_json::from_str::<i64>(json).ok();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "checked to be whole and in range"
    )]
    let rounded = || {
        let number = float(json)?;
        (number.fract() == 0.0 && number.abs() <= INTEGER_MAX as f64).then_some(number as i64)
    };
    let value = exact.or_else(rounded).ok_or_else(whole)?;
    if (-INTEGER_MAX..=INTEGER_MAX).contains(&value) { Ok(value) } else { Err(whole()) }
}
