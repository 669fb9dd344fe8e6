//! JSON values inside a record: checked, compacted, merged. Text in, text out: numbers keep the digits they were
//! written with.

mod members;
mod merge;

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use stepwell_shared::limits::JSON_DEPTH_MAX;

pub use members::members;
pub use merge::merge;

/// What makes well-formed JSON unfit to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Where inside the value: a JSON pointer (RFC 6901); empty for the value itself.
    pub pointer: String,
    /// What it is.
    pub kind: FlawKind,
}

/// The kinds of [`Flaw`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlawKind {
    /// RFC 8259 §4 leaves open what a repeated name means, so readers disagree about it.
    #[error("a name is repeated in one object")]
    Duplicate,
    /// Over [`JSON_DEPTH_MAX`].
    #[error("arrays and objects are nested deeper than {JSON_DEPTH_MAX} levels")]
    Depth,
    /// Half a surrogate pair, or a number beyond what a 64-bit float can hold.
    #[error("a string is not Unicode, or a number is beyond 64-bit floats")]
    Unreadable,
}

/// `json` without white space, after a check for what JSON's syntax allows and a record must not hold. `json` is
/// one well-formed value, as `RawValue` guarantees.
pub fn compact(json: &str) -> Result<String, Flaw> {
    check(json)?;
    let mut compact = String::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in json.chars() {
        if in_string || !matches!(c, ' ' | '\t' | '\n' | '\r') {
            compact.push(c);
        }
        if escaped {
            escaped = false;
        } else if c == '"' {
            in_string = !in_string;
        } else {
            escaped = in_string && c == '\\';
        }
    }
    Ok(compact)
}

/// A name as a reference token of a JSON pointer (RFC 6901 §3).
pub fn pointer_token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn check(json: &str) -> Result<(), Flaw> {
    let mut flaw = None;
    let walk = Walk { depth: 0, flaw: &mut flaw };
    let mut deserializer = serde_json::Deserializer::from_str(json);
    match walk.deserialize(&mut deserializer) {
        Ok(()) => Ok(()),
        Err(_) => Err(flaw.unwrap_or(Flaw { pointer: String::new(), kind: FlawKind::Unreadable })),
    }
}

/// Visits every value. Stops at the first flaw, whose pointer grows on the way back up.
struct Walk<'f> {
    depth: usize,
    flaw: &'f mut Option<Flaw>,
}

impl Walk<'_> {
    fn stop<E: serde::de::Error>(&mut self, kind: FlawKind) -> E {
        *self.flaw = Some(Flaw { pointer: String::new(), kind });
        E::custom(kind)
    }

    fn inside(&mut self) -> Walk<'_> {
        Walk { depth: self.depth + 1, flaw: self.flaw }
    }

    /// Notes that the flaw lies below `token`, and passes the error on.
    fn below<E>(&mut self, token: &str, error: E) -> E {
        let flaw = self.flaw.get_or_insert(Flaw { pointer: String::new(), kind: FlawKind::Unreadable });
        flaw.pointer = format!("/{}{}", pointer_token(token), flaw.pointer);
        error
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(mut self, deserializer: D) -> Result<(), D::Error> {
        if self.depth > JSON_DEPTH_MAX {
            return Err(self.stop(FlawKind::Depth));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        for place in 0_usize.. {
            match items.next_element_seed(self.inside()) {
                Ok(Some(())) => {}
                Ok(None) => break,
                Err(error) => return Err(self.below(&place.to_string(), error)),
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = if names.contains(&name) {
                Err(self.stop(FlawKind::Duplicate))
            } else {
                members.next_value_seed(self.inside())
            };
            if let Err(error) = value {
                return Err(self.below(&name, error));
            }
            names.insert(name);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn flaw(json: &str) -> (String, FlawKind) {
        let flaw = compact(json).unwrap_err();
        (flaw.pointer, flaw.kind)
    }

    #[test]
    fn white_space_goes_and_digits_stay() {
        let json =
            " { \"a b\" : [ 1.0 , 123456789012345678901234567890 ,\t\"x \\\" y\\\\\" ] , \"c\":{ } }\n";
        assert_eq!(
            compact(json).unwrap(),
            "{\"a b\":[1.0,123456789012345678901234567890,\"x \\\" y\\\\\"],\"c\":{}}"
        );
    }

    #[test]
    fn flaws_are_found_where_they_are() {
        assert_eq!(flaw(r#"{"a":[0,{"b":1,"b":2}]}"#), ("/a/1/b".into(), FlawKind::Duplicate));
        assert_eq!(flaw(r#"{"a/b":{"~":1e999}}"#), ("/a~1b/~0".into(), FlawKind::Unreadable));
        assert_eq!(flaw(r#"["\ud800"]"#), ("/0".into(), FlawKind::Unreadable));
        // Escapes do not hide that two names are one.
        assert_eq!(flaw(r#"{"a":1,"\u0061":2}"#), ("/a".into(), FlawKind::Duplicate));
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        assert!(compact(&nested(JSON_DEPTH_MAX)).is_ok());
        assert_eq!(flaw(&nested(JSON_DEPTH_MAX + 1)).1, FlawKind::Depth);
        assert_eq!(flaw(&nested(100_000)).1, FlawKind::Depth);
    }

    proptest! {
        #[test]
        fn compacting_keeps_the_meaning(name in "\\PC{0,8}", text in "[\\PC \\t\\n\"\\\\]{0,20}", number: f64) {
            let value = serde_json::json!({ name: [text, number, null, true, {"x": {}}] });
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            let compacted = compact(&pretty).unwrap();
            prop_assert_eq!(&compacted, &value.to_string());
            prop_assert_eq!(compact(&compacted).unwrap(), compacted);
        }
    }
}
