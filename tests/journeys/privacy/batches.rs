//! Batches: what is hidden from a single request is hidden from many at once.

use serde_json::json;
use stepwell_tests::records::{Operation, batch, records};

use super::house::{House, SECRET, tells};

#[tokio::test]
async fn a_batch_tells_nothing_of_what_its_sender_may_not_read() {
    let house = House::open().await;
    let letter = house.add("letters", &json!({ "text": SECRET })).await;
    house.read(&letter.path, &house.ada).await.expect(200);
    let touch = json!({ "text": "Bob was here" });
    let on = |id: &str| {
        [
            Operation::update("letters", id, &json!({})),
            Operation::update("letters", id, &touch),
            Operation::delete("letters", id),
        ]
    };
    for (hidden, missing) in on(&letter.id).iter().zip(&on("0000000000000")) {
        let before = Operation::create("letters", &json!({ "text": "Bob's" }));
        let send = async |operation: &Operation| {
            let operations = [before.clone(), operation.clone()];
            batch(&house.client, &operations).signed_in(&house.bob).send().await.expect(404)
        };
        let (hidden, missing) = (send(hidden).await, send(missing).await);
        assert_eq!(hidden.body, missing.body);
        assert!(!tells(&hidden));
    }
    let his = house.read(&records("letters"), &house.bob).await.expect(200).json();
    assert_eq!(his["items"], json!([]), "nothing of a refused batch is done");
    house.hit(&letter.path, &house.ada).await;
}

#[tokio::test]
async fn all_that_a_batch_changes_of_who_may_read_holds_from_the_next_request_on() {
    let house = House::open().await;
    let secrets = house.secrets(&house.bob).await;
    let other = house.add("tasks", &json!({ "text": SECRET })).await;
    for target in [secrets.task.path.clone(), records("tasks")] {
        house.read(&target, &house.bob).await.expect(200);
        house.hit(&target, &house.bob).await;
    }
    house.read(&other.path, &house.bob).await.expect(404);
    let operations = [
        Operation::update("tasks", &secrets.task.id, &json!({ "assignee": null })),
        Operation::update("tasks", &other.id, &json!({ "assignee": house.bob.id })),
    ];
    batch(&house.client, &operations).signed_in(&house.ada).send().await.expect(200);
    house.read(&secrets.task.path, &house.bob).await.expect(404);
    assert!(tells(&house.read(&other.path, &house.bob).await.expect(200)));
    let list = house.read(&records("tasks"), &house.bob).await.expect(200).json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(list["items"][0]["id"], other.id.as_str());
}
