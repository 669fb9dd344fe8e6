//! What a client is told when something is wrong with what it sent.

use http::Method;
use serde_json::{Value, json};
use stepwell_tests::client::Request;
use stepwell_tests::people::sign_up;
use stepwell_tests::records::{create_post, records};
use stepwell_tests::server::Server;

#[tokio::test]
async fn each_wrong_value_is_named_by_its_pointer_and_rule() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    for (body, pointer) in [
        (json!({}), "/title"),
        (json!({ "title": null }), "/title"),
        (json!({ "title": 7 }), "/title"),
        (json!({ "title": "x".repeat(201) }), "/title"),
        (json!({ "title": "x", "titel": "y" }), "/titel"),
        (json!({ "title": "x", "topic": "not an id" }), "/topic"),
        (json!({ "title": "x", "id": "0000000000000" }), "/id"),
    ] {
        let refused = client.post(&records("posts"), &body).signed_in(&ada).send().await.expect(422);
        assert_eq!(refused.problem(), "invalid");
        let errors = refused.json()["errors"].clone();
        assert_eq!(errors[0]["pointer"], pointer, "{body}: {errors}");
        assert!(errors[0]["code"].is_string() && errors[0]["detail"].is_string(), "{errors}");
    }
    let both = json!({ "title": 7, "body": 8 });
    let refused = client.post(&records("posts"), &both).signed_in(&ada).send().await.expect(422);
    assert_eq!(refused.json()["errors"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_malformed_request_gets_a_problem_of_its_kind() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let post = create_post(&client, &ada, "Wells").await;
    let create = || client.request(Method::POST, &records("posts")).signed_in(&ada);
    let json_type = |request: Request| request.header("content-type", "application/json");
    let long = format!("{}?after={}", records("posts"), "x".repeat(9000));
    let cases: Vec<(Request, u16, &str)> = vec![
        (json_type(create()).raw_body("{\"title\": "), 400, "bad-request"),
        (create().raw_body("title=Wells"), 415, "unsupported-media-type"),
        (json_type(create()).raw_body(vec![b' '; 1024 * 1024 + 1]), 413, "body-too-large"),
        (client.get("/nowhere"), 404, "not-found"),
        (client.get(&records("nothing")), 404, "not-found"),
        (client.request(Method::PUT, &post.path).json(&Value::Null), 405, "method-not-allowed"),
        (client.get(&long), 414, "target-too-long"),
    ];
    for (request, status, code) in cases {
        let answer = request.send().await;
        let what = answer.what.chars().take(80).collect::<String>();
        assert_eq!(answer.expect(status).problem(), code, "{what}");
    }
}

#[tokio::test]
async fn a_method_that_is_not_there_is_told_those_that_are() {
    let server = Server::start();
    let client = server.client();
    let answer = client.request(Method::PUT, &records("posts")).send().await.expect(405);
    let allow = answer.header("allow").expect("a 405 names the methods").to_owned();
    assert!(allow.contains("GET") && allow.contains("POST") && !allow.contains("DELETE"), "{allow}");
    let options = client.request(Method::OPTIONS, &records("posts")).send().await;
    assert_eq!(options.header("allow"), Some(allow.as_str()));
}

#[tokio::test]
async fn no_problem_is_stored_as_if_it_were_an_answer() {
    let server = Server::start();
    let client = server.client();
    for _ in 0..2 {
        let refused = client.get(&format!("{}?limit=0", records("posts"))).send().await.expect(400);
        assert!(!refused.cache_status().hit && !refused.cache_status().stored);
        assert_eq!(refused.header("cache-control"), Some("private, no-store"));
    }
}
