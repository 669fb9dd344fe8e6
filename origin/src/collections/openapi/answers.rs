//! Answers of requests that succeed.

use serde_json::{Value, json};

use super::headers;

/// Headers of an answer that is the same for everybody, or that its reader may ask for again with its validator.
const VALIDATED: [&str; 2] = ["ETag", "Cache-Status"];
/// Headers of an answer for one caller alone.
const PRIVATE: [&str; 1] = ["Cache-Status"];

/// A JSON body with its validator.
pub(super) fn validated(description: &str, schema: &Value, example: &Value) -> Value {
    with_body(description, &VALIDATED, schema, example)
}

/// A JSON body without one.
pub(super) fn private(description: &str, schema: &Value, example: &Value) -> Value {
    with_body(description, &PRIVATE, schema, example)
}

/// A body of any media type that is validated, and that nobody describes further.
pub(super) fn file(description: &str, media_type: &str, schema: &Value) -> Value {
    json!({
        "description": description,
        "headers": headers::references(&VALIDATED),
        "content": { media_type: { "schema": schema } },
    })
}

/// The answer to a write, with headers beside the bookmark.
pub(super) fn written(description: &str, more: &[&str], schema: &Value, example: &Value) -> Value {
    with_body(description, &[more, &["Stepwell-Bookmark", "Cache-Status"]].concat(), schema, example)
}

/// The answer to a write that leaves nothing to show.
pub(super) fn removed(description: &str) -> Value {
    json!({ "description": description, "headers": headers::references(&["Stepwell-Bookmark", "Cache-Status"]) })
}

/// Refers to 304.
pub(super) fn not_modified() -> Value {
    json!({ "$ref": "#/components/responses/NotModified" })
}

/// The response that [`not_modified`] refers to.
pub(super) fn not_modified_response() -> Value {
    let description = "The client has the body already: it is one of those that `If-None-Match` names.";
    json!({ "description": description, "headers": headers::references(&VALIDATED) })
}

fn with_body(description: &str, names: &[&str], schema: &Value, example: &Value) -> Value {
    json!({
        "description": description,
        "headers": headers::references(names),
        "content": { "application/json": { "schema": schema, "example": example } },
    })
}
