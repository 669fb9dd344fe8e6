//! Records of collections.

use serde_json::{Value, json};
use stepwell_shared::bookmark::Position;

use crate::client::Client;
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
