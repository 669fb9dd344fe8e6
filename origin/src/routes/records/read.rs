//! `GET /v1/collections/{collection}/records/{id}`

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use stepwell_shared::bookmark::Position;
use stepwell_shared::ids::Id;

use super::audience::Audience;
use super::etag;
use super::expand::Expanded;
use super::named::{self, no_such_record, parse_id};
use super::problems::refusal;
use super::shape::Shape;
use crate::app::{App, FromEdge};
use crate::catalog::Served;
use crate::collections::collection::Lifetimes;
use crate::collections::sets::record_tags;
use crate::database::Source;
use crate::database::queries::records::row::Stored;
use crate::database::queries::records::single;
use crate::domain::access;
use crate::domain::caller::Deed;
use crate::routes::answer::{self, Public};
use crate::routes::bookmark::Bookmark;
use crate::routes::caller::Asker;
use crate::routes::refused::Refused;

/// How long edges remember that a record does not exist. Its creation purges the answer; what it bounds is what a
/// flood of made-up ids can keep in their memory.
const MISSING: Lifetimes = Lifetimes { edge_s: 10, stale_s: 0 };

/// Shows one record.
pub async fn read(
    State(app): State<Arc<App>>,
    Path((collection, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    Bookmark(at_least): Bookmark,
    asker: Asker,
    edge: Option<Extension<FromEdge>>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let served = named::collection(&app.records, &collection)?;
    let shape = Shape::read(served.collection(), query.as_deref().unwrap_or_default())?;
    let audience = Audience::of(&app.records, served, &shape.expand, asker)?;
    access::may_try(served.collection(), Deed::Read, audience.caller()).map_err(refusal)?;
    let id = parse_id(&id)?;

    let (found, position) = if shape.expand.is_empty() {
        let found = served.gather.by_id(&app.database.replicas, &served.table, id, at_least).await?;
        (found.row.map(|row| (row, Expanded::default())), found.position)
    } else {
        let mut read = app.database.replicas.read(at_least).await?;
        let position = read.position();
        let found = find(&mut read.snapshot().await?, &app, served, &shape, id, &audience).await?;
        (found, position)
    };
    let Some((row, expanded)) = found else { return missing(served, id, &audience, position) };
    let mut readers = None;
    if audience != Audience::Everybody {
        let record = row.record(served.collection())?;
        access::read(served.collection(), audience.caller(), &record).map_err(refusal)?;
        readers = audience.readers_of_record(served.collection(), &record);
    }

    let mut body = Vec::with_capacity(1024);
    let view = shape.view.as_ref().unwrap_or(&served.whole);
    view.write(row.as_ref(), &expanded.of(&shape.expand, row.as_ref()), &mut body);
    let etag = etag::of_record(row.version()?, &body);
    if audience != Audience::Everybody && (edge.is_none() || readers.is_none()) {
        return Ok(answer::private_validated(&headers, etag, body));
    }
    let public = Public {
        lifetimes: served.collection().cache.record,
        tags: record_tags(served.collection(), id, &expanded.shown(), audience.tagged()),
        position: audience.position(position),
        etag: Some(etag),
    };
    Ok(public.json_for(readers.as_ref(), &headers, body))
}

/// The record with what its relations show, if it exists.
async fn find(
    source: &mut impl Source,
    app: &App,
    served: &Served,
    shape: &Shape,
    id: Id,
    audience: &Audience,
) -> Result<Option<(Arc<Stored>, Expanded)>, Refused> {
    let Some(row) = single::by_id(source, &served.table, id).await? else { return Ok(None) };
    let rows = std::slice::from_ref(&row);
    let expanded = Expanded::load(source, &app.records, &shape.expand, rows, audience.caller()).await?;
    Ok(Some((Arc::new(row), expanded)))
}

fn missing(served: &Served, id: Id, audience: &Audience, position: Position) -> Result<Response, Refused> {
    if *audience != Audience::Everybody {
        return Err(no_such_record());
    }
    let Refused(problem) = no_such_record();
    let tags = record_tags(served.collection(), id, &[], None);
    Ok(Public { lifetimes: MISSING, tags, position, etag: None }.problem(&problem))
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::json;

    use crate::routes::records::testing::{World, path, records, tags, text};

    #[tokio::test]
    async fn a_public_record_is_the_same_for_everybody_and_may_be_stored() {
        let world = World::start().await;
        let post = world.create("posts", &json!({ "title": "Water" })).await;
        let answers = [
            world.origin.get(&path("posts", &post)).await,
            world.ask(Method::GET, &path("posts", &post), &world.bob, None).await,
            world.ask(Method::GET, &path("posts", &post), "a token that is none", None).await,
        ];
        for answer in &answers {
            assert_eq!((answer.status.as_u16(), &answer.body), (200, &answers[0].body));
            assert_eq!(answer.headers, answers[0].headers);
        }
        let of_record = format!("record/posts/{}", text(&post["id"]));
        assert_eq!(tags(&answers[0]), ["collection/posts", &of_record]);
        assert!(answers[0].header("cdn-cache-control").unwrap().starts_with("max-age="));
        assert!(answers[0].header("stepwell-position").is_some());
    }

    #[tokio::test]
    async fn a_missing_public_record_is_remembered_until_it_is_created() {
        let world = World::start().await;
        let absent = format!("{}/0000000000001", records("posts"));
        let answer = world.origin.get(&absent).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (404, "not-found".into()));
        assert!(answer.header("cdn-cache-control").unwrap().starts_with("max-age=10"));
        assert_eq!(tags(&answer), ["collection/posts", "record/posts/0000000000001"]);
        let not_an_id = world.origin.get(&format!("{}/x", records("posts"))).await;
        assert_eq!((not_an_id.status.as_u16(), not_an_id.header("cdn-cache-control")), (404, None));
    }

    #[tokio::test]
    async fn private_records_are_shown_to_whom_the_rule_says_and_stored_nowhere() {
        let world = World::start().await;
        let note = world.create("notes", &json!({ "text": "mine" })).await;
        let reader = world.account(&world.bob).await;
        let to_bob = world.create("messages", &json!({ "text": "hi", "reader": reader })).await;
        let to_nobody = world.create("messages", &json!({ "text": "hm" })).await;
        let guest = world.create_as("", "guests", &json!({ "name": "Eve" })).await;
        let cases = [
            ("notes", &note, [200, 404, 401]),
            ("messages", &to_bob, [200, 200, 401]),
            ("messages", &to_nobody, [200, 404, 401]),
            ("guests", &guest, [200, 200, 401]),
        ];
        for (collection, record, expected) in cases {
            for (token, status) in [&world.ada, &world.bob, ""].into_iter().zip(expected) {
                let answer = world.ask(Method::GET, &path(collection, record), token, None).await;
                assert_eq!(answer.status, status, "{collection}");
                let kept = answer.header("cache-control").unwrap();
                assert!(kept.contains("no-store") && answer.header("cache-tag").is_none(), "{kept}");
            }
        }
    }

    #[tokio::test]
    async fn whoever_has_the_representation_is_not_sent_it_again() {
        let world = World::start().await;
        let post = world.create("posts", &json!({ "title": "Water" })).await;
        let (whole, part) = (path("posts", &post), format!("{}?fields=title", path("posts", &post)));
        let etag = text(&json!(world.origin.get(&whole).await.header("etag")));
        let again = world.origin.ask(Method::GET, &whole).header("if-none-match", &etag).send().await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
        assert!(again.header("cache-tag").is_some());
        // Other fields are another representation.
        let part = world.origin.ask(Method::GET, &part).header("if-none-match", &etag).send().await;
        assert_eq!((part.status.as_u16(), part.json()), (200, json!({ "id": post["id"], "title": "Water" })));
        let note = world.create("notes", &json!({ "text": "mine" })).await;
        let etag = world.ask(Method::GET, &path("notes", &note), &world.ada, None).await;
        let ask = world.origin.ask(Method::GET, &path("notes", &note)).bearer(&world.ada);
        let again = ask.header("if-none-match", etag.header("etag").unwrap()).send().await;
        assert_eq!((again.status.as_u16(), again.header("cache-control")), (304, Some("private, no-store")));
    }

    #[tokio::test]
    async fn relations_are_expanded_one_level_deep() {
        let world = World::start().await;
        let topic = world.topic("wells").await;
        let post = world.create("posts", &json!({ "title": "Water", "topic": topic })).await;
        let answer = world.origin.get(&format!("{}?expand=topic&fields=title", path("posts", &post))).await;
        assert_eq!(answer.json()["expand"]["topic"]["name"], json!("wells"));
        let expected =
            ["collection/posts", "collection/topics", &format!("record/posts/{}", text(&post["id"]))];
        assert!(expected.iter().all(|tag| tags(&answer).contains(&(*tag).to_owned())));
        assert!(tags(&answer).contains(&format!("record/topics/{topic}")));
        let bare = world.create("posts", &json!({ "title": "No topic" })).await;
        let answer = world.origin.get(&format!("{}?expand=topic", path("posts", &bare))).await;
        assert_eq!(answer.json()["expand"], json!({ "topic": null }));
    }

    #[tokio::test]
    async fn an_expanded_record_that_the_caller_may_not_read_shows_its_id_alone() {
        let world = World::start().await;
        let note = world.create("notes", &json!({ "text": "secret" })).await;
        let post = world.create("posts", &json!({ "title": "Water", "source": note["id"] })).await;
        let expanded = format!("{}?expand=source", path("posts", &post));
        let owner = world.ask(Method::GET, &expanded, &world.ada, None).await;
        assert_eq!(owner.json()["expand"]["source"], note);
        for token in [&world.bob, ""] {
            let other = world.ask(Method::GET, &expanded, token, None).await;
            assert_eq!(other.json()["expand"]["source"], json!({ "id": note["id"] }));
            assert_eq!(other.header("cache-control"), Some("private, no-store"));
        }
        let bad_token = world.ask(Method::GET, &expanded, "nonsense", None).await;
        assert_eq!(bad_token.status, 401);
    }

    #[tokio::test]
    async fn what_a_query_says_wrong_is_named() {
        let world = World::start().await;
        let post = world.create("posts", &json!({ "title": "Water" })).await;
        for (query, named) in [
            ("fields=titel", "did you mean \\\"title\\\""),
            ("expand=title", "no relation"),
            ("expand=topic,topic", "twice"),
            ("fields=title&fields=title", "comes twice"),
            ("sort=title", "no parameter"),
        ] {
            let answer = world.origin.get(&format!("{}?{query}", path("posts", &post))).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (400, "bad-parameter".into()), "{query}");
            let body = String::from_utf8(answer.body.to_vec()).unwrap();
            assert!(body.contains(named), "{query}: {body}");
        }
    }
}
