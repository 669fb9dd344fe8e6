//! What lists carry, against what writes purge.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};
use stepwell_shared::bookmark::Position;
use stepwell_shared::limits::TAGS_MAX;
use stepwell_shared::tags::{Tag, TagHash};

use crate::app::FromEdge;
use crate::database::Error;
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

/// What an edge of ours is answered.
async fn to_edge(world: &World, target: &str, bookmark: Position) -> crate::routes::testing::Answer {
    let ask = world.origin.ask(Method::GET, target).bearer(&world.ada);
    let ask = ask.header("stepwell-bookmark", &bookmark.to_string());
    ask.extension(FromEdge { name: "embedded".into() }).send().await
}

#[tokio::test]
async fn the_same_holds_where_the_expanded_records_are_their_owners_alone() {
    let world = World::start().await;
    let mut note = json!(null);
    for n in 0..40 {
        note = world.create("notes", &json!({ "text": format!("{n}") })).await;
        world.create("posts", &json!({ "title": "a", "source": note["id"] })).await;
    }
    let head = world.origin.app.database.tail.head();
    let list = to_edge(&world, &format!("{}?limit=40&expand=source", records("posts")), head).await;
    let carried: Vec<TagHash> = tags(&list).iter().map(|tag| TagHash::of(tag)).collect();
    assert!(!carried.is_empty() && carried.len() <= TAGS_MAX);
    let new = json!({ "text": "new" });
    let answer = world.ask(Method::PATCH, &path("notes", &note), &world.ada, Some(&new)).await;
    assert_eq!(answer.status, 200);
    let purges = world.origin.app.database.tail.after(head.sequence, 10).unwrap();
    assert!(purges.iter().flat_map(|purge| &purge.tags).any(|tag| carried.contains(tag)));
}

#[tokio::test]
async fn what_roles_decide_is_purged_with_them_also_when_they_change_while_it_is_made() {
    for of_list in [true, false] {
        let world = World::start().await;
        let account = world.account(&world.ada).await;
        let note = world.create("notes", &json!({ "text": "secret" })).await;
        let post = world.create("posts", &json!({ "title": "a", "source": note["id"] })).await;
        let target = if of_list { records("posts") } else { path("posts", &post) };
        let head = world.origin.app.database.tail.head();
        // The answer waits for a position that the change of the roles brings.
        let next = Position { sequence: head.sequence + 1, ..head };
        let expanding = format!("{target}?expand=source");
        let asked = to_edge(&world, &expanding, next);
        let id = account.parse().unwrap();
        let change = world.origin.app.database.primary.write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                tx.purge([Tag::account(id)]);
                Ok(())
            })
        });
        let (answer, changed) = tokio::join!(biased; asked, change);
        assert_eq!(changed.unwrap().position, next);
        assert_eq!(answer.status, 200);
        assert!(tags(&answer).contains(&format!("account/{account}")), "{:?}", tags(&answer));
        let position: Position = answer.header("stepwell-position").unwrap().parse().unwrap();
        assert_eq!(position, head, "{target}: the roles are those of before");
    }
}
