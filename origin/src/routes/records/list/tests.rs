//! Lists over a real database.

mod pages;
mod tagged;

use http::Method;
use serde_json::{Value, json};

use crate::routes::records::testing::{World, items, records, text};

/// The titles of a list of posts.
async fn titles(world: &World, query: &str) -> Vec<Value> {
    items(&world.origin.get(&format!("{}?{query}", records("posts"))).await, "title")
}

#[tokio::test]
async fn filters_of_indexed_fields_select_and_the_newest_come_first() {
    let world = World::start().await;
    let topic = world.topic("wells").await;
    for (title, rank) in [("a", 1), ("b", 2), ("c", 3)] {
        world.create("posts", &json!({ "title": title, "rank": rank, "topic": topic, "slug": title })).await;
    }
    world.create("posts", &json!({ "title": "other" })).await;
    assert_eq!(titles(&world, "").await, ["other", "c", "b", "a"]);
    assert_eq!(titles(&world, &format!("filter[topic]={topic}")).await, ["c", "b", "a"]);
    assert_eq!(titles(&world, &format!("filter[rank]=2&filter[topic]={topic}")).await, ["b"]);
    assert_eq!(titles(&world, "filter[slug]=c").await, ["c"]);
    assert_eq!(titles(&world, "filter[rank][gt]=1").await, ["c", "b"]);
    assert_eq!(titles(&world, "filter[rank][gte]=1&filter[rank][lt]=3&sort=rank").await, ["a", "b"]);
    let in_topic = format!("filter[topic]={topic}&filter[rank][lte]=2&sort=-rank");
    assert_eq!(titles(&world, &in_topic).await, ["b", "a"]);
    assert_eq!(titles(&world, "filter[created][gt]=2100-01-01T00:00:00Z").await, Vec::<Value>::new());
}

#[tokio::test]
async fn records_come_in_any_order_that_an_index_has_and_in_no_other() {
    let world = World::start().await;
    for (title, rank) in [("a", json!(2)), ("b", json!(null)), ("c", json!(1))] {
        world.create("posts", &json!({ "title": title, "rank": rank })).await;
    }
    assert_eq!(titles(&world, "sort=rank").await, ["b", "c", "a"]);
    assert_eq!(titles(&world, "sort=-rank").await, ["a", "c", "b"]);
    assert_eq!(titles(&world, "sort=id").await, ["a", "b", "c"]);
    assert_eq!(titles(&world, "sort=-title").await, ["c", "b", "a"]);
    let refused = world.origin.get(&format!("{}?filter[rank]=1&sort=title", records("posts"))).await;
    assert_eq!(refused.code(), "bad-parameter");
    let detail = text(&refused.json()["detail"]);
    assert!(detail.contains("possible are -id; id"), "{detail}");
}

#[tokio::test]
async fn what_a_query_says_wrong_is_named() {
    let world = World::start().await;
    for (query, named) in [
        ("filter[extra]=1", "holds JSON"),
        ("filter[title]=a&filter[rank]=1", "serves these filters together"),
        ("filter[titel]=a", "did you mean"),
        ("filter[rank]=high", "whole number"),
        ("filter[rank][near]=1", "no operator"),
        ("filter[rank][gt]=1&filter[rank][gte]=1", "already"),
        ("filter[rank][gt]=1&filter[title][gt]=a", "range of one field"),
        ("filter[rank]=1&filter[rank][gt]=0", "leave one out"),
        ("filter[slug]=a&filter[rank][gt]=0", "a range can be of id"),
        ("filter[created]=2026-01-01T00:00:00Z", "one value can be asked for of"),
        ("filter(rank)=1", "no parameter"),
        ("sort=-rank,rank", "twice"),
        ("limit=0", "from 1 to 100"),
        ("limit=101", "from 1 to 100"),
        ("count=1", "true or false"),
        ("after=x", "is no cursor"),
        ("offset=20", "no parameter"),
    ] {
        let answer = world.origin.get(&format!("{}?{query}", records("posts"))).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (400, "bad-parameter".into()), "{query}");
        let detail = text(&answer.json()["detail"]);
        assert!(detail.contains(named), "{query}: {detail}");
    }
}

#[tokio::test]
async fn a_list_holds_what_its_caller_may_read() {
    let world = World::start().await;
    let (ada, bob) = (world.account(&world.ada).await, world.account(&world.bob).await);
    world.create("notes", &json!({ "text": "ada's" })).await;
    world.create_as(&world.bob, "notes", &json!({ "text": "bob's" })).await;
    world.create("messages", &json!({ "text": "to bob", "reader": bob })).await;
    world.create("messages", &json!({ "text": "to herself", "reader": ada })).await;
    world.create_as(&world.bob, "messages", &json!({ "text": "to ada", "reader": ada })).await;
    let list = async |token: &str, collection: &str, query: &str| {
        let path = format!("{}?{query}", records(collection));
        let answer = world.ask(Method::GET, &path, token, None).await;
        assert_eq!(answer.header("cache-control"), Some("private, no-store"));
        items(&answer, "text")
    };
    assert_eq!(list(&world.ada, "notes", "").await, ["ada's"]);
    assert_eq!(list(&world.bob, "notes", "").await, ["bob's"]);
    assert_eq!(list(&world.bob, "notes", &format!("filter[owner]={ada}")).await, Vec::<Value>::new());
    assert_eq!(list(&world.bob, "notes", &format!("filter[owner]={bob}")).await, ["bob's"]);
    assert_eq!(list(&world.ada, "messages", "").await, ["to ada", "to herself", "to bob"]);
    assert_eq!(list(&world.bob, "messages", "").await, ["to ada", "to bob"]);
    let counted = format!("{}?count=true", records("messages"));
    let counted = world.ask(Method::GET, &counted, &world.ada, None).await;
    assert_eq!(counted.json()["count"], json!(3));
    let nobody = world.ask(Method::GET, &records("notes"), "", None).await;
    assert_eq!(nobody.status, 401);
}

#[tokio::test]
async fn items_show_the_fields_and_relations_that_are_asked_for() {
    let world = World::start().await;
    let (wells, steps) = (world.topic("wells").await, world.topic("steps").await);
    let note = world.create("notes", &json!({ "text": "secret" })).await;
    for (title, topic) in [("a", &wells), ("b", &steps), ("c", &wells)] {
        world.create("posts", &json!({ "title": title, "topic": topic, "source": note["id"] })).await;
    }
    let list = world.origin.get(&format!("{}?fields=title&expand=topic", records("posts"))).await;
    let names: Vec<Value> =
        items(&list, "expand").iter().map(|expand| expand["topic"]["name"].clone()).collect();
    assert_eq!(names, ["wells", "steps", "wells"]);
    assert!(list.json()["items"][0].get("rank").is_none());
    let list = format!("{}?expand=source,topic", records("posts"));
    let sources = async |token: &str| items(&world.ask(Method::GET, &list, token, None).await, "expand");
    assert_eq!(sources("").await[0]["source"], json!({ "id": note["id"] }));
    assert_eq!(sources(&world.ada).await[0]["source"], note);
}

#[tokio::test]
async fn a_list_that_is_known_is_not_sent_again() {
    let world = World::start().await;
    world.create("posts", &json!({ "title": "a" })).await;
    let first = world.origin.get(&records("posts")).await;
    let etag = first.header("etag").unwrap();
    let again = world.origin.ask(Method::GET, &records("posts")).header("if-none-match", etag).send().await;
    assert_eq!((again.status.as_u16(), again.header("cache-tag")), (304, first.header("cache-tag")));
    world.create("posts", &json!({ "title": "b" })).await;
    let after = world.origin.ask(Method::GET, &records("posts")).header("if-none-match", etag).send().await;
    assert_eq!(after.status, 200);
}
