//! What one person may read, asked for by others, at the worst moment and under every name.

use serde_json::json;
use stepwell_tests::people::sign_up;
use stepwell_tests::records::{Operation, batch, record, records};

use crate::world::{SECRET, World, told};

#[tokio::test]
async fn another_token_right_after_the_owner_filled_the_entry_finds_nothing() {
    let world = World::start().await;
    let bob = sign_up(&world.client, "bob").await;
    let missing =
        world.client.get(&record("notes", "0000000000000")).signed_in(&bob).send().await.expect(404);
    for _ in 0..8 {
        let asked = |person| {
            let request = world.client.get(&world.note.path).signed_in(person);
            tokio::spawn(async move { request.send().await })
        };
        // At the same time, into a store that may or may not hold it.
        world.forgets();
        let (hers, his) = (asked(&world.ada), asked(&bob));
        let (hers, his) = (hers.await.expect("it is sent"), his.await.expect("it is sent"));
        assert!(hers.expect(200).text().contains(SECRET));
        assert!(his.clone().expect(404).body == missing.body && !told(&his).contains(SECRET), "{his:?}");
        let later = world.client.get(&world.note.path).signed_in(&bob).send().await.expect(404);
        assert_eq!(later.body, missing.body);
        world.hides(&world.note.path).await;
    }
    let hers = world.client.get(&world.note.path).signed_in(&world.ada).send().await.expect(200);
    assert!(hers.cache_status().hit && hers.text().contains(SECRET));
}

#[tokio::test]
async fn conditions_and_ranges_tell_nothing_to_others() {
    let world = World::start().await;
    let bob = sign_up(&world.client, "bob").await;
    let hers = world.client.get(&world.note.path).signed_in(&world.ada).send().await.expect(200);
    let etag = hers.header("etag").expect("a record has one");
    for (name, value) in [
        ("if-none-match", etag),
        ("if-none-match", "*"),
        ("if-match", etag),
        ("range", "bytes=0-9"),
        ("if-modified-since", "Thu, 01 Jan 2099 00:00:00 GMT"),
        ("cache-control", "only-if-cached"),
        ("cache-control", "max-stale"),
    ] {
        let his = world.client.get(&world.note.path).signed_in(&bob).header(name, value).send().await;
        assert!(
            his.clone().expect(404).header("etag").is_none() && !told(&his).contains(SECRET),
            "{name}: {value}"
        );
    }
    world.hides(&world.note.path).await;
}

#[tokio::test]
async fn variations_of_the_query_open_nothing() {
    let world = World::start().await;
    let bob = sign_up(&world.client, "bob").await;
    world.client.get(&world.note.path).signed_in(&world.ada).send().await.expect(200);
    world.client.get(&records("notes")).signed_in(&world.ada).send().await.expect(200);
    let owner = &world.ada.id;
    for target in [
        format!("{}?expand=owner", world.note.path),
        format!("{}?fields=text", world.note.path),
        format!("{}?owner={owner}", world.note.path),
        format!("{}?limit=100", records("notes")),
        format!("{}?filter[owner]={owner}", records("notes")),
        format!("{}?filter%5Bowner%5D={owner}", records("notes")),
        format!("{}?owner={owner}", records("notes")),
        format!("{}?sort=text", records("notes")),
        format!("{}?count=true", records("notes")),
    ] {
        let his = world.client.get(&target).signed_in(&bob).send().await;
        assert!(!his.status.is_server_error() && !told(&his).contains(SECRET), "{target}: {}", his.text());
        assert!(!his.text().contains(&world.note.id), "{target}: {}", his.text());
        world.hides(&target).await;
    }
}

#[tokio::test]
async fn ids_of_other_collections_name_nothing() {
    let world = World::start().await;
    let bob = sign_up(&world.client, "bob").await;
    let nothing = json!({});
    for path in [
        record("posts", &world.note.id),
        record("topics", &world.note.id),
        record("notes", &world.post.id),
        record("accounts", &world.ada.id),
        record("stepwell_accounts", &world.ada.id),
        record("notes", &world.ada.id),
    ] {
        // Twice: what is not there is not kept as there.
        for person in [&world.ada, &bob, &world.ada, &bob] {
            let read = world.client.get(&path).signed_in(person).send().await.expect(404);
            assert!(!told(&read).contains(SECRET), "{path}");
            world.client.patch(&path, &nothing).signed_in(person).send().await.expect(404);
            world.client.delete(&path).signed_in(person).send().await.expect(404);
        }
    }
    for operation in [
        Operation::update("posts", &world.note.id, &json!({ "title": "evil" })),
        Operation::update("notes", &world.note.id, &json!({ "text": "evil" })),
        Operation::delete("topics", &world.note.id),
        Operation::delete("notes", &world.note.id),
    ] {
        let refused = batch(&world.client, &[operation]).signed_in(&bob).send().await;
        assert!(refused.status.is_client_error() && !told(&refused).contains(SECRET), "{}", refused.text());
    }
    let post = json!({ "title": "a relation to what is no topic", "topic": world.note.id });
    let refused = world.client.post(&records("posts"), &post).signed_in(&bob).send().await.expect(422);
    assert!(!told(&refused).contains(SECRET));
    let hers = world.client.get(&world.note.path).signed_in(&world.ada).send().await.expect(200);
    assert_eq!(hers.json()["text"], SECRET);
    world.serves_the_post().await;
}
