//! Writes to a collection: create, update, delete.

use serde_json::{Map, Value, json};
use stepwell_shared::problem::Code;

use super::components::{ID, parameter};
use super::headers::{IDEMPOTENCY_KEY, IF_MATCH};
use super::operation::{Operation, Token};
use super::record::Form;
use super::{answers, bodies, example};
use crate::collections::collection::{Collection, Collections, Rule};
use crate::collections::routes::expandable;

/// What bodies of the wrong form get.
pub(super) const BAD_BODY: [Code; 4] =
    [Code::BadRequest, Code::BodyTooLarge, Code::UnsupportedMediaType, Code::Invalid];

/// `POST /v1/collections/{collection}/records`
pub(super) fn create(collection: &Collection) -> Operation {
    let rule = &collection.rules.create;
    let operation = operation(collection, rule, "create", "Creates");
    if *rule == Rule::Nobody {
        return refused(operation);
    }
    let headers = ["Location", "ETag", "Idempotency-Replayed"];
    let mut created =
        answers::written("The record.", &headers, &Form::Record.of(collection), &example::record(collection));
    created["links"] = links(collection);
    operation
        .describe(match rule {
            Rule::Public => {
                "The record belongs to whoever is signed in, and without a token to nobody.".to_owned()
            }
            Rule::Role(role) => format!("The record belongs to the caller, who must have the role `{role}`."),
            _ => "The record belongs to the caller.".to_owned(),
        })
        .takes([parameter(IDEMPOTENCY_KEY)])
        .body(bodies::json_body(&Form::New.of(collection), &example::new(collection)))
        .answers(201, created)
        .refuses(&BAD_BODY)
        .refuses(&[Code::Unauthenticated, Code::IdempotencyMismatch])
        .refuses(&FORBIDDEN)
        .refuses(conflict(collection))
}

/// What can be done with a new record, by its id.
fn links(collection: &Collection) -> Value {
    let rules = &collection.rules;
    let verbs = [("read", &rules.read), ("update", &rules.update), ("delete", &rules.delete)];
    let possible = verbs.into_iter().filter(|(_, rule)| **rule != Rule::Nobody);
    let link = |(verb, _): (&str, &Rule)| {
        let operation = format!("{verb}_{}", collection.name);
        (verb.to_owned(), json!({ "operationId": operation, "parameters": { "id": "$response.body#/id" } }))
    };
    possible.map(link).collect::<Map<_, _>>().into()
}

/// `PATCH /v1/collections/{collection}/records/{id}`
pub(super) fn update(collection: &Collection) -> Operation {
    let rule = &collection.rules.update;
    let operation = operation(collection, rule, "update", "Changes").takes([parameter(ID)]);
    if *rule == Rule::Nobody {
        return refused(operation);
    }
    let example = example::record(collection);
    operation
        .describe(writers(rule))
        .takes([parameter(IF_MATCH)])
        .body(bodies::merge_patch(&Form::Patch.of(collection), &example::patch(collection)))
        .answers(
            200,
            answers::written("The record as it is now.", &["ETag"], &Form::Record.of(collection), &example),
        )
        .refuses(&BAD_BODY)
        .refuses(&[Code::Unauthenticated, Code::NotFound, Code::VersionMismatch])
        .refuses(conflict(collection))
        .refuses(&FORBIDDEN)
}

/// `DELETE /v1/collections/{collection}/records/{id}`
pub(super) fn delete(collection: &Collection, collections: &Collections) -> Operation {
    let rule = &collection.rules.delete;
    let operation = operation(collection, rule, "delete", "Removes").takes([parameter(ID)]);
    if *rule == Rule::Nobody {
        return refused(operation);
    }
    let operation = operation
        .takes([parameter(IF_MATCH)])
        .answers(204, answers::removed("The record is gone."))
        .refuses(&[Code::Unauthenticated, Code::NotFound, Code::VersionMismatch])
        .refuses(&FORBIDDEN);
    if is_referred_to(collection, collections) {
        let stays = format!("{} A record that others refer to stays.", writers(rule));
        return operation.describe(stays).refuses(&[Code::InUse]);
    }
    operation.describe(writers(rule))
}

/// What the declaration lets nobody do.
pub(super) fn refused(operation: Operation) -> Operation {
    operation
        .describe("The declaration lets nobody do this: every request is refused.")
        .refuses(&[Code::Forbidden])
}

fn operation(collection: &Collection, rule: &Rule, verb: &str, does: &str) -> Operation {
    let name = &collection.name;
    Operation::new(format!("{verb}_{name}"), name, Token::of(rule), format!("{does} a record of {name}"))
}

fn writers(rule: &Rule) -> String {
    match rule {
        Rule::Nobody => "Nobody may.".to_owned(),
        Rule::Public => "Anybody may.".to_owned(),
        Rule::SignedIn => "Whoever is signed in may.".to_owned(),
        Rule::Owner => "Only the record's owner may.".to_owned(),
        Rule::Named(field) => {
            format!("Only the record's owner may, and the account that its `{field}` names.")
        }
        Rule::Role(role) => format!("Only accounts with the role `{role}` may."),
    }
}

/// Those who may know of a record and may not write to it are told so; so are keys without the scope, and browsers on
/// another site's page.
pub(super) const FORBIDDEN: [Code; 2] = [Code::Forbidden, Code::CrossSite];

fn conflict(collection: &Collection) -> &'static [Code] {
    if collection.fields.iter().any(|field| field.unique) { &[Code::Conflict] } else { &[] }
}

fn is_referred_to(collection: &Collection, collections: &Collections) -> bool {
    let mut relations = collections.values().flat_map(expandable);
    relations.any(|(_, to)| to == collection.name)
}
