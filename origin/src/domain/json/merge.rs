//! JSON merge patch (RFC 7396) on JSON text.

use std::borrow::Cow;
use std::collections::HashMap;

use super::members;

/// `target` after `patch`, by the algorithm of RFC 7396 §2. Both are compact JSON without repeated names; so is what
/// comes out. Members keep the order of `target`; new ones follow in the order of `patch`.
pub fn merge(target: &str, patch: &str) -> String {
    let Ok(patch_members) = members(patch) else { return patch.to_owned() };
    let target_members = members(target).unwrap_or_default();
    // By name, since both may hold many members and a client chose them.
    let mut places: HashMap<String, usize> =
        target_members.iter().enumerate().map(|(place, (name, _))| (name.clone(), place)).collect();
    let mut merged: Vec<Option<(String, Cow<'_, str>)>> =
        target_members.into_iter().map(|(name, value)| Some((name, value.get().into()))).collect();
    for (name, change) in patch_members {
        let place = places.get(&name).copied();
        let member = place.and_then(|place| merged.get_mut(place));
        match (change.get(), member) {
            ("null", None) => {}
            ("null", Some(member)) => *member = None,
            (change, Some(member)) => {
                let old = member.as_ref().map_or("{}", |(_, value)| value);
                *member = Some((name, merge(old, change).into()));
            }
            // What is not there yet counts as an empty object, so that nulls inside `change` are dropped.
            (change, None) => {
                places.insert(name.clone(), merged.len());
                merged.push(Some((name, merge("{}", change).into())));
            }
        }
    }
    let members: Vec<String> = merged
        .into_iter()
        .flatten()
        .map(|(name, value)| format!("{}:{value}", serde_json::Value::String(name)))
        .collect();
    format!("{{{}}}", members.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    /// RFC 7396, appendix A.
    #[test]
    fn the_examples_of_the_rfc() {
        for (target, patch, expected) in [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"a":null}"#, "{}"),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
            (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
            (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
            (r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#),
            (r#"{"a":"b"}"#, r#"["c"]"#, r#"["c"]"#),
            (r#"{"a":"foo"}"#, "null", "null"),
            (r#"{"a":"foo"}"#, r#""bar""#, r#""bar""#),
            (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
            ("[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
            ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
        ] {
            assert_eq!(merge(target, patch), expected, "{target} {patch}");
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i32>().prop_map(Value::from),
            "[a-z\"]{0,3}".prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[ab\"é]{1,2}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// The RFC's pseudo-code, on trees.
    fn reference(target: Value, patch: Value) -> Value {
        let Value::Object(patch) = patch else { return patch };
        let mut merged = if let Value::Object(target) = target { target } else { Map::new() };
        for (name, value) in patch {
            if value.is_null() {
                merged.remove(&name);
            } else {
                let old = merged.remove(&name).unwrap_or(Value::Null);
                merged.insert(name, reference(old, value));
            }
        }
        Value::Object(merged)
    }

    proptest! {
        #[test]
        fn merging_text_is_merging_trees(target in any_json(), patch in any_json()) {
            let merged: Value = serde_json::from_str(&merge(&target.to_string(), &patch.to_string())).unwrap();
            prop_assert_eq!(merged, reference(target, patch));
        }
    }
}
