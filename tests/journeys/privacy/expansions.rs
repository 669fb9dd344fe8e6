//! Private records that are shown with others: an answer that everybody gets never holds what only some may read.

use serde_json::{Value, json};
use stepwell_tests::people::{Person, log_in};
use stepwell_tests::records::{create, records};

use super::house::{House, SECRET, Secrets, tells};

const RELATIONS: [&str; 4] = ["letter", "task", "desk", "club"];

/// Which relations of the only record that an answer shows are shown with more than an id.
fn shown(answer: &Value) -> Vec<&'static str> {
    let record = answer["items"].get(0).unwrap_or(answer);
    let expand = &record["expand"];
    assert!(RELATIONS.iter().all(|name| record[name] == expand[name]["id"]), "{answer}");
    RELATIONS.into_iter().filter(|name| expand[name]["text"] == SECRET).collect()
}

#[tokio::test]
async fn what_a_public_record_leads_to_is_shown_to_each_caller_as_far_as_they_may_read_it() {
    let house = House::open().await;
    let (ada, bob) = (&house.ada, &house.bob);
    let secrets = house.secrets(bob).await;
    let pinned = house.add("board", &secrets.relations()).await;
    let all = RELATIONS.join(",");
    for path in [pinned.path, records("board")] {
        let expanding = format!("{path}?expand={all}");
        // Who may read all of it fills first.
        let hers = house.read(&expanding, ada).await.expect(200);
        assert_eq!(shown(&hers.json()), RELATIONS);
        assert_eq!(hers.header("cache-control"), Some("private, no-cache"));
        let nobodys = house.client.get(&expanding).send().await.expect(200);
        assert_eq!((shown(&nobodys.json()), tells(&nobodys)), (vec![], false));
        assert_eq!(nobodys.header("cache-control"), Some("private, no-store"));
        assert_eq!(shown(&house.read(&expanding, bob).await.expect(200).json()), ["task", "club"]);

        // Out of the store each gets the own one again, whatever the other fills.
        let asked = house.asked().await;
        for (person, expected) in [(ada, &RELATIONS[..]), (bob, &["task", "club"]), (ada, &RELATIONS)] {
            assert_eq!(shown(&house.hit(&expanding, person).await.json()), expected);
        }
        assert_eq!(house.asked().await, asked);

        // Without expansion it is the same for all, and holds nothing of what it leads to.
        house.read(&path, ada).await.expect(200);
        let public = house.client.get(&path).send().await.expect(200);
        assert!(public.cache_status().hit && !tells(&public));
        assert_eq!(public.header("cache-control"), Some("no-cache"));
    }
}

#[tokio::test]
async fn one_private_name_among_those_asked_for_makes_the_answer_private() {
    let house = House::open().await;
    let secrets = house.secrets(&house.bob).await;
    house.add("board", &secrets.relations()).await;
    for names in ["letter", "club,letter", "letter%2Cclub", "%6Cetter"] {
        let target = format!("{}?expand={names}", records("board"));
        assert!(tells(&house.read(&target, &house.ada).await.expect(200)), "{names}");
        let other = house.client.get(&target).send().await.expect(200);
        assert!(!tells(&other) && !other.cache_status().hit && !other.cache_status().stored, "{names}");
    }
}

#[tokio::test]
async fn what_a_private_record_leads_to_is_its_own_secret() {
    let house = House::open().await;
    let ada = &house.ada;
    house.give_roles(&house.bob, &["editor"]).await;
    let editor = log_in(&house.client, "bob").await;
    let Secrets { task, desk, club, .. } = house.secrets(&editor).await;
    let named = json!({ "task": task.id, "desk": desk.id, "club": club.id });
    let folder = create(&house.client, &editor, "folders", &named).await;
    // Bob's folder leads to what is no longer his to read.
    house.client.patch(&task.path, &json!({ "assignee": ada.id })).signed_in(ada).send().await.expect(200);
    house.give_roles(&editor, &[]).await;
    let bob = &log_in(&house.client, "bob").await;
    for path in [folder.path.clone(), records("folders")] {
        let expanding = format!("{path}?expand={}", RELATIONS.join(","));
        assert_eq!(shown(&house.read(&expanding, bob).await.expect(200).json()), ["club"]);
        let asked = house.asked().await;
        assert_eq!(shown(&house.hit(&expanding, bob).await.json()), ["club"]);
        assert_eq!(house.asked().await, asked);
        house.client.get(&expanding).send().await.expect(401);
    }
    // It is nothing to her, though she may read what is in it.
    house.read(&format!("{}?expand=task", folder.path), ada).await.expect(404);
    assert_eq!(house.read(&records("folders"), ada).await.expect(200).json()["items"], json!([]));
}

#[tokio::test]
async fn a_change_of_what_is_shown_reaches_every_answer_that_shows_it() {
    let house = House::open().await;
    let (ada, bob) = (&house.ada, &house.bob);
    let secrets = house.secrets(bob).await;
    let pinned = house.add("board", &secrets.relations()).await;
    let target = format!("{}?expand=task", pinned.path);
    let text = async |person: &Person| {
        house.read(&target, person).await.expect(200).json()["expand"]["task"]["text"].clone()
    };
    for person in [ada, bob] {
        text(person).await;
        house.hit(&target, person).await;
    }
    house.client.patch(&secrets.task.path, &json!({ "text": "new" })).signed_in(ada).send().await.expect(200);
    for person in [ada, bob] {
        assert_eq!(text(person).await, "new");
    }
}

#[tokio::test]
async fn whoever_may_not_read_a_record_cannot_find_out_by_naming_it_whether_there_is_one() {
    let house = House::open().await;
    let secrets = house.secrets(&house.ada).await;
    let refused = async |body: Value| {
        let post = house.client.post(&records("board"), &body).signed_in(&house.bob);
        post.send().await.expect(422).json()["errors"].clone()
    };
    for (relation, id) in
        [("letter", &secrets.letter.id), ("task", &secrets.task.id), ("desk", &secrets.desk.id)]
    {
        let (hidden, missing) = (json!({ relation: id }), json!({ relation: "0000000000001" }));
        assert_eq!(refused(hidden).await, refused(missing).await, "{relation}");
    }
    create(&house.client, &house.bob, "board", &json!({ "club": secrets.club.id })).await;
}
