//! An origin with collections that between them have every kind of rule, relation and index.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::collections::testing::collections;
use crate::routes::testing::{Answer, Origin};

const TOPICS: &str = r#"
    [fields]
    name = { type = "text", required = true, unique = true, max = 80 }
    [rules]
    read = "public"
    create = "signed_in"
    update = "owner"
    delete = "owner"
"#;

const POSTS: &str = r#"
    [fields]
    title = { type = "text", required = true, max = 200 }
    slug = { type = "text", unique = true, max = 80 }
    topic = { type = "relation", to = "topics" }
    source = { type = "relation", to = "notes" }
    rank = { type = "integer" }
    score = { type = "number" }
    extra = { type = "json" }
    [rules]
    read = "public"
    create = "signed_in"
    update = "owner"
    delete = "owner"
    [indexes]
    by_topic_rank = ["topic", "rank", "-created"]
    by_rank = ["-rank"]
    by_score = ["score"]
    by_title = ["title"]
"#;

/// Only their owners read them.
const NOTES: &str = r#"
    [fields]
    text = { type = "text", required = true }
    topic = { type = "relation", to = "topics" }
    [rules]
    read = "owner"
    create = "signed_in"
    update = "owner"
    delete = "owner"
    [indexes]
    by_topic = ["owner", "topic"]
"#;

/// Owners and addressees read them; nobody changes them.
const MESSAGES: &str = r#"
    [fields]
    text = { type = "text", required = true }
    reader = { type = "relation", to = "accounts" }
    [rules]
    read = "reader"
    create = "signed_in"
"#;

/// Anybody leaves one, whoever is signed in reads them.
const GUESTS: &str = r#"
    [fields]
    name = { type = "text", required = true }
    [rules]
    read = "signed_in"
    create = "public"
"#;

/// The origin, and two people.
pub struct World {
    /// The origin.
    pub origin: Origin,
    /// A token.
    pub ada: String,
    /// Another's token.
    pub bob: String,
}

impl World {
    /// Starts it, with nothing in its collections.
    pub async fn start() -> Self {
        let declared = [
            ("topics", TOPICS),
            ("posts", POSTS),
            ("notes", NOTES),
            ("messages", MESSAGES),
            ("guests", GUESTS),
        ];
        let origin = Origin::start(collections(&declared)).await;
        let (ada, bob) = (origin.token("ada@example.org").await, origin.token("bob@example.org").await);
        Self { origin, ada, bob }
    }

    /// Asks as somebody; an empty token is nobody.
    pub async fn ask(&self, method: Method, path: &str, token: &str, body: Option<&Value>) -> Answer {
        let ask = self.origin.ask(method, path);
        let ask = if token.is_empty() { ask } else { ask.bearer(token) };
        match body {
            Some(body) => ask.json(body).send().await,
            None => ask.send().await,
        }
    }

    /// Creates a record as Ada, and returns it.
    pub async fn create(&self, collection: &str, body: &Value) -> Value {
        self.create_as(&self.ada, collection, body).await
    }

    /// Creates a record as somebody, and returns it.
    pub async fn create_as(&self, token: &str, collection: &str, body: &Value) -> Value {
        let answer = self.ask(Method::POST, &records(collection), token, Some(body)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
        answer.json()
    }

    /// The account behind a token.
    pub async fn account(&self, token: &str) -> String {
        let me = self.ask(Method::GET, "/v1/accounts/me", token, None).await;
        text(&me.json()["id"])
    }

    /// One topic, as Ada.
    pub async fn topic(&self, name: &str) -> String {
        text(&self.create("topics", &json!({ "name": name })).await["id"])
    }
}

/// The path of a collection's records.
pub fn records(collection: &str) -> String {
    format!("/v1/collections/{collection}/records")
}

/// The path of one.
pub fn path(collection: &str, record: &Value) -> String {
    format!("{}/{}", records(collection), text(&record["id"]))
}

/// The text of a JSON string.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no string")).to_owned()
}

/// One field of each item of a list.
pub fn items(list: &Answer, field: &str) -> Vec<Value> {
    assert_eq!(list.status, StatusCode::OK, "{:?}", list.body);
    list.json()["items"].as_array().unwrap().iter().map(|item| item[field].clone()).collect()
}

/// The tags of an answer.
pub fn tags(answer: &Answer) -> Vec<String> {
    answer.header("cache-tag").unwrap_or_default().split(',').map(str::to_owned).collect()
}
