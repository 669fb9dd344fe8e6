//! API keys.

use serde_json::{Value, json};
use stepwell_shared::problem::Code;

use super::accounts::TAG;
use super::components::{ID, parameter, schema};
use super::headers::BOOKMARK;
use super::operation::{Operation, Token};
use super::writes::{BAD_BODY, FORBIDDEN};
use super::{At, answers, bodies, example};
use crate::collections::collection::Collections;

/// Every operation.
pub(super) fn operations() -> [At; 3] {
    [
        ("/v1/keys".to_owned(), "post", make()),
        ("/v1/keys".to_owned(), "get", list()),
        ("/v1/keys/{id}".to_owned(), "delete", remove()),
    ]
}

/// Every schema, by name.
pub(super) fn schemas(collections: &Collections) -> [(&'static str, Value); 4] {
    let name = || {
        json!({
            "type": "string",
            "minLength": 1,
            "maxLength": 80,
            "pattern": r"\S",
            "description": "What it is for: not spaces alone.",
        })
    };
    let scopes = |scope: Value| {
        json!({
            "type": "array",
            "minItems": 1,
            "maxItems": 64,
            "items": scope,
            "description": "What the key may do, within what its account may: read or write everything, or one collection.",
        })
    };
    let time =
        |description: &str| json!({ "type": "string", "format": "date-time", "description": description });
    let or_null = |mut schema: Value| {
        schema["type"] = json!(["string", "null"]);
        schema
    };
    let new = json!({
        "type": "object",
        "required": ["name", "scopes"],
        "properties": {
            "name": name(),
            "scopes": scopes(json!({ "type": "string", "enum": known_scopes(collections) })),
            "expires": or_null(time("From when it is refused; never where it is left out.")),
        },
        "additionalProperties": false,
    });
    let shown = json!({
        "id": schema("Id"),
        "name": name(),
        // One of a collection that is gone stays as it was.
        "scopes": scopes(json!({ "type": "string", "pattern": "^(collection:[a-z][a-z0-9_]*:)?(read|write)$" })),
        "created": time("When it was made."),
        "last_used": { "type": ["string", "null"], "format": "date", "description": "The day on which it was last used, UTC." },
        "expires": or_null(time("From when it is refused.")),
    });
    let required = ["id", "name", "scopes", "created", "last_used", "expires"];
    let key = json!({ "type": "object", "required": required, "properties": shown });
    let secret =
        json!({ "type": "string", "description": "For `Authorization: Bearer …`. It is shown this once." });
    let made = json!({
        "allOf": [schema("ApiKey")],
        "type": "object",
        "required": ["key"],
        "properties": { "key": secret },
    });
    let keys = json!({
        "type": "object",
        "required": ["items"],
        "properties": { "items": { "type": "array", "items": schema("ApiKey") } },
    });
    [("NewKey", new), ("ApiKey", key), ("MadeKey", made), ("ApiKeys", keys)]
}

/// What a new key may be given.
fn known_scopes(collections: &Collections) -> Vec<String> {
    let of_collections =
        collections.keys().flat_map(|name| ["read", "write"].map(|verb| format!("collection:{name}:{verb}")));
    ["read", "write"].map(str::to_owned).into_iter().chain(of_collections).collect()
}

fn example() -> Value {
    json!({
        "id": example::ID,
        "name": "nightly import",
        "scopes": ["collection:posts:write"],
        "created": example::TIME,
        "last_used": "2026-11-23",
        "expires": null,
    })
}

fn make() -> Operation {
    let mut made = example();
    made["key"] = format!("swk_{}_0PVFAcvWyBkCLIXuPMzbtlBNSMkFmXuqMSH_bqVFnBk", example::ID).into();
    made["last_used"] = Value::Null;
    let mut answer = answers::written("The key.", &[], &schema("MadeKey"), &made);
    answer["links"] =
        json!({ "remove": { "operationId": "remove_key", "parameters": { "id": "$response.body#/id" } } });
    Operation::new("make_key", TAG, Token::Account, "Makes an API key")
        .describe(
            "A program sends it as `Authorization: Bearer swk_…`. It reads and writes records within its scopes, and with \
             `read` it sees its account; it decides nothing about the account itself.",
        )
        .body(bodies::json_body(&schema("NewKey"), &json!({ "name": "nightly import", "scopes": ["read"] })))
        .answers(201, answer)
        .refuses(&BAD_BODY)
        .refuses(&[Code::Unauthenticated])
        .refuses(&FORBIDDEN)
}

fn list() -> Operation {
    Operation::new("show_keys_of_account", TAG, Token::Account, "Shows the caller's API keys")
        .takes([parameter(BOOKMARK)])
        .answers(200, answers::private("The keys.", &schema("ApiKeys"), &json!({ "items": [example()] })))
        .refuses(&[Code::Unauthenticated, Code::Forbidden])
}

fn remove() -> Operation {
    Operation::new("remove_key", TAG, Token::Account, "Removes an API key")
        .describe("It is refused from then on.")
        .takes([parameter(ID)])
        .answers(204, answers::removed("The key is gone."))
        .refuses(&[Code::Unauthenticated, Code::NotFound])
        .refuses(&FORBIDDEN)
}
