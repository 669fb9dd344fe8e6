//! From the body of a request to checked values: all that is wrong is told at once, each with a JSON pointer.

use serde_json::error::Category;
use serde_json::value::RawValue;
use stepwell_shared::limits::FIELD_ERRORS_MAX;
use stepwell_shared::problem::{Code, FieldError, Problem};

use crate::collections::collection::{Collection, Field, SYSTEM_COLUMNS, Value};
use crate::complaint::closest;
use crate::domain::json::{members, merge, pointer_token};
use crate::domain::value::{self, Broken};

/// Fields by their place in the declaration, in its order, each at most once, with the value to store or null.
pub type Assignments = Vec<(usize, Option<Value>)>;

/// Why a body is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejected {
    /// It is no JSON object; the text says what it is instead.
    Malformed(String),
    /// Values break the declaration; at most [`FIELD_ERRORS_MAX`] are told.
    Invalid(Vec<FieldError>),
}

impl From<Rejected> for Problem {
    fn from(rejected: Rejected) -> Self {
        match rejected {
            Rejected::Malformed(detail) => Self::new(Code::BadRequest, detail),
            Rejected::Invalid(errors) => Self::invalid(errors),
        }
    }
}

/// The values of a new record: every field of `collection`, in order; defaults fill in for what `body` does not
/// mention.
pub fn create(collection: &Collection, body: &[u8]) -> Result<Assignments, Rejected> {
    let mut errors = Errors::default();
    let mut given = check_members(collection, body, &mut errors)?;
    let mut assignments = Vec::with_capacity(collection.fields.len());
    for (place, (field, member)) in collection.fields.iter().zip(&mut given).enumerate() {
        let value = match member.take() {
            Some(Checked::Value(value)) => Some(value),
            Some(Checked::Null) => None,
            Some(Checked::Wrong) => continue,
            None => field.default.clone(),
        };
        if field.required && value.is_none() {
            errors.push_required(field);
        }
        assignments.push((place, value));
    }
    errors.into_result(assignments)
}

/// A checked merge patch (RFC 7396): the fields that it mentions.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch {
    /// A JSON field whose patch is an object holds that object here: it is merged into what is stored.
    mentioned: Assignments,
}

/// Checks `body` as a merge patch for a record of `collection`.
pub fn patch(collection: &Collection, body: &[u8]) -> Result<Patch, Rejected> {
    let mut errors = Errors::default();
    let given = check_members(collection, body, &mut errors)?;
    let mut mentioned = Vec::new();
    for (place, (field, member)) in collection.fields.iter().zip(given).enumerate() {
        match member {
            Some(Checked::Value(value)) => mentioned.push((place, Some(value))),
            Some(Checked::Null) if field.required => errors.push_required(field),
            Some(Checked::Null) => mentioned.push((place, None)),
            Some(Checked::Wrong) | None => {}
        }
    }
    errors.into_result(Patch { mentioned })
}

impl Patch {
    /// What the patch changes in a record whose fields are `before`: values equal to the stored ones are left out, so
    /// that an empty answer means that there is nothing to write. Fails when a merged JSON value outgrows its field.
    pub fn changes(
        &self,
        collection: &Collection,
        before: &[Option<Value>],
    ) -> Result<Assignments, Rejected> {
        let mut errors = Errors::default();
        let mut changes = Vec::with_capacity(self.mentioned.len());
        for (place, change) in &self.mentioned {
            let (Some(field), stored) =
                (collection.fields.get(*place), before.get(*place).and_then(Option::as_ref))
            else {
                continue;
            };
            let after = match change {
                Some(Value::Json(patch)) => {
                    let stored = if let Some(Value::Json(stored)) = stored { stored } else { "null" };
                    let merged = Value::Json(merge(stored, patch));
                    if let Err(broken) = value::check_bounds(&field.kind, &merged) {
                        errors.push_broken(field, broken);
                    }
                    Some(merged)
                }
                other => other.clone(),
            };
            if after.as_ref() != stored {
                changes.push((*place, after));
            }
        }
        errors.into_result(changes)
    }
}

/// What a body says about one field.
enum Checked {
    Value(Value),
    Null,
    /// Something that was noted as an error.
    Wrong,
}

/// What `body` says about each field, in the order of declaration; `None` where it does not mention the field.
fn check_members(
    collection: &Collection,
    body: &[u8],
    errors: &mut Errors,
) -> Result<Vec<Option<Checked>>, Rejected> {
    let mut checked: Vec<Option<Checked>> = collection.fields.iter().map(|_| None).collect();
    for (name, json) in read_members(body)? {
        let found = collection.fields.iter().zip(&mut checked).find(|(field, _)| field.name == name);
        let Some((field, slot)) = found else {
            errors.push_unknown(collection, &name);
            continue;
        };
        if slot.is_some() {
            errors.push(&name, "", "duplicate", "is given twice; send it once");
        }
        *slot = Some(match json.get() {
            "null" => Checked::Null,
            json => match value::from_json(field, json) {
                Ok(value) => Checked::Value(value),
                Err(broken) => {
                    errors.push_broken(field, broken);
                    Checked::Wrong
                }
            },
        });
    }
    Ok(checked)
}

/// The members of the object `body`, or what is wrong with it.
fn read_members(body: &[u8]) -> Result<Vec<(String, &RawValue)>, Rejected> {
    let malformed = |detail: String| Rejected::Malformed(detail);
    let text = std::str::from_utf8(body).map_err(|_| malformed("the body is not UTF-8".into()))?;
    if text.trim_ascii().is_empty() {
        return Err(malformed("the body is empty; send a JSON object".into()));
    }
    members(text).map_err(|error| match error.classify() {
        Category::Data => malformed("the body is not a JSON object".into()),
        _ => malformed(format!("the body is not JSON: {error}")),
    })
}

/// Errors so far.
#[derive(Default)]
struct Errors(Vec<FieldError>);

impl Errors {
    fn push(&mut self, name: &str, inside: &str, code: &str, detail: impl Into<String>) {
        if self.0.len() < FIELD_ERRORS_MAX {
            // Long enough for any field's name; a client's own may be as long as its body.
            let name: String = name.chars().take(64).collect();
            let pointer = format!("/{}{inside}", pointer_token(&name));
            self.0.push(FieldError { pointer, code: code.to_owned(), detail: detail.into() });
        }
    }

    fn push_broken(&mut self, field: &Field, broken: Broken) {
        self.push(&field.name, &broken.pointer, broken.code, broken.detail);
    }

    fn push_required(&mut self, field: &Field) {
        self.push(&field.name, "", "required", "is required and must not be null");
    }

    fn push_unknown(&mut self, collection: &Collection, name: &str) {
        if SYSTEM_COLUMNS.contains(&name) {
            return self.push(name, "", "read-only", "is set by the server; leave it out");
        }
        let known = collection.fields.iter().map(|field| field.name.as_str());
        let hint =
            closest(name, known).map_or_else(String::new, |known| format!("; did you mean {known:?}?"));
        self.push(name, "", "unknown", format!("is not a field of {}{hint}", collection.name));
    }

    fn into_result<T>(self, value: T) -> Result<T, Rejected> {
        if self.0.is_empty() { Ok(value) } else { Err(Rejected::Invalid(self.0)) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::collections::testing::collection;

    const THINGS: &str = r#"
        [fields]
        title = { type = "text", required = true, max = 5 }
        stars = { type = "integer", min = 0, max = 5, default = 3 }
        extra = { type = "json", max_bytes = 30 }
        photo = { type = "media" }
    "#;

    fn errors<T: std::fmt::Debug>(result: Result<T, Rejected>) -> Vec<(String, String)> {
        match result.unwrap_err() {
            Rejected::Invalid(errors) => {
                errors.into_iter().map(|error| (error.pointer, error.code)).collect()
            }
            Rejected::Malformed(detail) => panic!("malformed: {detail}"),
        }
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
    }

    #[test]
    fn a_create_assigns_every_field_and_fills_in_defaults() {
        let things = collection(THINGS);
        let text = |text: &str| Some(Value::Text(text.into()));
        let created = create(&things, br#"{"title":"a"}"#).unwrap();
        assert_eq!(created, [(0, text("a")), (1, Some(Value::Integer(3))), (2, None), (3, None)]);
        // Null is said, so that the default does not speak.
        let created = create(&things, br#"{"stars":null,"title":"a"}"#).unwrap();
        assert_eq!(created[1], (1, None));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let things = collection(THINGS);
        let body = br#"{"stars":9,"extra":{"a":{"b":1,"b":2}},"photo":"x","titel":"a","id":"x","owner":null,"a/b~":1}"#;
        assert_eq!(
            errors(create(&things, body)),
            pairs(&[
                ("/stars", "max"),
                ("/extra/a/b", "duplicate"),
                ("/photo", "unsupported"),
                ("/titel", "unknown"),
                ("/id", "read-only"),
                ("/owner", "read-only"),
                ("/a~1b~0", "unknown"),
                ("/title", "required"),
            ])
        );
        let detail = match create(&things, br#"{"titel":"a","title":"b"}"#) {
            Err(Rejected::Invalid(errors)) => errors[0].detail.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(detail, "is not a field of things; did you mean \"title\"?");
    }

    #[test]
    fn a_member_that_comes_twice_is_refused_also_where_escapes_hide_it() {
        let things = collection(THINGS);
        for body in [r#"{"title":"a","title":"b"}"#, r#"{"title":"a","titl\u0065":"a"}"#] {
            assert_eq!(errors(create(&things, body.as_bytes())), pairs(&[("/title", "duplicate")]), "{body}");
            assert_eq!(errors(patch(&things, body.as_bytes())), pairs(&[("/title", "duplicate")]), "{body}");
        }
    }

    #[test]
    fn what_is_no_object_is_malformed() {
        let things = collection(THINGS);
        let nested = format!("{{\"extra\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(errors(create(&things, nested.as_bytes()))[0].1, "depth");
        for body in ["", " ", "[]", "null", "\"a\"", "{", "{\"a\":}", "{} {}", "{\"a\":1,}", "\u{feff}{}"] {
            assert!(matches!(create(&things, body.as_bytes()), Err(Rejected::Malformed(_))), "{body:?}");
        }
        assert!(matches!(create(&things, b"{\"title\":\"\xff\"}"), Err(Rejected::Malformed(_))));
    }

    #[test]
    fn errors_are_bounded_in_number_and_length() {
        let things = collection(THINGS);
        let many: Vec<String> = (0..1000).map(|n| format!("\"{}{n}\":1", "x".repeat(200))).collect();
        let Err(Rejected::Invalid(errors)) = create(&things, format!("{{{}}}", many.join(",")).as_bytes())
        else {
            panic!("accepted")
        };
        assert_eq!(errors.len(), FIELD_ERRORS_MAX);
        assert!(errors.iter().all(|error| error.pointer.len() < 70));
    }

    #[test]
    fn a_patch_changes_what_it_mentions_and_null_removes() {
        let things = collection(THINGS);
        let json = |text: &str| Some(Value::Json(text.into()));
        let before =
            [Some(Value::Text("a".into())), Some(Value::Integer(1)), json(r#"{"a":1,"b":{"c":2}}"#), None];
        let changes =
            |body: &str| patch(&things, body.as_bytes()).unwrap().changes(&things, &before).unwrap();
        assert_eq!(changes("{}"), []);
        assert_eq!(changes(r#"{"title":"a","photo":null}"#), []);
        assert_eq!(changes(r#"{"stars":null,"title":"b"}"#), [(0, Some(Value::Text("b".into()))), (1, None)]);
        // RFC 7396 reaches into JSON values.
        assert_eq!(changes(r#"{"extra":{"b":{"c":null,"d":3}}}"#), [(2, json(r#"{"a":1,"b":{"d":3}}"#))]);
        assert_eq!(changes(r#"{"extra":[1]}"#), [(2, json("[1]"))]);
        assert_eq!(errors(patch(&things, br#"{"title":null}"#)), pairs(&[("/title", "required")]));
        let grown = patch(&things, br#"{"extra":{"long":"xxxxxxxxx"}}"#).unwrap();
        assert_eq!(errors(grown.changes(&things, &before)), pairs(&[("/extra", "max")]));
    }

    proptest! {
        #[test]
        fn no_body_stops_the_validator(body in prop::collection::vec(any::<u8>(), 0..60)) {
            let things = collection(THINGS);
            let _ = create(&things, &body);
            let _ = patch(&things, &body);
        }

        #[test]
        fn what_a_create_accepts_a_patch_accepts_and_changes_nothing(
            title in "[a-z]{1,5}", stars in prop::option::of(0..=5_i64), extra in prop::option::of("[a-z]{0,5}"),
        ) {
            let things = collection(THINGS);
            let body = serde_json::json!({"title": title, "stars": stars, "extra": extra}).to_string();
            let created = create(&things, body.as_bytes()).unwrap();
            let fields: Vec<_> = created.into_iter().map(|(_, value)| value).collect();
            let patch = patch(&things, body.as_bytes()).unwrap();
            prop_assert_eq!(patch.changes(&things, &fields).unwrap(), vec![]);
        }
    }
}
