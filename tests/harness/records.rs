//! Records of collections.

use serde_json::{Value, json};
use stepwell_shared::bookmark::Position;

use crate::client::{Client, Request};
use crate::people::Person;

/// A record as a write answered it.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its id.
    pub id: String,
    /// The path under which it is read.
    pub path: String,
    /// Its strong validator.
    pub etag: String,
    /// Where in the log the write is.
    pub bookmark: Position,
    /// What it holds.
    pub body: Value,
}

/// The path of a collection's records.
pub fn records(collection: &str) -> String {
    format!("/v1/collections/{collection}/records")
}

/// The path of one record.
pub fn record(collection: &str, id: &str) -> String {
    format!("/v1/collections/{collection}/records/{id}")
}

/// Creates a record in a collection.
pub async fn create(client: &Client, person: &Person, collection: &str, body: &Value) -> Record {
    let answer = client.post(&records(collection), body).signed_in(person).send().await.expect(201);
    let body = answer.json();
    let id = body["id"].as_str().unwrap_or_else(|| panic!("no id: {body}")).to_owned();
    Record {
        path: record(collection, &id),
        id,
        etag: answer.header("etag").expect("a write answers the record's ETag").to_owned(),
        bookmark: answer.bookmark(),
        body,
    }
}

/// Creates a post in the example application.
pub async fn create_post(client: &Client, person: &Person, title: &str) -> Record {
    create(client, person, "posts", &json!({ "title": title, "body": format!("the body of {title}") })).await
}

/// One change of a batch.
#[derive(Clone, Debug)]
pub struct Operation(Value);

impl Operation {
    /// Creates a record.
    pub fn create(collection: &str, body: &Value) -> Self {
        Self(json!({ "method": "POST", "collection": collection, "body": body }))
    }

    /// Changes a record in part.
    pub fn update(collection: &str, id: &str, body: &Value) -> Self {
        Self(json!({ "method": "PATCH", "collection": collection, "id": id, "body": body }))
    }

    /// Removes a record.
    pub fn delete(collection: &str, id: &str) -> Self {
        Self(json!({ "method": "DELETE", "collection": collection, "id": id }))
    }
}

/// A request to do all of these or none.
pub fn batch(client: &Client, operations: &[Operation]) -> Request {
    let operations: Vec<&Value> = operations.iter().map(|Operation(operation)| operation).collect();
    client.post("/v1/batch", &json!({ "operations": operations }))
}
