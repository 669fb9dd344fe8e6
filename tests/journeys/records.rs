//! The life of a record.

use serde_json::json;
use stepwell_tests::people::sign_up;
use stepwell_tests::records::{create, create_post, record, records};
use stepwell_tests::server::Server;

#[tokio::test]
async fn a_post_is_created_read_changed_listed_and_removed() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;

    let body = json!({ "title": "Wells", "body": "They are deep." });
    let created = client.post(&records("posts"), &body).signed_in(&ada).send().await.expect(201);
    let post = created.json();
    let path = record("posts", post["id"].as_str().expect("an id is text"));
    assert_eq!(created.header("location"), Some(path.as_str()));
    assert_eq!((&post["title"], &post["body"]), (&body["title"], &body["body"]));
    assert_eq!((&post["owner"], &post["version"]), (&json!(ada.id), &json!(1)));
    assert_eq!(post["created"], post["updated"]);

    let read = client.get(&path).bookmark(created.bookmark()).send().await.expect(200);
    assert_eq!(read.json(), post);
    assert_eq!(read.header("etag"), created.header("etag"));

    let changed = client.patch(&path, &json!({ "body": null })).signed_in(&ada).send().await.expect(200);
    let now = changed.json();
    assert_eq!((&now["title"], &now["body"], &now["version"]), (&body["title"], &json!(null), &json!(2)));
    assert_ne!(changed.header("etag"), created.header("etag"));

    let list = client.get(&records("posts")).bookmark(changed.bookmark()).send().await.expect(200).json();
    assert_eq!(list["items"], json!([now]));
    assert_eq!(list["next"], json!(null));

    let removed = client.delete(&path).signed_in(&ada).send().await.expect(204);
    assert!(removed.body.is_empty());
    let gone = client.get(&path).bookmark(removed.bookmark()).send().await.expect(404);
    assert_eq!(gone.problem(), "not-found");
    let list = client.get(&records("posts")).bookmark(removed.bookmark()).send().await.expect(200).json();
    assert_eq!(list["items"], json!([]));
}

#[tokio::test]
async fn only_the_owner_changes_or_removes_a_post() {
    let server = Server::start();
    let client = server.client();
    let (ada, bob) = (sign_up(&client, "ada").await, sign_up(&client, "bob").await);
    let post = create_post(&client, &ada, "Hers").await;

    let change = json!({ "title": "His" });
    let refused = client.patch(&post.path, &change).signed_in(&bob).send().await.expect(403);
    assert_eq!(refused.problem(), "forbidden");
    client.delete(&post.path).signed_in(&bob).send().await.expect(403);
    client.patch(&post.path, &change).send().await.expect(401);
    client.post(&records("posts"), &change).send().await.expect(401);
    let read = client.get(&post.path).bookmark(post.bookmark).send().await.expect(200);
    assert_eq!(read.json(), post.body);
}

#[tokio::test]
async fn a_relation_leads_to_a_record_that_exists_and_stays() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let topic = create(&client, &ada, "topics", &json!({ "name": "water" })).await;
    let post = create(&client, &ada, "posts", &json!({ "title": "Wells", "topic": topic.id })).await;

    let expanded = client.get(&format!("{}?expand=topic", post.path)).send().await.expect(200);
    assert!(expanded.text().contains("water"), "{}", expanded.text());
    let in_use = client.delete(&topic.path).signed_in(&ada).send().await.expect(409);
    assert_eq!(in_use.problem(), "in-use");
    let nowhere = json!({ "title": "Wells", "topic": post.id });
    let refused = client.post(&records("posts"), &nowhere).signed_in(&ada).send().await.expect(422);
    assert_eq!(refused.json()["errors"][0]["pointer"], "/topic");
}

#[tokio::test]
async fn a_unique_value_is_taken_once() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    create(&client, &ada, "topics", &json!({ "name": "water" })).await;
    let again = client.post(&records("topics"), &json!({ "name": "water" })).signed_in(&ada).send().await;
    assert_eq!(again.expect(409).problem(), "conflict");
}
