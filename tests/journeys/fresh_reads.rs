//! Reading one's own writes, and everybody's soon.

use serde_json::json;
use stepwell_tests::eventually::eventually;
use stepwell_tests::people::sign_up;
use stepwell_tests::records::{create_post, records};
use stepwell_tests::server::Server;

#[tokio::test]
async fn a_bookmark_shows_the_own_write_at_once() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let post = create_post(&client, &ada, "Old").await;
    for target in [post.path.clone(), records("posts")] {
        client.get(&target).send().await.expect(200);
        client.get(&target).send().await.expect(200);
    }
    let written =
        client.patch(&post.path, &json!({ "title": "New" })).signed_in(&ada).send().await.expect(200);
    let by_header = client.get(&post.path).bookmark(written.bookmark()).send().await.expect(200);
    assert_eq!(by_header.json()["title"], "New");
    let list = client.get(&records("posts")).bookmark(written.bookmark()).send().await.expect(200);
    assert_eq!(list.json()["items"][0]["title"], "New");
}

#[tokio::test]
async fn a_browser_carries_the_bookmark_as_a_cookie() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let post = create_post(&client, &ada, "Old").await;
    client.get(&post.path).send().await.expect(200);
    let written =
        client.patch(&post.path, &json!({ "title": "New" })).signed_in(&ada).send().await.expect(200);
    let cookie = written.header("set-cookie").expect("a write sets the cookie");
    let (pair, attributes) = cookie.split_once(';').expect("the cookie has attributes");
    assert!(pair.starts_with("__Host-stepwell-bookmark="), "{cookie}");
    for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(attributes.contains(attribute), "{cookie}");
    }
    let read = client.get(&post.path).header("cookie", pair).send().await.expect(200);
    assert_eq!(read.json()["title"], "New");
}

#[tokio::test]
async fn everybody_else_reads_it_soon_and_from_the_edge_again() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let post = create_post(&client, &ada, "Old").await;
    client.get(&post.path).send().await.expect(200);
    client.patch(&post.path, &json!({ "title": "New" })).signed_in(&ada).send().await.expect(200);
    eventually("the new title is read without a bookmark", async || {
        client.get(&post.path).send().await.expect(200).json()["title"] == "New"
    })
    .await;
    let again = client.get(&post.path).send().await.expect(200);
    assert!(again.cache_status().hit);
    assert_eq!(again.json()["title"], "New");
}

#[tokio::test]
async fn a_bookmark_that_is_none_is_refused() {
    let server = Server::start();
    let client = server.client();
    let refused =
        client.get(&records("posts")).header("stepwell-bookmark", "yesterday").send().await.expect(400);
    assert_eq!(refused.problem(), "bad-request");
}
