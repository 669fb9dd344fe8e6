//! Creates that are safe to repeat.

use serde_json::json;
use stepwell_tests::people::{PASSWORD, sign_up};
use stepwell_tests::records::records;
use stepwell_tests::server::Server;

const KEY: &str = "idempotency-key";

#[tokio::test]
async fn the_same_create_with_the_same_key_happens_once() {
    let mut server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let post = json!({ "title": "Once" });
    let send = || client.post(&records("posts"), &post).signed_in(&ada).header(KEY, "\"one\"").send();
    let first = send().await.expect(201);
    let second = send().await.expect(201);
    assert_eq!(first.json(), second.json());
    assert_eq!(first.header("location"), second.header("location"));
    server.stop();
    server.restart();
    let third = send().await.expect(201);
    assert_eq!(first.json(), third.json());
    let list = client.get(&records("posts")).bookmark(third.bookmark()).send().await.expect(200).json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_key_is_for_one_request_of_one_person() {
    let server = Server::start();
    let client = server.client();
    let (ada, bob) = (sign_up(&client, "ada").await, sign_up(&client, "bob").await);
    let send = |person, title: &str| {
        client
            .post(&records("posts"), &json!({ "title": title }))
            .signed_in(person)
            .header(KEY, "\"one\"")
            .send()
    };
    let hers = send(&ada, "Hers").await.expect(201);
    let other = send(&ada, "Another").await.expect(422);
    assert_eq!(other.problem(), "idempotency-mismatch");
    let his = send(&bob, "Hers").await.expect(201);
    assert_ne!(hers.json()["id"], his.json()["id"]);
}

#[tokio::test]
async fn repeats_at_the_same_time_create_one_record() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let mut repeats = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let request = client.post(&records("posts"), &json!({ "title": "Once" })).signed_in(&ada);
        repeats.spawn(request.header(KEY, "\"one\"").send());
    }
    let answers = repeats.join_all().await;
    let ids: std::collections::BTreeSet<String> =
        answers.into_iter().map(|answer| answer.expect(201).json()["id"].to_string()).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
}

#[tokio::test]
async fn a_repeated_sign_up_is_the_same_account() {
    let server = Server::start();
    let client = server.client();
    let credentials = json!({ "email": "ada@example.com", "password": PASSWORD });
    let send = || client.post("/v1/accounts", &credentials).header(KEY, "\"one\"").send();
    let (first, second) = (send().await.expect(201), send().await.expect(201));
    assert_eq!(first.json(), second.json());
}
