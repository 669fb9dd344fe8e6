//! From the body of a request to checked values: all that is wrong is told at once, each with a JSON pointer.

#[cfg(test)]
mod tests;

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
