//! The service itself: its health, its keys, its documents.

use serde_json::{Value, json};
use stepwell_shared::problem::Code;

use super::components::{parameter, schema};
use super::headers::IF_NONE_MATCH;
use super::operation::{Operation, Token};
use super::{At, answers};

/// The tag of these operations.
pub(super) const TAG: &str = "Service";

/// Every operation.
pub(super) fn operations() -> Vec<At> {
    let at = |path: &str, operation: Operation| (path.to_owned(), "get", operation);
    vec![
        at("/healthz", health("is_alive", "Says that the process lives", "alive")),
        at("/readyz", health("is_ready", "Says that it takes traffic", "ready")),
        at("/.well-known/jwks.json", keys()),
        at("/.well-known/security.txt", contact().refuses(&[Code::NotFound])),
        at("/v1/openapi.json", this_document()),
        at("/v1/docs", page()),
    ]
}

/// Every schema, by name.
pub(super) fn schemas() -> [(&'static str, Value); 1] {
    let text = json!({ "type": "string" });
    let key = json!({
        "type": "object",
        "required": ["kty", "crv", "alg", "use", "kid", "x"],
        "properties": {
            "alg": { "const": "EdDSA" },
            "crv": { "const": "Ed25519" },
            "kid": text,
            "kty": { "const": "OKP" },
            "use": { "const": "sig" },
            "x": text,
        },
    });
    let keys = json!({
        "type": "object",
        "description": "A JWK Set (RFC 7517).",
        "required": ["keys"],
        "properties": { "keys": { "type": "array", "items": key } },
    });
    [("KeySet", keys)]
}

fn health(id: &str, summary: &str, status: &str) -> Operation {
    let schema =
        json!({ "type": "object", "required": ["status"], "properties": { "status": { "const": status } } });
    let example = json!({ "status": status });
    Operation::new(id, TAG, Token::None, summary)
        .answers(200, answers::private("It does.", &schema, &example))
}

fn public(id: &str, summary: &str, answer: Value) -> Operation {
    Operation::new(id, TAG, Token::None, summary)
        .takes([parameter(IF_NONE_MATCH)])
        .answers(200, answer)
        .answers(304, answers::not_modified())
}

fn keys() -> Operation {
    let key = json!({
        "alg": "EdDSA",
        "crv": "Ed25519",
        "kid": "9a4c0d6e2b7f1835",
        "kty": "OKP",
        "use": "sig",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    });
    let answer = answers::validated("The keys.", &schema("KeySet"), &json!({ "keys": [key] }));
    public("show_keys", "Shows the public keys of access tokens", answer)
}

fn contact() -> Operation {
    let answer = answers::file("Whom to tell (RFC 9116).", "text/plain", &json!({ "type": "string" }));
    public("show_security_contact", "Shows whom to tell of a hole", answer)
}

fn this_document() -> Operation {
    let answer = answers::file("The document.", "application/json", &json!({ "type": "object" }));
    public("show_openapi", "Shows this document", answer)
}

fn page() -> Operation {
    let answer = answers::file("The page.", "text/html", &json!({ "type": "string" }));
    public("show_docs", "Shows this document to people", answer)
}
