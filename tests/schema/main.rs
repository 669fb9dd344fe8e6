//! The OpenAPI document, held against the server by schemathesis (<https://schemathesis.io>): every operation, with requests
//! that fit the document and requests that do not, one at a time and in sequences, by each kind of caller.
//!
//! `schemathesis.toml` says what it tries, `excuses.py` which refusals no document can foretell.

use std::process::Command;

use serde_json::{Value, json};
use stepwell_tests::binary;
use stepwell_tests::people::sign_up;
use stepwell_tests::project::Project;
use stepwell_tests::records::create;
use stepwell_tests::server::{OPERATOR_TOKEN, Server};

/// What makes every operation possible that the document has.
const SETTINGS: [(&str, &str); 4] = [
    ("STEPWELL_ACCESS_SECURITY_CONTACT", "mailto:security@example.com"),
    // All requests come from one address, more than any client sends.
    ("STEPWELL_EDGE_RATE_READS", "off"),
    ("STEPWELL_EDGE_RATE_WRITES", "off"),
    ("STEPWELL_EDGE_RATE_SIGN_INS", "off"),
];

#[tokio::test]
async fn nobody_in_particular_finds_what_the_document_says() {
    try_as("anonymous", |security| security.is_empty() || security.contains(&json!({}))).await;
}

#[tokio::test]
async fn a_wrong_token_is_answered_as_the_document_says() {
    try_as("impostor", |_| false).await;
}

#[tokio::test]
async fn an_account_finds_what_the_document_says() {
    try_as("account", |security| {
        security.is_empty() || security.iter().any(|way| way.get("account").is_some())
    })
    .await;
}

#[tokio::test]
async fn the_operator_finds_what_the_document_says() {
    try_as("operator", |security| security.iter().any(|way| way.get("operator").is_some())).await;
}

/// Has schemathesis try everything as `caller`, and makes sure that each operation that is the caller's by its security
/// has succeeded at least once: what is refused each time is not tested.
async fn try_as(caller: &str, may: impl Fn(&[Value]) -> bool) {
    let server = Server::with(Project::example(), &SETTINGS);
    // Something to find for whoever makes nothing: an account, records.
    let somebody = sign_up(&server.client(), "somebody").await;
    let topic = create(&server.client(), &somebody, "topics", &json!({ "name": "wells" })).await;
    let post = json!({ "title": "Deep", "topic": topic.id });
    let post = create(&server.client(), &somebody, "posts", &post).await;
    let mut known = json!({ "read_posts": post.id, "read_topics": topic.id });
    for operation in ["ban_account", "unban_account", "set_roles"] {
        known[operation] = somebody.id.as_str().into();
    }
    let address = format!("http://{}", server.address());
    let tally = server.project().folder().join("tally.json");
    // The environment that tests/tools/install makes.
    let tool = binary::root().join(".tools/python/bin/schemathesis");
    assert!(tool.is_file(), "{} is missing: run tests/tools/install schema", tool.display());
    let folder = server.project().folder();
    let run = Command::new(tool)
        .arg("--config-file")
        .arg(binary::root().join("tests/schema/schemathesis.toml"))
        .args(["run", &format!("{address}/v1/openapi.json")])
        .current_dir(folder)
        .env("PYTHONPATH", binary::root().join("tests/schema"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("CALLER", caller)
        .env("SERVER", &address)
        .env("OPERATOR_TOKEN", OPERATOR_TOKEN)
        .env("KNOWN", known.to_string())
        .env("TALLY", &tally)
        .output()
        .expect("schemathesis starts");
    assert!(run.status.success(), "{}{}", text(&run.stdout), text(&run.stderr));

    let document = server.client().get("/v1/openapi.json").send().await.expect(200).json();
    let tally = std::fs::read(tally).expect("the hooks have written it");
    let tally: Value = serde_json::from_slice(&tally).expect("the hooks write JSON");
    let paths = document["paths"].as_object().expect("the document has paths").values();
    for operation in paths.flat_map(|item| item.as_object().expect("paths have operations").values()) {
        let security = operation["security"].as_array().expect("every operation says who may");
        let id = operation["operationId"].as_str().expect("every operation has a name");
        // schemathesis has read the document, and asks for it no more.
        if id == "show_openapi" {
            continue;
        }
        let answers = tally[id].as_object().unwrap_or_else(|| panic!("{id} was never asked for"));
        let succeeded = answers.keys().any(|status| status.starts_with('2'));
        assert!(succeeded || !may(security), "{caller} has never succeeded with {id}: {answers:?}");
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
