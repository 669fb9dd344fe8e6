//! The OpenAPI 3.1 document: what the API of the declared collections looks like to a program
//! (<https://spec.openapis.org/oas/v3.1.1.html>).
//!
//! It follows from the declarations and from nothing else, so that it is the same at every origin. Tests hold it against
//! the route table, in both directions.

mod accounts;
mod answers;
mod batch;
mod bodies;
mod components;
mod example;
mod field;
mod headers;
mod keys;
mod managed;
mod operation;
mod orders;
mod problems;
mod purges;
mod query;
mod record;
mod records;
mod service;
mod sessions;
mod writes;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use self::operation::Operation;
use super::collection::Collections;
use super::routes::records_path;

/// The version of the specification; its schemas are JSON Schema 2020-12.
const OPENAPI: &str = "3.1.1";

/// An operation with its path and its method in lower case.
type At = (String, &'static str, Operation);

/// Describes every fixed route and the routes of `collections`.
///
/// `password_characters_min` is what a sign-up asks for, in characters.
pub fn document(collections: &Collections, password_characters_min: usize) -> Value {
    json!({
        "openapi": OPENAPI,
        "info": info(),
        "servers": [{ "url": "/" }],
        "tags": tags(collections),
        "paths": paths(collections),
        "components": components::components(collections, password_characters_min),
    })
}

fn info() -> Value {
    json!({
        "title": "Stepwell",
        "version": env!("CARGO_PKG_VERSION"),
        "summary": "Accounts, and records of declared collections.",
        "description": "Reads may come from an edge; a write purges there what it changes. A write answers \
            `Stepwell-Bookmark`: a later request that carries it is not served anything older. Whatever is refused is a \
            problem (RFC 9457) with a stable `code`. A query parameter that a route does not know is refused. `HEAD` \
            follows `GET`.",
    })
}

/// Collections have names in lower case, so that no tag of ours is one of theirs.
fn tags(collections: &Collections) -> Vec<Value> {
    let tag = |name: &str, description: String| json!({ "name": name, "description": description });
    let mut tags = vec![tag(accounts::TAG, "Signing up and in.".to_owned())];
    tags.extend(
        collections.values().map(|one| tag(&one.name, format!("Records of the collection `{}`.", one.name))),
    );
    tags.push(tag(batch::TAG, "Several writes in one transaction.".to_owned()));
    tags.push(tag(purges::TAG, "The purge log, which edges follow and operators write to.".to_owned()));
    tags.push(tag(service::TAG, "The service itself.".to_owned()));
    tags
}

fn paths(collections: &Collections) -> Value {
    let mut operations = accounts::operations();
    operations.extend(sessions::operations());
    operations.extend(keys::operations());
    operations.extend(managed::operations());
    for collection in collections.values() {
        let records = records_path(collection);
        let record = format!("{records}/{{id}}");
        operations.extend([
            (records.clone(), "get", records::list(collection, collections)),
            (records, "post", writes::create(collection)),
            (record.clone(), "get", records::read(collection, collections)),
            (record.clone(), "patch", writes::update(collection)),
            (record, "delete", writes::delete(collection, collections)),
        ]);
    }
    operations.extend(batch::operations(collections));
    operations.extend(purges::operations());
    operations.extend(service::operations());

    let mut paths = Map::new();
    for (path, method, operation) in operations {
        paths.entry(path).or_insert_with(|| json!({}))[method] = operation.into_json();
    }
    paths.into()
}
