//! Several writes in one transaction.

use serde_json::{Value, json};
use stepwell_shared::limits::BATCH_OPERATIONS_MAX;
use stepwell_shared::problem::Code;

use super::components::{parameter, schema};
use super::headers::IDEMPOTENCY_KEY;
use super::operation::{Operation, Token};
use super::record::Form;
use super::writes::BAD_BODY;
use super::{At, answers, bodies, example};
use crate::collections::collection::{Collection, Collections, Rule};

/// The tag of this operation.
pub(super) const TAG: &str = "Batches";

/// The one operation.
pub(super) fn operations(collections: &Collections) -> [At; 1] {
    let (asked, answered) = examples(collections);
    let batch = Operation::new("run_batch", TAG, Token::Account, "Writes several records, or none")
        .describe(
            "Does every operation in order, each on what those before it left. When one is refused nothing is done, and \
             `errors` says which.",
        )
        .takes([parameter(IDEMPOTENCY_KEY)])
        .body(bodies::json_body(&schema("Batch"), &asked))
        .answers(
            200,
            answers::written(
                "What each operation came to.",
                &["Idempotency-Replayed"],
                &schema("BatchResults"),
                &answered,
            ),
        )
        .refuses(&BAD_BODY)
        .refuses(&[Code::Unauthenticated, Code::Forbidden, Code::NotFound])
        .refuses(&[Code::Conflict, Code::InUse, Code::VersionMismatch, Code::IdempotencyMismatch]);
    [("/v1/batch".to_owned(), "post", batch)]
}

/// Every schema, by name.
pub(super) fn schemas(collections: &Collections) -> [(&'static str, Value); 2] {
    let operations: Vec<Value> = collections.values().flat_map(of_collection).collect();
    let records: Vec<Value> = collections.values().map(|collection| Form::Record.of(collection)).collect();
    let batch = json!({
        "type": "object",
        "required": ["operations"],
        "properties": {
            "operations": { "type": "array", "maxItems": BATCH_OPERATIONS_MAX, "items": one_of(&operations) },
        },
        "additionalProperties": false,
    });
    let result = json!({
        "type": "object",
        "required": ["status"],
        "properties": {
            "status": { "type": "integer", "enum": [200, 201, 204], "description": "What the operation alone would answer." },
            "etag": { "type": "string", "description": "The record's validator." },
            "record": one_of(&records),
        },
    });
    let results = json!({
        "type": "object",
        "required": ["results"],
        "properties": {
            "results": { "type": "array", "maxItems": BATCH_OPERATIONS_MAX, "items": result, "description": "In the order of the operations." },
        },
    });
    [("Batch", batch), ("BatchResults", results)]
}

/// A create in the first collection that takes one, and what it comes to.
fn examples(collections: &Collections) -> (Value, Value) {
    let first = collections.values().find(|collection| collection.rules.create != Rule::Nobody);
    let asked = |collection: &Collection| json!({ "method": "POST", "collection": collection.name, "body": example::new(collection) });
    let answered = |collection: &Collection| json!({ "status": 201, "etag": example::ETAG, "record": example::record(collection) });
    let operations: Vec<Value> = first.map(asked).into_iter().collect();
    let results: Vec<Value> = first.map(answered).into_iter().collect();
    (json!({ "operations": operations }), json!({ "results": results }))
}

/// Without collections there is nothing that could be written: no value fits.
fn one_of(schemas: &[Value]) -> Value {
    if schemas.is_empty() { json!(false) } else { json!({ "anyOf": schemas }) }
}

/// The operations on one collection that its rules let somebody do.
fn of_collection(collection: &Collection) -> Vec<Value> {
    let id = ("id", schema("Id"));
    let if_match = json!({ "type": "string", "description": "As the header `If-Match`." });
    let body = |form: Form| ("body", form.of(collection));
    let operations = [
        (&collection.rules.create, operation(collection, "POST", &[body(Form::New)], None)),
        (
            &collection.rules.update,
            operation(collection, "PATCH", &[id.clone(), body(Form::Patch)], Some(&if_match)),
        ),
        (&collection.rules.delete, operation(collection, "DELETE", &[id], Some(&if_match))),
    ];
    operations
        .into_iter()
        .filter(|(rule, _)| **rule != Rule::Nobody)
        .map(|(_, operation)| operation)
        .collect()
}

fn operation(
    collection: &Collection,
    method: &str,
    needed: &[(&str, Value)],
    if_match: Option<&Value>,
) -> Value {
    let required: Vec<&str> =
        ["method", "collection"].into_iter().chain(needed.iter().map(|(name, _)| *name)).collect();
    let mut properties = json!({ "method": { "const": method }, "collection": { "const": collection.name } });
    for (name, schema) in needed {
        properties[*name] = schema.clone();
    }
    if let Some(if_match) = if_match {
        properties["if_match"] = if_match.clone();
    }
    json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false })
}
