//! Accounts.

use serde_json::{Value, json};
use stepwell_shared::limits::PASSWORD_BYTES_MAX;
use stepwell_shared::problem::Code;

use super::components::{parameter, schema};
use super::headers::{BOOKMARK, IDEMPOTENCY_KEY};
use super::operation::{Operation, Token};
use super::writes::{BAD_BODY, FORBIDDEN};
use super::{At, answers, bodies, example, managed, sessions};
use crate::domain::value::EMAIL_BYTES_MAX;

/// The tag of these operations.
pub(super) const TAG: &str = "Accounts";

/// Every operation.
pub(super) fn operations() -> Vec<At> {
    vec![
        ("/v1/accounts".to_owned(), "post", sign_up()),
        ("/v1/accounts/me".to_owned(), "get", who_am_i()),
        ("/v1/accounts/me/password".to_owned(), "put", change_password()),
    ]
}

/// Every schema, by name.
pub(super) fn schemas(password_characters_min: usize) -> [(&'static str, Value); 3] {
    let email = json!({ "type": "string", "format": "email", "maxLength": EMAIL_BYTES_MAX });
    let new = json!({
        "type": "object",
        "required": ["email", "password"],
        "properties": {
            "email": email,
            "password": {
                "type": "string",
                "format": "password",
                "writeOnly": true,
                "minLength": password_characters_min,
                "maxLength": PASSWORD_BYTES_MAX,
                "description": format!("At least {password_characters_min} characters and at most {PASSWORD_BYTES_MAX} bytes."),
            },
        },
        "additionalProperties": false,
    });
    let passwords = json!({
        "type": "object",
        "required": ["old", "new"],
        "properties": {
            "old": { "type": "string", "format": "password", "writeOnly": true },
            "new": new["properties"]["password"],
        },
        "additionalProperties": false,
    });
    [("NewAccount", new), ("NewPassword", passwords), ("Account", account())]
}

fn account() -> Value {
    json!({
        "type": "object",
        "description": "An account, as its owner sees it.",
        "required": ["id", "email", "created", "roles"],
        "properties": {
            "id": { "$ref": "#/components/schemas/Id", "description": "Records that the account creates carry it as `owner`." },
            "email": { "type": "string", "format": "email" },
            "created": { "type": "string", "format": "date-time" },
            "roles": {
                "type": "array",
                "items": { "type": "string" },
                "description": "What the account may do beside what everybody may; the operator gives and takes them.",
            },
        },
    })
}

/// An account.
pub(super) fn example() -> Value {
    json!({ "id": example::ACCOUNT, "email": "ada@example.org", "created": example::TIME, "roles": ["editor"] })
}

fn credentials() -> Value {
    json!({ "email": "ada@example.org", "password": "correct horse battery" })
}

fn sign_up() -> Operation {
    let headers = ["Location", "Idempotency-Replayed"];
    let mut created = answers::written("The account.", &headers, &schema("Account"), &example());
    created["links"] = managed::links();
    Operation::new("sign_up", TAG, Token::None, "Signs up")
        .describe("Addresses are kept in lower case; each has one account.")
        .takes([parameter(IDEMPOTENCY_KEY)])
        .body(bodies::json_body(&schema("NewAccount"), &credentials()))
        .answers(201, created)
        .refuses(&BAD_BODY)
        .refuses(&[Code::Unauthenticated, Code::Conflict, Code::IdempotencyMismatch])
}

fn change_password() -> Operation {
    let example = json!({ "old": "correct horse battery", "new": "staple correct horse" });
    Operation::new("change_password", TAG, Token::Account, "Changes the caller's password")
        .describe(
            "Every other session of the account ends, and every access token from before is refused within a second; the \
             answer has new ones. API keys stay.",
        )
        .body(bodies::json_body(&schema("NewPassword"), &example))
        .answers(200, sessions::opened("The caller's session, with new tokens."))
        .refuses(&BAD_BODY)
        .refuses(&[Code::Unauthenticated])
        .refuses(&FORBIDDEN)
}

fn who_am_i() -> Operation {
    Operation::new("who_am_i", TAG, Token::Account, "Shows the caller's account")
        .takes([parameter(BOOKMARK)])
        .answers(200, answers::private("The account.", &schema("Account"), &example()))
        .refuses(&[Code::Unauthenticated, Code::Forbidden])
}
