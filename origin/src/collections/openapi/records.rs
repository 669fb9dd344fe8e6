//! Reads of a collection: one record, a list.

use serde_json::json;
use stepwell_shared::problem::Code;

use super::components::{ID, parameter};
use super::headers::{BOOKMARK, IF_NONE_MATCH};
use super::operation::{Operation, Token};
use super::record::Form;
use super::{answers, example, orders, query};
use crate::collections::collection::{Collection, Collections, Rule};
use crate::collections::routes::expandable;

/// `GET /v1/collections/{collection}/records`
pub(super) fn list(collection: &Collection, collections: &Collections) -> Operation {
    let name = &collection.name;
    let operation = Operation::new(
        format!("list_{name}"),
        name,
        token(collection, collections),
        format!("Shows a page of {name}"),
    );
    if collection.rules.read == Rule::Nobody {
        return super::writes::refused(operation);
    }
    let example = json!({ "items": [example::record(collection)], "next": example::CURSOR });
    operation
        .describe(format!("{} {}", readers(collection), orders::guide(collection)))
        .takes(query::listed(collection))
        .takes(query::shown(collection))
        .takes([BOOKMARK, IF_NONE_MATCH].map(parameter))
        .answers(200, answers::validated("A page.", &Form::Page.of(collection), &example))
        .answers(304, answers::not_modified())
        .refuses(&[Code::BadParameter])
        .refuses(refusals(collection, collections))
}

/// `GET /v1/collections/{collection}/records/{id}`
pub(super) fn read(collection: &Collection, collections: &Collections) -> Operation {
    let name = &collection.name;
    let operation = Operation::new(
        format!("read_{name}"),
        name,
        token(collection, collections),
        format!("Shows a record of {name}"),
    );
    let operation = operation.takes([parameter(ID)]);
    if collection.rules.read == Rule::Nobody {
        return super::writes::refused(operation);
    }
    let example = example::record(collection);
    operation
        .describe(format!("{} To others it does not exist.", readers(collection)))
        .takes(query::shown(collection))
        .takes([BOOKMARK, IF_NONE_MATCH].map(parameter))
        .answers(200, answers::validated("The record.", &Form::Shown.of(collection), &example))
        .answers(304, answers::not_modified())
        .refuses(&[Code::BadParameter, Code::NotFound])
        .refuses(refusals(collection, collections))
}

/// What everybody reads depends on who asks only where it may show records that not everybody reads.
fn token(collection: &Collection, collections: &Collections) -> Token {
    let is_public =
        |(_, to): (&str, &str)| collections.get(to).is_some_and(|to| to.rules.read == Rule::Public);
    match collection.rules.read {
        Rule::Public if expandable(collection).all(is_public) => Token::None,
        ref rule => Token::of(rule),
    }
}

fn refusals(collection: &Collection, collections: &Collections) -> &'static [Code] {
    if token(collection, collections) == Token::None {
        &[]
    } else {
        &[Code::Unauthenticated, Code::Forbidden]
    }
}

fn readers(collection: &Collection) -> String {
    match &collection.rules.read {
        Rule::Nobody => "Nobody may read these records.".to_owned(),
        Rule::Public => "Anybody may read these records.".to_owned(),
        Rule::SignedIn => "Whoever is signed in may read these records.".to_owned(),
        Rule::Owner => "A record is read by its owner.".to_owned(),
        Rule::Named(field) => {
            format!("A record is read by its owner, and by the account that `{field}` names.")
        }
        Rule::Role(role) => format!("Accounts with the role `{role}` may read these records."),
    }
}
