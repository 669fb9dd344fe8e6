//! The purge log.

use serde_json::{Value, json};
use stepwell_shared::api::purges::{OLDEST_TOKEN, SEQUENCE_MAX};
use stepwell_shared::limits::{PURGE_PAGE_MAX, TAG_BYTES_MAX};
use stepwell_shared::problem::Code;

use super::components::{ID_PATTERN, schema};
use super::operation::{Operation, Token};
use super::writes::BAD_BODY;
use super::{At, answers, bodies, example};
use crate::collections::collection::Collections;

/// The tag of these operations.
pub(super) const TAG: &str = "Freshness";

/// Every operation.
pub(super) fn operations() -> [At; 2] {
    [("/v1/purges".to_owned(), "get", follow()), ("/v1/purges".to_owned(), "post", purge())]
}

/// Every schema, by name.
pub(super) fn schemas(collections: &Collections) -> [(&'static str, Value); 3] {
    [("PurgePage", page()), ("PurgeCommand", command(collections)), ("PurgeOutcome", outcome())]
}

fn follow() -> Operation {
    let sequence = json!({ "type": "integer", "format": "int64", "minimum": 0, "maximum": SEQUENCE_MAX });
    let description = "The sequence up to which the caller knows the log; its end when it is left out.";
    let after = json!({ "name": "after", "in": "query", "description": description, "schema": sequence });
    let description =
        "Where it begins for whoever knows nothing of it: as far back as tokens may still be good.";
    let oldest = json!({ "type": "string", "enum": [OLDEST_TOKEN] });
    let since = json!({ "name": "since", "in": "query", "description": description, "schema": oldest });
    let purge = json!({ "sequence": 31, "tags": ["513a2286f3fd3b45"] });
    let page = json!({ "epoch": 1, "after": 30, "through": 31, "head": 31, "floor": 0, "purges": [purge] });
    Operation::new("follow_purges", TAG, Token::None, "Shows a page of the purge log")
        .describe("What writes and operators have purged, in the order of their commits.")
        .takes([after, since])
        .answers(200, answers::private("A page.", &schema("PurgePage"), &page))
        .refuses(&[Code::BadParameter, Code::Unauthenticated])
}

fn purge() -> Operation {
    let outcome = json!({ "dry_run": false, "tags": ["collection/posts"], "bookmark": example::BOOKMARK });
    Operation::new("purge", TAG, Token::Operator, "Purges what edges have stored")
        .describe(
            "Everything that is named is purged together. A dry run purges nothing and counts what would go.",
        )
        .body(bodies::json_body(&schema("PurgeCommand"), &json!({ "collections": ["posts"] })))
        .answers(200, answers::private("What was purged, or would be.", &schema("PurgeOutcome"), &outcome))
        .refuses(&BAD_BODY)
        .refuses(&[Code::Unauthenticated])
}

fn page() -> Value {
    let sequence = |description: &str| json!({ "type": "integer", "format": "int64", "minimum": 0, "description": description });
    let hash = json!({ "type": "string", "pattern": "^[0-9a-f]{16}$", "description": "XXH3-64 of the tag." });
    let purge = json!({
        "type": "object",
        "required": ["sequence", "tags"],
        "properties": {
            "sequence": sequence("Its place in the log."),
            "tags": { "type": "array", "items": hash },
            "revoked": {
                "type": "array",
                "items": hash,
                "description": "Those of the tags that revoke tokens: of accounts and sessions.",
            },
        },
    });
    json!({
        "type": "object",
        "description": "A stretch of the log: everything after `after`, up to and including `through`.",
        "required": ["epoch", "after", "through", "head", "floor", "purges"],
        "properties": {
            "epoch": { "type": "integer", "minimum": 0, "description": "The timeline; a restored database begins a new one." },
            "after": sequence("The sequence that was asked for, or `floor` where the log no longer reaches back so far."),
            "through": sequence("The last sequence that the page covers."),
            "head": sequence("The log's last sequence: other pages follow while `through` is below it."),
            "floor": sequence("The log has forgotten everything up to and including this sequence."),
            "purges": { "type": "array", "maxItems": PURGE_PAGE_MAX, "items": purge },
            "revision": { "type": "string", "description": "The name of what the origin declares, for edges: another one, and they ask anew." },
        },
    })
}

fn command(collections: &Collections) -> Value {
    let names: Vec<&str> = collections.keys().map(String::as_str).collect();
    let texts = |description: &str, item: Value| json!({ "type": "array", "items": item, "description": description });
    let tag = json!({ "type": "string", "pattern": format!("^[!-+\\--~]{{1,{TAG_BYTES_MAX}}}$") });
    let record = json!({ "type": "string", "pattern": format!("^({})/{}$", names.join("|"), ID_PATTERN.trim_matches(['^', '$'])) });
    let path = json!({ "type": "string", "pattern": "^/[^?]*$" });
    let flag = |description: &str| json!({ "type": "boolean", "default": false, "description": description });
    let named = |member: &str| json!({ "required": [member], "properties": { member: { "minItems": 1 } } });
    let everything = json!({ "required": ["everything"], "properties": { "everything": { "const": true } } });
    let something: Vec<Value> =
        ["tags", "records", "collections", "paths"].map(named).into_iter().chain([everything]).collect();
    json!({
        "type": "object",
        "properties": {
            "tags": texts("Tags by name.", tag),
            "records": texts("Records, as `collection/id`.", record),
            "collections": texts("Whole collections.", json!({ "type": "string", "enum": names })),
            "paths": texts(
                "Paths without query, in a form that a request may have: every stored variant of each.",
                path,
            ),
            "everything": flag("All that is stored."),
            "dry_run": flag("Purge nothing; count what would go."),
        },
        "anyOf": something,
        "additionalProperties": false,
    })
}

fn outcome() -> Value {
    let edge = json!({
        "type": "object",
        "required": ["edge", "entries"],
        "properties": {
            "edge": { "type": "string" },
            "entries": {
                "type": ["integer", "null"],
                "minimum": 0,
                "description": "Entries that would go there; null when the edge did not answer in time.",
            },
        },
    });
    json!({
        "type": "object",
        "required": ["dry_run", "tags"],
        "properties": {
            "dry_run": { "type": "boolean" },
            "tags": { "type": "array", "items": { "type": "string" }, "description": "What the command came to." },
            "bookmark": { "$ref": "#/components/schemas/Bookmark", "description": "The purge's position; not there after a dry run." },
            "edges": { "type": "array", "items": edge, "description": "After a dry run: each edge that follows the log." },
        },
    })
}
