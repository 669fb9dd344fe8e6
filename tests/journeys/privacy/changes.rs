//! Who may read changes: the very next request of each person obeys, whatever the edge has stored.

use http::Method;
use serde_json::{Value, json};
use stepwell_tests::people::{Person, log_in, sign_up};
use stepwell_tests::records::{Record, create, records};
use stepwell_tests::server::OPERATOR_TOKEN;

use super::house::{House, SECRET};

/// What somebody sees of a record of Ada's that the board's only record leads to: alone, in a list, in an expansion.
async fn sees(house: &House, person: &Person, record: &Record, collection: &str, name: &str) -> [bool; 4] {
    let alone = house.read(&record.path, person).await;
    let list = house.read(&records(collection), person).await;
    let board = format!("{}?expand={name}", records("board"));
    let (board, folder) = (house.read(&board, person).await, expanded_list(house, person, name).await);
    for answer in [&alone, &list] {
        assert!([200, 404].contains(&answer.status.as_u16()), "{}: {}", answer.what, answer.status);
    }
    let is_listed = list.status == 200
        && list.json()["items"]
            .as_array()
            .is_some_and(|items| items.iter().any(|item| item["id"] == record.id.as_str()));
    let is_expanded = |answer: &Value| answer["items"][0]["expand"][name]["text"] == SECRET;
    [alone.status == 200, is_listed, is_expanded(&board.expect(200).json()), is_expanded(&folder)]
}

/// The first of somebody's own folders, with what it leads to.
async fn expanded_list(house: &House, person: &Person, name: &str) -> Value {
    house.read(&format!("{}?expand={name}", records("folders")), person).await.expect(200).json()
}

#[tokio::test]
async fn a_task_is_given_to_somebody_else() {
    let house = House::open().await;
    let carol = sign_up(&house.client, "carol").await;
    let (ada, bob) = (&house.ada, &house.bob);
    let secrets = house.secrets(bob).await;
    let task = &secrets.task;
    let give = async |assignee: &Value| {
        let change = json!({ "assignee": assignee });
        house.client.patch(&task.path, &change).signed_in(ada).send().await.expect(200);
    };
    // The board and everybody's folder lead to it. Whoever is to name it is to know of it.
    house.add("board", &secrets.relations()).await;
    for person in [ada, &carol, bob] {
        give(&json!(person.id)).await;
        create(&house.client, person, "folders", &json!({ "task": task.id })).await;
    }
    let seen = async |person: &Person| sees(&house, person, task, "tasks", "task").await;
    let (all, nothing) = ([true; 4], [false; 4]);
    // Twice, so that the second time is the store's.
    for (person, expected) in [(ada, all), (bob, all), (&carol, nothing)].repeat(2) {
        assert_eq!(seen(person).await, expected);
    }
    house.hit(&task.path, bob).await;

    for (assignee, his, hers) in
        [(json!(carol.id), nothing, all), (json!(null), nothing, nothing), (json!(bob.id), all, nothing)]
    {
        give(&assignee).await;
        for (person, expected) in [(bob, his), (&carol, hers), (ada, all)].repeat(2) {
            assert_eq!(seen(person).await, expected, "{} when it is {assignee}'s", person.email);
        }
        house.hit(&task.path, ada).await;
    }
    house.client.delete(&task.path).signed_in(ada).send().await.expect(409);
}

#[tokio::test]
async fn a_role_is_given_and_taken_away() {
    let house = House::open().await;
    let secrets = house.secrets(&house.ada).await;
    house.add("board", &secrets.relations()).await;
    house.give_roles(&house.bob, &["editor"]).await;
    let editor = log_in(&house.client, "bob").await;
    create(&house.client, &editor, "folders", &json!({ "desk": secrets.desk.id })).await;
    house.give_roles(&editor, &[]).await;
    let mut bob = log_in(&house.client, "bob").await;
    for (roles, expected) in
        [(None, false), (Some(&["editor"][..]), true), (Some(&[]), false), (Some(&["editor"]), true)]
    {
        if let Some(roles) = roles {
            house.give_roles(&bob, roles).await;
            let asked = house.asked().await;
            house.read(&secrets.desk.path, &bob).await.expect(401);
            assert_eq!(house.asked().await, asked, "the edge knows");
            bob = log_in(&house.client, "bob").await;
        }
        for _ in 0..2 {
            assert_eq!(
                sees(&house, &bob, &secrets.desk, "desk", "desk").await,
                [expected; 4],
                "with {roles:?}"
            );
        }
        let board = format!("{}?expand=desk", records("board"));
        house.hit(&board, &bob).await;
    }
}

#[tokio::test]
async fn whoever_is_banned_reads_nothing_any_more_and_everybody_else_goes_on() {
    let house = House::open().await;
    let secrets = house.secrets(&house.bob).await;
    let targets = [secrets.task.path.clone(), records("tasks"), secrets.club.path.clone()];
    for target in &targets {
        for person in [&house.ada, &house.bob] {
            house.read(target, person).await.expect(200);
            house.hit(target, person).await;
        }
    }
    let ban = format!("/v1/accounts/{}/ban", house.bob.id);
    house.client.request(Method::POST, &ban).bearer(OPERATOR_TOKEN).send().await.expect(200);
    let asked = house.asked().await;
    for target in &targets {
        house.read(target, &house.bob).await.expect(401);
        house.hit(target, &house.ada).await;
    }
    assert_eq!(house.asked().await, asked);
    house.client.delete(&ban).bearer(OPERATOR_TOKEN).send().await.expect(200);
    let bob = log_in(&house.client, "bob").await;
    house.hit(&secrets.task.path, &bob).await;
}

#[tokio::test]
async fn what_is_removed_is_gone_for_its_readers_at_once() {
    let house = House::open().await;
    let secrets = house.secrets(&house.bob).await;
    for target in [secrets.task.path.clone(), records("tasks")] {
        house.read(&target, &house.bob).await.expect(200);
        house.hit(&target, &house.bob).await;
    }
    house.client.delete(&secrets.task.path).signed_in(&house.ada).send().await.expect(204);
    house.read(&secrets.task.path, &house.bob).await.expect(404);
    assert_eq!(house.read(&records("tasks"), &house.bob).await.expect(200).json()["items"], json!([]));
}
