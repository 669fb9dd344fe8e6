//! Notes are their writer's alone.

use serde_json::json;
use stepwell_tests::people::sign_up;
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
    for (person, text) in [(&ada, "Ada's"), (&bob, "Bob's"), (&ada, "Ada's")] {
        let answer = client.get(&records("notes")).signed_in(person).send().await.expect(200);
        assert!(!answer.cache_status().hit && !answer.cache_status().stored);
        assert_eq!(answer.header("cache-control"), Some("private, no-store"));
        let list = answer.json();
        assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
        assert_eq!(list["items"][0]["text"], text);
    }
}
