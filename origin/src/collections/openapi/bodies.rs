//! Bodies of requests.

use serde_json::{Value, json};

/// A JSON body, which is always needed.
pub(super) fn json_body(schema: &Value, example: &Value) -> Value {
    json!({
        "required": true,
        "content": { "application/json": { "schema": schema, "example": example } },
    })
}

/// A merge patch (RFC 7396), under its own media type or as plain JSON.
pub(super) fn merge_patch(schema: &Value, example: &Value) -> Value {
    let media = json!({ "schema": schema, "example": example });
    json!({
        "required": true,
        "content": { "application/merge-patch+json": media, "application/json": media },
    })
}
