//! What lists carry, against what writes purge.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};
use stepwell_shared::limits::TAGS_MAX;
use stepwell_shared::tags::TagHash;

use crate::routes::records::testing::{World, path, records, tags};

/// The lists that the tests watch: a name, and the query.
fn watched(topic: &str) -> Vec<(&'static str, String)> {
    vec![
        ("all", String::new()),
        ("in topic", format!("filter[topic]={topic}")),
        ("in topic, rank 1", format!("filter[topic]={topic}&filter[rank]=1")),
        ("rank above 5", "filter[rank][gt]=5".to_owned()),
        ("rank 1", "filter[rank]=1".to_owned()),
        ("slug", "filter[slug]=w".to_owned()),
        ("elsewhere", "filter[topic]=0000000000001".to_owned()),
    ]
}

/// The names of the watched lists that a write purges.
async fn purged_by(world: &World, topic: &str, write: impl AsyncFnOnce()) -> BTreeSet<&'static str> {
    let mut carried = Vec::new();
    for (name, query) in watched(topic) {
        let list = world.origin.get(&format!("{}?{query}", records("posts"))).await;
        carried.push((name, tags(&list).iter().map(|tag| TagHash::of(tag)).collect::<Vec<_>>()));
    }
    let before = world.origin.app.database.tail.head();
    write().await;
    let purges = world.origin.app.database.tail.after(before.sequence, 100).unwrap();
    let purged: BTreeSet<TagHash> = purges.into_iter().flat_map(|purge| purge.tags).collect();
    let hit = |tags: &Vec<TagHash>| tags.iter().any(|tag| purged.contains(tag));
    carried.iter().filter(|(_, tags)| hit(tags)).map(|(name, _)| *name).collect()
}

#[tokio::test]
async fn a_write_purges_the_lists_that_it_can_change_and_no_others() {
    let world = World::start().await;
    let topic = world.topic("wells").await;
    let create = async |body: Value| world.create("posts", &body).await;
    let bystander = create(json!({ "title": "x", "rank": 2 })).await;

    let body = json!({ "title": "a", "topic": topic, "rank": 1, "slug": "w" });
    let mut post = json!(null);
    let made = purged_by(&world, &topic, async || post = create(body).await).await;
    // A range is a part of its set: what enters the set may enter the range.
    let all_but_elsewhere =
        BTreeSet::from(["all", "in topic", "in topic, rank 1", "rank above 5", "rank 1", "slug"]);
    assert_eq!(made, all_but_elsewhere);

    let patch = async |record: &Value, patch: Value| {
        let answer = world.ask(Method::PATCH, &path("posts", record), &world.ada, Some(&patch)).await;
        assert_eq!(answer.status, 200);
    };
    // The body changes: the lists that show the record, whatever it sorts by.
    let shown = purged_by(&world, &topic, async || patch(&post, json!({ "extra": 1 })).await).await;
    assert_eq!(shown, BTreeSet::from(["all", "in topic", "in topic, rank 1", "rank 1", "slug"]));
    // It leaves one set and may enter the range.
    let moved = purged_by(&world, &topic, async || patch(&post, json!({ "rank": 7 })).await).await;
    assert_eq!(moved, all_but_elsewhere);
    let not_shown = purged_by(&world, &topic, async || patch(&bystander, json!({ "extra": 1 })).await).await;
    assert_eq!(not_shown, BTreeSet::from(["all"]));
    let gone = purged_by(&world, &topic, async || {
        world.ask(Method::DELETE, &path("posts", &post), &world.ada, None).await;
    });
    assert_eq!(gone.await, BTreeSet::from(["all", "in topic", "rank above 5", "slug"]));
}

#[tokio::test]
async fn a_list_too_long_for_a_tag_a_record_is_purged_by_changes_of_its_records_all_the_same() {
    let world = World::start().await;
    let mut post = json!(null);
    for n in 0..45 {
        post = world.create("posts", &json!({ "title": format!("{n}") })).await;
    }
    let list = world.origin.get(&format!("{}?limit=100", records("posts"))).await;
    let carried: Vec<TagHash> = tags(&list).iter().map(|tag| TagHash::of(tag)).collect();
    assert_eq!(carried.len(), 3);
    let before = world.origin.app.database.tail.head();
    world.ask(Method::PATCH, &path("posts", &post), &world.ada, Some(&json!({ "extra": 1 }))).await;
    let purges = world.origin.app.database.tail.after(before.sequence, 10).unwrap();
    assert!(purges.iter().flat_map(|purge| &purge.tags).any(|tag| carried.contains(tag)));
}

#[tokio::test]
async fn a_change_of_an_expanded_record_purges_the_list_also_when_there_are_too_many_for_a_tag_each() {
    let world = World::start().await;
    for many in [3, 40] {
        let mut topic = String::new();
        for n in 0..many {
            topic = world.topic(&format!("{many}-{n}")).await;
            world.create("posts", &json!({ "title": "a", "topic": topic })).await;
        }
        let list = world.origin.get(&format!("{}?limit={many}&expand=topic", records("posts"))).await;
        let carried: Vec<TagHash> = tags(&list).iter().map(|tag| TagHash::of(tag)).collect();
        assert!(carried.len() <= TAGS_MAX);
        let before = world.origin.app.database.tail.head();
        let record = json!({ "id": topic });
        let renamed = json!({ "name": format!("renamed {many}") });
        let answer = world.ask(Method::PATCH, &path("topics", &record), &world.ada, Some(&renamed)).await;
        assert_eq!(answer.status, 200);
        let purges = world.origin.app.database.tail.after(before.sequence, 10).unwrap();
        assert!(purges.iter().flat_map(|purge| &purge.tags).any(|tag| carried.contains(tag)), "{many}");
    }
}
