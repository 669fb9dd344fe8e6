//! Notes are their writer's alone.

use serde_json::json;
use stepwell_tests::eventually::eventually;
use stepwell_tests::people::{log_in, sign_up};
use stepwell_tests::records::{create, records};
use stepwell_tests::server::Server;

#[tokio::test]
async fn a_note_does_not_exist_for_anybody_but_its_owner() {
    let server = Server::start();
    let client = server.client();
    let (ada, bob) = (sign_up(&client, "ada").await, sign_up(&client, "bob").await);
    let note = create(&client, &ada, "notes", &json!({ "text": "a secret of Ada's" })).await;

    let hers = client.get(&note.path).signed_in(&ada).send().await.expect(200);
    assert_eq!(hers.json()["text"], "a secret of Ada's");
    let his = client.get(&note.path).signed_in(&bob).send().await.expect(404);
    let missing = client.get(&note.path.replace(&note.id, "0000000000000")).signed_in(&bob).send().await;
    assert_eq!(his.body, missing.expect(404).body, "what is hidden looks like what is missing");
    client.get(&note.path).send().await.expect(401);
    for refused in [
        client.patch(&note.path, &json!({ "text": "Bob was here" })).signed_in(&bob).send().await,
        client.delete(&note.path).signed_in(&bob).send().await,
    ] {
        assert_eq!(refused.expect(404).problem(), "not-found");
    }
}

#[tokio::test]
async fn each_person_lists_the_own_notes() {
    let server = Server::start();
    let client = server.client();
    let (ada, bob) = (sign_up(&client, "ada").await, sign_up(&client, "bob").await);
    create(&client, &ada, "notes", &json!({ "text": "Ada's" })).await;
    create(&client, &bob, "notes", &json!({ "text": "Bob's" })).await;
    // One after the other and back: an answer that was kept for one would be seen by the next.
    for (person, text, hit) in [(&ada, "Ada's", false), (&bob, "Bob's", false), (&ada, "Ada's", true)] {
        let answer = client.get(&records("notes")).signed_in(person).send().await.expect(200);
        assert_eq!(answer.cache_status().hit, hit);
        assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
        let list = answer.json();
        assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
        assert_eq!(list["items"][0]["text"], text);
    }
}

#[tokio::test]
async fn an_owner_reads_from_the_edge_and_nobody_else_does() {
    let server = Server::start();
    let client = server.client();
    let (ada, bob) = (sign_up(&client, "ada").await, sign_up(&client, "bob").await);
    let note = create(&client, &ada, "notes", &json!({ "text": "a secret of Ada's" })).await;
    client.get(&note.path).signed_in(&ada).send().await.expect(200);
    let hers = client.get(&note.path).signed_in(&ada).send().await.expect(200);
    assert!(hers.cache_status().hit, "{}", hers.what);
    // The answer lies there for her when he asks.
    let his = client.get(&note.path).signed_in(&bob).send().await.expect(404);
    assert!(!String::from_utf8_lossy(&his.body).contains("secret"));
    client.get(&note.path).send().await.expect(401);
}

#[tokio::test]
async fn a_change_reaches_what_the_edge_keeps_for_its_owner() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let note = create(&client, &ada, "notes", &json!({ "text": "one" })).await;
    for target in [note.path.clone(), records("notes")] {
        client.get(&target).signed_in(&ada).send().await.expect(200);
        assert!(client.get(&target).signed_in(&ada).send().await.expect(200).cache_status().hit);
    }
    let patched = client.patch(&note.path, &json!({ "text": "two" })).signed_in(&ada).send().await;
    let bookmark = patched.expect(200).bookmark();
    let read = client.get(&note.path).signed_in(&ada).bookmark(bookmark).send().await.expect(200);
    assert_eq!(read.json()["text"], "two");
    let list = client.get(&records("notes")).signed_in(&ada).bookmark(bookmark).send().await.expect(200);
    assert_eq!(list.json()["items"][0]["text"], "two");

    let bookmark = create(&client, &ada, "notes", &json!({ "text": "three" })).await.bookmark;
    let list = client.get(&records("notes")).signed_in(&ada).bookmark(bookmark).send().await.expect(200);
    assert_eq!(list.json()["items"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn who_has_logged_out_everywhere_is_refused_at_the_edge() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let note = create(&client, &ada, "notes", &json!({ "text": "a secret of Ada's" })).await;
    let again = log_in(&client, "ada").await;
    for person in [&ada, &again] {
        client.get(&note.path).signed_in(person).send().await.expect(200);
    }
    let ended = client.delete("/v1/sessions").signed_in(&again).send().await;
    assert!(ended.status.is_success(), "{}", ended.text());
    for person in [&ada, &again] {
        let asked = async || client.get(&note.path).signed_in(person).send().await;
        eventually("the token is refused", async || asked().await.status == 401).await;
        // The edge says so itself.
        assert_eq!(asked().await.header("cache-status"), Some("stepwell; detail=generated"));
    }
    let later = log_in(&client, "ada").await;
    client.get(&note.path).signed_in(&later).send().await.expect(200);
}
