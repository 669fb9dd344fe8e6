//! Values of fields: checked as they come in as JSON or as the text of a query, and their one canonical text.

mod bounds;
mod filter;
mod json;

use std::borrow::Cow;

use crate::collections::collection::{Field, FieldKind, Value};
use crate::domain::datetime;

pub use filter::{EMAIL_BYTES_MAX, URL_BYTES_MAX, from_text};

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use stepwell_shared::ids::Id;
    use stepwell_shared::limits::INTEGER_MAX;

    use super::*;

    fn field(kind: FieldKind) -> Field {
        Field { name: "f".into(), kind, required: false, unique: false, default: None }
    }

    fn read(kind: FieldKind, json: &str) -> Result<Value, &'static str> {
        from_json(&field(kind), json).map_err(|broken| broken.code)
    }

    const INTEGER: FieldKind = FieldKind::Integer { min: -INTEGER_MAX, max: INTEGER_MAX };
    const NUMBER: FieldKind = FieldKind::Number { min: f64::MIN, max: f64::MAX };
    const TEXT: FieldKind = FieldKind::Text { min: 0, max: 100 };

    #[test]
    fn text_is_bounded_in_characters() {
        let kind = FieldKind::Text { min: 2, max: 3 };
        assert_eq!(read(kind.clone(), "\"äöü\""), Ok(Value::Text("äöü".into())));
        assert_eq!(read(kind.clone(), "\"ä\""), Err("min"));
        assert_eq!(read(kind.clone(), "\"äöüß\""), Err("max"));
        assert_eq!(read(kind.clone(), "\"a\\u0000\""), Err("format"));
        assert_eq!(read(kind.clone(), "\"\\ud800a\""), Err("type"));
        assert_eq!(read(kind, "12"), Err("type"));
    }

    #[test]
    fn whole_numbers_are_exact_or_refused() {
        assert_eq!(read(INTEGER, "9007199254740991"), Ok(Value::Integer(INTEGER_MAX)));
        for bad in ["9007199254740992", "-9007199254740992", "1e17", "1.5", "\"1\"", "true", "[]"] {
            assert_eq!(read(INTEGER, bad), Err("type"), "{bad}");
        }
        for (json, value) in [("1.0", 1), ("1e2", 100), ("-0", 0), ("-0.0", 0)] {
            assert_eq!(read(INTEGER, json), Ok(Value::Integer(value)), "{json}");
        }
        let kind = FieldKind::Integer { min: 1, max: 5 };
        assert_eq!((read(kind.clone(), "0"), read(kind, "6")), (Err("min"), Err("max")));
    }

    #[test]
    fn floats_are_finite_and_have_one_zero() {
        assert_eq!(read(NUMBER, "1e999"), Err("type"));
        let Ok(Value::Number(zero)) = read(NUMBER, "-0.0") else { panic!("refused") };
        assert!(zero.is_sign_positive());
        for bad in ["inf", "nan", "", "1e999", "0x1"] {
            assert!(from_text(&NUMBER, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_have_their_form() {
        assert!(read(FieldKind::Email, "\"ada@example.org\"").is_ok());
        for bad in ["\"ada\"", "\"Ada <ada@example.org>\"", "\"ada@[127.0.0.1]\"", "\"\"", "1"] {
            assert!(read(FieldKind::Email, bad).is_err(), "{bad}");
        }
        // One address, one text.
        let address = Ok(Value::Text("https://example.org/".into()));
        assert_eq!(read(FieldKind::Url, "\"HTTPS://EXAMPLE.ORG:443\""), address);
        for bad in ["\"/path\"", "\"javascript:alert(1)\"", "\"ftp://example.org/\"", "\"https://\"", "null"]
        {
            assert!(read(FieldKind::Url, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_wrong_option_is_told_the_right_ones() {
        let kind = FieldKind::Select { options: vec!["draft".into(), "published".into()] };
        let broken = from_json(&field(kind), "\"darft\"").unwrap_err();
        assert_eq!(broken.detail, "must be one of draft, published; did you mean \"draft\"?");
    }

    #[test]
    fn json_is_compact_bounded_and_told_where_it_is_wrong() {
        let kind = FieldKind::Json { max_bytes: 10 };
        assert_eq!(read(kind.clone(), "{ \"a\": [1] }"), Ok(Value::Json("{\"a\":[1]}".into())));
        assert_eq!(read(kind.clone(), "{\"a\":[1,2]}"), Err("max"));
        let broken = from_json(&field(kind), "{\"a\":[{\"b\":1,\"b\":2}]}").unwrap_err();
        assert_eq!((broken.pointer.as_str(), broken.code), ("/a/0/b", "duplicate"));
    }

    #[test]
    fn media_cannot_be_set_yet() {
        assert_eq!(read(FieldKind::Media, "\"0000000000001\""), Err("unsupported"));
    }

    /// A value as JSON would write it, with its kind.
    fn any_value() -> impl Strategy<Value = (FieldKind, Value)> {
        prop_oneof![
            "[^\\x00]{0,20}".prop_map(|text| (TEXT, Value::Text(text))),
            (-INTEGER_MAX..=INTEGER_MAX).prop_map(|number| (INTEGER, Value::Integer(number))),
            prop::num::f64::NORMAL.prop_map(|number| (NUMBER, Value::Number(number))),
            any::<bool>().prop_map(|value| (FieldKind::Boolean, Value::Boolean(value))),
            (-1_000_000_000_000..2_000_000_000_000_i64)
                .prop_map(|ms| (FieldKind::DateTime, Value::DateTime(ms))),
            (0..i64::MAX).prop_map(|id| {
                (FieldKind::Relation { to: "things".into() }, Value::Id(Id::from_column(id).unwrap()))
            }),
        ]
    }

    proptest! {
        #[test]
        fn the_canonical_text_is_read_back_and_equal_values_share_it((kind, value) in any_value()) {
            let text = canonical_text(&value);
            prop_assert_eq!(from_text(&kind, &text), Ok(value.clone()));
            // However a filter writes the value, its set is that of the records which hold it.
            let as_json = match &value {
                Value::Integer(_) | Value::Number(_) | Value::Boolean(_) => text.to_string(),
                _ => serde_json::to_string(&text).unwrap(),
            };
            let stored = from_json(&field(kind), &as_json).unwrap();
            prop_assert_eq!(canonical_text(&stored), text);
        }
    }
}
