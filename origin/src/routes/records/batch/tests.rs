//! Batches over a real database.

use http::Method;
use serde_json::{Value, json};
use stepwell_shared::limits::BATCH_OPERATIONS_MAX;

use crate::routes::records::testing::{World, path, records, text};
use crate::routes::testing::Answer;

async fn batch(world: &World, operations: Value) -> Answer {
    let body = json!({ "operations": operations });
    world.ask(Method::POST, "/v1/batch", &world.ada, Some(&body)).await
}

async fn count(world: &World, collection: &str) -> i64 {
    let list = world.origin.get(&format!("{}?count=true", records(collection))).await;
    list.json()["count"].as_i64().unwrap()
}

#[tokio::test]
async fn operations_are_done_in_order_as_one_write() {
    let world = World::start().await;
    let post = world.create("posts", &json!({ "title": "a" })).await;
    let gone = world.create("posts", &json!({ "title": "b", "slug": "free" })).await;
    let before = world.origin.app.database.tail.head();
    let answer = batch(
        &world,
        json!([
            { "method": "DELETE", "collection": "posts", "id": gone["id"], "if_match": "\"v1\"" },
            { "method": "POST", "collection": "posts", "body": { "title": "c", "slug": "free" } },
            { "method": "PATCH", "collection": "posts", "id": post["id"], "body": { "title": "d" } },
            { "method": "PATCH", "collection": "posts", "id": post["id"], "body": { "rank": 1 } },
        ]),
    )
    .await;
    assert_eq!(answer.status, 200);
    let results = answer.json()["results"].clone();
    let statuses: Vec<&Value> = results.as_array().unwrap().iter().map(|result| &result["status"]).collect();
    assert_eq!(statuses, [204, 201, 200, 200]);
    assert_eq!(results[3]["record"]["title"], json!("d"));
    assert_eq!(results[3]["record"]["version"], json!(3));
    for result in [&results[1], &results[3]] {
        let read = world.origin.get(&path("posts", &result["record"])).await;
        assert_eq!((read.json(), read.header("etag")), (result["record"].clone(), result["etag"].as_str()));
    }
    // One write: one place in the log, which is its bookmark.
    let head = world.origin.app.database.tail.head();
    assert_eq!(head.sequence, before.sequence + 1);
    assert_eq!(answer.header("stepwell-bookmark"), Some(head.to_string().as_str()));
}

#[tokio::test]
async fn one_refusal_undoes_the_whole_batch_and_is_told_with_its_place() {
    let world = World::start().await;
    let post = world.create("posts", &json!({ "title": "a", "slug": "taken" })).await;
    let others = world.create_as(&world.bob, "posts", &json!({ "title": "bob's" })).await;
    let good = json!({ "method": "POST", "collection": "posts", "body": { "title": "new" } });
    let change = |id: &Value, if_match: Value, body: Value| json!({ "method": "PATCH", "collection": "posts", "id": id, "if_match": if_match, "body": body });
    let cases = [
        (json!({ "method": "POST", "collection": "posts", "body": {} }), 422, "/operations/1/body/title"),
        (
            json!({ "method": "POST", "collection": "posts", "body": { "title": "x", "slug": "taken" } }),
            409,
            "/operations/1/body/slug",
        ),
        (change(&post["id"], json!("\"v9\""), json!({ "title": "x" })), 412, "/operations/1"),
        (change(&others["id"], json!(null), json!({ "title": "x" })), 403, "/operations/1"),
        (change(&json!("0000000000001"), json!(null), json!({})), 404, "/operations/1"),
        (json!({ "method": "DELETE", "collection": "pots", "id": post["id"] }), 404, "/operations/1"),
        (json!({ "method": "DELETE", "collection": "posts" }), 400, "/operations/1"),
        (json!({ "method": "PUT", "collection": "posts", "body": {} }), 400, "/operations/1"),
        (json!({ "method": "POST", "collection": "posts", "body": {}, "x": 1 }), 400, "/operations/1"),
    ];
    let head = world.origin.app.database.tail.head();
    for (bad, status, pointer) in cases {
        let answer = batch(&world, json!([good, bad])).await;
        assert_eq!(answer.status, status, "{bad}");
        assert_eq!(answer.json()["errors"][0]["pointer"], json!(pointer), "{bad}");
    }
    assert_eq!(count(&world, "posts").await, 2);
    assert_eq!(world.origin.get(&path("posts", &post)).await.json(), post);
    assert_eq!(world.origin.app.database.tail.head(), head);
}

#[tokio::test]
async fn a_batch_is_bounded_and_somebodys() {
    let world = World::start().await;
    let operation = json!({ "method": "POST", "collection": "posts", "body": { "title": "x" } });
    let too_many = batch(&world, json!(vec![operation.clone(); BATCH_OPERATIONS_MAX + 1])).await;
    assert_eq!(
        (too_many.status.as_u16(), &too_many.json()["errors"][0]["pointer"]),
        (422, &json!("/operations"))
    );
    let full = batch(&world, json!(vec![operation.clone(); BATCH_OPERATIONS_MAX])).await;
    assert_eq!(full.status, 200);
    assert_eq!(count(&world, "posts").await, i64::try_from(BATCH_OPERATIONS_MAX).unwrap());
    let body = json!({ "operations": [operation] });
    assert_eq!(world.ask(Method::POST, "/v1/batch", "", Some(&body)).await.status, 401);
    assert_eq!(batch(&world, json!({})).await.code(), "bad-request");
}

#[tokio::test]
async fn a_repeated_batch_gets_the_first_answer() {
    let world = World::start().await;
    let body = json!({ "operations": [
        { "method": "POST", "collection": "posts", "body": { "title": "once" } },
    ] });
    let send = async || {
        let ask = world.origin.ask(Method::POST, "/v1/batch").bearer(&world.ada);
        ask.header("idempotency-key", "k").json(&body).send().await
    };
    let (first, again) = (send().await, send().await);
    assert_eq!((first.status.as_u16(), &first.body), (200, &again.body));
    assert_eq!(first.header("stepwell-bookmark"), again.header("stepwell-bookmark"));
    assert_eq!(count(&world, "posts").await, 1);
    assert_eq!(text(&first.json()["results"][0]["record"]["title"]), "once");
}
