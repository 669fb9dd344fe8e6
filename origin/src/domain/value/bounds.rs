//! Bounds of values: lengths, ranges, sizes.

use std::fmt::Debug;

use super::Broken;
use crate::collections::collection::{FieldKind, Value};

/// `value` is of `kind`.
pub(super) fn check(kind: &FieldKind, value: &Value) -> Result<(), Broken> {
    match (kind, value) {
        (FieldKind::Text { min, max }, Value::Text(text)) => {
            let length = text.chars().count();
            if length < *min {
                let detail = format!("must be at least {} long; it has {length}", characters(*min));
                return Err(Broken::new("min", detail));
            }
            if length > *max {
                let detail = format!("must be at most {} long; it has {length}", characters(*max));
                return Err(Broken::new("max", detail));
            }
            Ok(())
        }
        (FieldKind::Integer { min, max }, Value::Integer(number)) => in_range(number, min, max),
        (FieldKind::Number { min, max }, Value::Number(number)) => in_range(number, min, max),
        (FieldKind::Json { max_bytes }, Value::Json(json)) if json.len() > *max_bytes => {
            let detail = format!("must be at most {max_bytes} bytes as compact JSON; it has {}", json.len());
            Err(Broken::new("max", detail))
        }
        _ => Ok(()),
    }
}

fn in_range<N: PartialOrd + Debug>(number: &N, min: &N, max: &N) -> Result<(), Broken> {
    if number < min {
        Err(Broken::new("min", format!("must be at least {min:?}")))
    } else if number > max {
        Err(Broken::new("max", format!("must be at most {max:?}")))
    } else {
        Ok(())
    }
}

fn characters(count: usize) -> String {
    if count == 1 { "1 character".to_owned() } else { format!("{count} characters") }
}
