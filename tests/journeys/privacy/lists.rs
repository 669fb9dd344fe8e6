//! Lists: each caller's own where the record decides, one for all where the caller does.

use serde_json::{Value, json};
use stepwell_tests::people::sign_up;
use stepwell_tests::records::{create, records};
use stepwell_tests::server::Server;

use super::house::{House, SECRET, tells};

fn texts(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().unwrap_or_else(|| panic!("no list: {list}"));
    items.iter().filter_map(|item| item["text"].as_str()).collect()
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
        assert_eq!(texts(&answer.json()), [text]);
    }
}

#[tokio::test]
async fn a_list_shows_and_counts_what_its_caller_may_read_also_from_the_store() {
    let house = House::open().await;
    let carol = sign_up(&house.client, "carol").await;
    let (ada, bob) = (&house.ada, &house.bob);
    house.secrets(bob).await;
    create(&house.client, &carol, "letters", &json!({ "text": "Carol's" })).await;
    let to_carol = json!({ "text": "for Carol", "assignee": carol.id });
    create(&house.client, bob, "tasks", &to_carol).await;
    for (collection, expected) in [
        ("letters", [(ada, vec![SECRET]), (bob, vec![]), (&carol, vec!["Carol's"])]),
        ("tasks", [(ada, vec![SECRET]), (bob, vec!["for Carol", SECRET]), (&carol, vec!["for Carol"])]),
        ("club", [(ada, vec![SECRET]), (bob, vec![SECRET]), (&carol, vec![SECRET])]),
    ] {
        for query in ["count=true", "count=true&fields=text", "count=true&limit=1"] {
            let target = format!("{}?{query}", records(collection));
            for (person, _) in &expected {
                house.read(&target, person).await.expect(200);
            }
            let asked = house.asked().await;
            for (person, texts_expected) in &expected {
                let list = house.hit(&target, person).await.json();
                let shown = texts_expected.iter().take(if query.ends_with("limit=1") { 1 } else { 9 });
                assert_eq!(texts(&list), shown.copied().collect::<Vec<_>>(), "{target}");
                assert_eq!(list["count"], texts_expected.len(), "{target}");
            }
            house.client.get(&target).send().await.expect(401);
            assert_eq!(house.asked().await, asked, "{target}");
        }
    }
}

#[tokio::test]
async fn a_list_for_a_role_is_nothing_to_those_without_it() {
    let house = House::open().await;
    house.secrets(&house.bob).await;
    let target = format!("{}?count=true", records("desk"));
    house.read(&target, &house.bob).await.expect(404);
    assert!(tells(&house.read(&target, &house.ada).await.expect(200)));
    let asked = house.asked().await;
    assert!(!tells(&house.read(&target, &house.bob).await.expect(404)));
    assert!(tells(&house.hit(&target, &house.ada).await));
    assert_eq!(house.asked().await, asked);
}

#[tokio::test]
async fn a_change_reaches_what_the_edge_keeps_for_its_owner() {
    let house = House::open().await;
    let ada = &house.ada;
    let letter = house.add("letters", &json!({ "text": "one" })).await;
    for target in [letter.path.clone(), records("letters")] {
        house.read(&target, ada).await.expect(200);
        house.hit(&target, ada).await;
    }
    house.client.patch(&letter.path, &json!({ "text": "two" })).signed_in(ada).send().await.expect(200);
    assert_eq!(house.read(&letter.path, ada).await.expect(200).json()["text"], "two");
    assert_eq!(texts(&house.read(&records("letters"), ada).await.expect(200).json()), ["two"]);
    house.add("letters", &json!({ "text": "three" })).await;
    assert_eq!(texts(&house.read(&records("letters"), ada).await.expect(200).json()), ["three", "two"]);
}
