//! Pages and the cursors between them.

use http::Method;
use serde_json::{Value, json};

use crate::routes::records::testing::{World, items, records, text};

/// The titles of all pages of a list, read to its end.
async fn all(world: &World, query: &str, limit: usize) -> Vec<Value> {
    let mut titles = Vec::new();
    let mut after = String::new();
    loop {
        let path = format!("{}?{query}&limit={limit}{after}", records("posts"));
        let page = world.origin.get(&path).await;
        let found = items(&page, "title");
        assert!(found.len() <= limit);
        titles.extend(found);
        match &page.json()["next"] {
            Value::Null => return titles,
            next => after = format!("&after={}", text(next)),
        }
    }
}

/// Posts whose sort columns tie and are null in places; all are created in the same millisecond.
async fn with_ties(world: &World) -> String {
    let topic = world.topic("wells").await;
    let ranks = [json!(1), json!(null), json!(2), json!(1), json!(null), json!(1), json!(2), json!(3)];
    for (n, rank) in ranks.iter().enumerate() {
        let score = json!([0.1, -2.5, 1e300][n % 3]);
        let topic = if n % 2 == 0 { json!(topic) } else { json!(null) };
        let body = json!({ "title": format!("{n}"), "rank": rank, "score": score, "topic": topic });
        world.create("posts", &body).await;
    }
    topic
}

#[tokio::test]
async fn pages_of_any_size_join_to_the_whole_list_through_ties_and_nulls() {
    let world = World::start().await;
    let topic = with_ties(&world).await;
    let in_topic = format!("filter[topic]={topic}");
    let queries = [
        "sort=rank",
        "sort=-rank",
        "sort=score",
        "sort=-score",
        "sort=created",
        "sort=-created",
        "sort=id",
        "sort=-title",
        "sort=topic,rank",
        "sort=-topic,-rank",
        "filter[rank][gte]=1&filter[rank][lt]=3",
        "filter[rank][gt]=1&sort=rank",
        &format!("{in_topic}&sort=rank"),
        &format!("{in_topic}&sort=-rank"),
        &format!("{in_topic}&filter[rank][lte]=2&sort=-rank"),
    ];
    for query in queries {
        let whole = all(&world, query, 100).await;
        assert!(whole.len() >= 3, "{query}: {whole:?}");
        for limit in 1..=3 {
            assert_eq!(all(&world, query, limit).await, whole, "{query} by {limit}");
        }
    }
}

#[tokio::test]
async fn an_order_is_the_reverse_of_its_reverse() {
    let world = World::start().await;
    with_ties(&world).await;
    for column in ["rank", "score", "created", "id", "title"] {
        let mut up = all(&world, &format!("sort={column}"), 2).await;
        up.reverse();
        assert_eq!(up, all(&world, &format!("sort=-{column}"), 3).await, "{column}");
    }
}

#[tokio::test]
async fn pages_of_a_joined_list_repeat_nothing() {
    let world = World::start().await;
    let (ada, bob) = (world.account(&world.ada).await, world.account(&world.bob).await);
    for n in 0..9 {
        let reader = [json!(ada), json!(bob), json!(null)][n % 3].clone();
        world.create("messages", &json!({ "text": format!("{n}"), "reader": reader })).await;
    }
    let mut texts = Vec::new();
    let mut path = format!("{}?limit=2", records("messages"));
    loop {
        let page = world.ask(Method::GET, &path, &world.ada, None).await;
        texts.extend(items(&page, "text"));
        match &page.json()["next"] {
            Value::Null => break,
            next => path = format!("{}?limit=2&after={}", records("messages"), text(next)),
        }
    }
    assert_eq!(texts, ["8", "7", "6", "5", "4", "3", "2", "1", "0"]);
}

#[tokio::test]
async fn a_page_continues_behind_a_record_that_is_gone() {
    let world = World::start().await;
    for n in 0..5 {
        world.create("posts", &json!({ "title": format!("{n}") })).await;
    }
    let first = world.origin.get(&format!("{}?limit=2&sort=id", records("posts"))).await;
    let last = &first.json()["items"][1];
    let path = format!("{}/{}", records("posts"), text(&last["id"]));
    assert_eq!(world.ask(Method::DELETE, &path, &world.ada, None).await.status, 204);
    let after = text(&first.json()["next"]);
    let second = world.origin.get(&format!("{}?limit=2&sort=id&after={after}", records("posts"))).await;
    assert_eq!(items(&second, "title"), ["2", "3"]);
}

#[tokio::test]
async fn a_cursor_belongs_to_one_list() {
    let world = World::start().await;
    with_ties(&world).await;
    let first = world.origin.get(&format!("{}?limit=1&sort=rank", records("posts"))).await;
    let after = text(&first.json()["next"]);
    for query in ["sort=-rank", "sort=created", "filter[rank][gt]=1&sort=rank", "filter[slug]=a"] {
        let refused = world.origin.get(&format!("{}?{query}&after={after}", records("posts"))).await;
        assert_eq!(refused.code(), "bad-parameter", "{query}");
        assert!(text(&refused.json()["detail"]).contains("another list"));
    }
    let elsewhere = world.origin.get(&format!("{}?sort=created&after={after}", records("topics"))).await;
    assert_eq!(elsewhere.code(), "bad-parameter");
    // The size of a page and what its items show may change on the way.
    let path = format!("{}?limit=3&sort=rank&fields=title&after={after}", records("posts"));
    assert_eq!(items(&world.origin.get(&path).await, "title").len(), 3);
}

#[tokio::test]
async fn the_count_is_of_all_pages() {
    let world = World::start().await;
    let topic = with_ties(&world).await;
    for (query, count) in [
        ("limit=1".to_owned(), 8),
        ("filter[rank][gte]=1&limit=2".to_owned(), 6),
        (format!("filter[topic]={topic}"), 4),
    ] {
        let list = world.origin.get(&format!("{}?{query}&count=true", records("posts"))).await;
        assert_eq!(list.json()["count"], json!(count), "{query}");
    }
    assert!(world.origin.get(&records("posts")).await.json().get("count").is_none());
}
