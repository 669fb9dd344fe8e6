//! Single records.

use http::Method;
use http::header::IF_NONE_MATCH;
use serde_json::json;
use stepwell_tests::people::{log_in, sign_up};
use stepwell_tests::records::create;
use stepwell_tests::server::Server;

use super::house::{House, SECRET, tells};

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
async fn the_edge_serves_whom_the_rule_names_and_knows_who_else_asks() {
    let house = House::open().await;
    let carol = sign_up(&house.client, "carol").await;
    let (ada, bob) = (&house.ada, &house.bob);
    let secrets = house.secrets(bob).await;
    for (record, readers, strangers) in [
        (&secrets.letter, vec![ada], vec![bob, &carol]),
        (&secrets.task, vec![ada, bob], vec![&carol]),
        (&secrets.desk, vec![ada], vec![bob, &carol]),
        (&secrets.club, vec![ada, bob, &carol], vec![]),
    ] {
        for query in ["", "?fields=text", "?fields=picture"] {
            let target = format!("{}{query}", record.path);
            for stranger in &strangers {
                assert!(!house.read(&target, stranger).await.expect(404).cache_status().stored);
            }
            let first = house.read(&target, ada).await.expect(200);
            assert!(first.cache_status().stored, "{target}: {:?}", first.cache_status());
            // From here on the origin has no part in it, neither for those who may nor for those who may not.
            let asked = house.asked().await;
            for stranger in &strangers {
                let refused = house.read(&target, stranger).await.expect(404);
                assert!(!refused.headers.contains_key("etag") && !tells(&refused));
            }
            for reader in &readers {
                let read = house.hit(&target, reader).await;
                assert_eq!(read.body, first.body);
                assert_eq!(tells(&read), query != "?fields=picture");
                assert_eq!(read.json().get("picture").is_some(), query != "?fields=text");
            }
            house.client.get(&target).send().await.expect(401);
            assert_eq!(house.asked().await, asked, "{target}");
        }
    }
}

#[tokio::test]
async fn no_other_way_of_asking_tells_a_stranger_what_the_edge_keeps() {
    let house = House::open().await;
    let letter = house.add("letters", &json!({ "text": SECRET })).await;
    house.read(&letter.path, &house.ada).await.expect(200);
    let etag = house.hit(&letter.path, &house.ada).await.header("etag").map(str::to_owned);
    let etag = etag.expect("a record has a validator");
    let missing = letter.path.replace(&letter.id, "0000000000000");
    let asked = house.asked().await;
    let ask = |target: &str| house.client.get(target).signed_in(&house.bob);
    for known in [&*etag, "*", "\"another\""] {
        let refused = ask(&letter.path).header(IF_NONE_MATCH, known).send().await.expect(404);
        assert!(!refused.headers.contains_key("etag") && !tells(&refused), "{known}");
    }
    let head =
        house.client.request(Method::HEAD, &letter.path).signed_in(&house.bob).send().await.expect(404);
    assert!(!head.headers.contains_key("etag"));
    assert_eq!(house.asked().await, asked);
    // What the edge says of what it has is what the origin says of what there is not.
    let (hidden, missing) =
        (ask(&letter.path).send().await.expect(404), ask(&missing).send().await.expect(404));
    assert_eq!(hidden.body, missing.body);
    let names = |answer: &stepwell_tests::answer::Answer| {
        answer.headers.keys().map(ToString::to_string).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(names(&hidden), names(&missing));
    assert_eq!(hidden.header("cache-status"), missing.header("cache-status"));
}

#[tokio::test]
async fn who_has_logged_out_everywhere_is_refused_at_the_edge() {
    let house = House::open().await;
    let letter = house.add("letters", &json!({ "text": SECRET })).await;
    let again = log_in(&house.client, "ada").await;
    for person in [&house.ada, &again] {
        house.read(&letter.path, person).await.expect(200);
    }
    let ended = house.client.delete("/v1/sessions").signed_in(&again).send().await;
    assert!(ended.status.is_success(), "{}", ended.text());
    let asked = house.asked().await;
    for person in [&house.ada, &again] {
        let refused = house.read(&letter.path, person).await.expect(401);
        assert_eq!(refused.header("cache-status"), Some("stepwell; detail=generated"));
    }
    assert_eq!(house.asked().await, asked);
    let later = log_in(&house.client, "ada").await;
    house.hit(&letter.path, &later).await;
}
