//! Many changes in one transaction.

use serde_json::json;
use stepwell_tests::people::sign_up;
use stepwell_tests::records::{Operation, batch, create_post, record, records};
use stepwell_tests::server::Server;

#[tokio::test]
async fn a_batch_is_done_whole_and_answered_in_order() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let (old, doomed) = (create_post(&client, &ada, "Old").await, create_post(&client, &ada, "Doomed").await);
    let operations = [
        Operation::create("posts", &json!({ "title": "New" })),
        Operation::update("posts", &old.id, &json!({ "title": "Changed" })),
        Operation::delete("posts", &doomed.id),
    ];
    let done = batch(&client, &operations).signed_in(&ada).send().await.expect(200);
    let bookmark = done.bookmark();
    assert_eq!(done.json()["results"].as_array().map(Vec::len), Some(3), "{}", done.text());

    let read = client.get(&old.path).bookmark(bookmark).send().await.expect(200);
    assert_eq!(read.json()["title"], "Changed");
    client.get(&doomed.path).bookmark(bookmark).send().await.expect(404);
    let list = client.get(&records("posts")).bookmark(bookmark).send().await.expect(200).json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(2), "{list}");
}

#[tokio::test]
async fn one_wrong_operation_undoes_all_and_is_named() {
    let server = Server::start();
    let client = server.client();
    let (ada, bob) = (sign_up(&client, "ada").await, sign_up(&client, "bob").await);
    let post = create_post(&client, &ada, "Hers").await;
    let good = Operation::create("posts", &json!({ "title": "Good" }));
    for (wrong, status, code) in [
        (Operation::create("posts", &json!({ "title": 7 })), 422, "invalid"),
        (Operation::update("posts", &post.id, &json!({ "title": "His" })), 403, "forbidden"),
        (Operation::delete("posts", "0000000000000"), 404, "not-found"),
    ] {
        let refused = batch(&client, &[good.clone(), wrong]).signed_in(&bob).send().await.expect(status);
        assert_eq!(refused.problem(), code);
        let pointer = refused.json()["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned();
        assert!(pointer.starts_with("/operations/1"), "{}", refused.text());
    }
    let list = client.get(&records("posts")).bookmark(post.bookmark).send().await.expect(200).json();
    assert_eq!(list["items"], json!([post.body]));
}

#[tokio::test]
async fn a_batch_has_a_limit() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let operations = vec![Operation::create("posts", &json!({ "title": "One of many" })); 101];
    let refused = batch(&client, &operations).signed_in(&ada).send().await.expect(422);
    refused.problem();
    batch(&client, &operations[..100]).signed_in(&ada).send().await.expect(200);
    assert_eq!(client.get(&record("posts", "0000000000000")).send().await.status, 404);
}
