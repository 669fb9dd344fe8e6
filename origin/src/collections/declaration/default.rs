//! The default of a field: a value that a request could send.

use toml::Spanned;
use toml::de::DeValue;

use super::reader::{Item, Reader};
use crate::collections::collection::{Field, Value};
use crate::domain::value;

/// The default that `item` writes, once it is one that `field` takes.
pub(super) fn read(reader: &mut Reader<'_>, field: &Field, item: &Item<'_>) -> Option<Value> {
    if field.unique {
        reader.complain(item, "would be taken by the first record", "leave it out, or leave unique out");
        return None;
    }
    let Some(json) = to_json(item.value) else {
        reader.complain(item, "is not a finite value", "write a value that a record may hold");
        return None;
    };
    match value::from_json(field, &json.to_string()) {
        Ok(value) => Some(value),
        Err(broken) => {
            reader.complain(
                item,
                format!("is no default: it {}", broken.detail),
                "write a value that a record may hold",
            );
            None
        }
    }
}

/// A TOML value as JSON, so that one check serves declarations and requests. `None` for what JSON cannot hold.
fn to_json(value: &Spanned<DeValue<'_>>) -> Option<serde_json::Value> {
    Some(match value.get_ref() {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Boolean(value) => (*value).into(),
        DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix()).ok()?.into(),
        DeValue::Float(digits) => serde_json::Number::from_f64(digits.as_str().parse().ok()?)?.into(),
        DeValue::Datetime(at) => at.to_string().into(),
        DeValue::Array(items) => items.iter().map(to_json).collect::<Option<Vec<_>>>()?.into(),
        DeValue::Table(members) => members
            .iter()
            .map(|(name, value)| Some((name.get_ref().to_string(), to_json(value)?)))
            .collect::<Option<serde_json::Map<_, _>>>()?
            .into(),
    })
}
