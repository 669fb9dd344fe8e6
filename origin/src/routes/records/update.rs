//! `PATCH /v1/collections/{collection}/records/{id}`

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use http::header::ETAG;

use super::change::Target;
use super::etag::{self, Precondition};
use super::named::{self, parse_id};
use super::problems::refusal;
use crate::app::App;
use crate::domain::caller::{Caller, Deed};
use crate::domain::{access, validate};
use crate::routes::answer;
use crate::routes::body::JsonBytes;
use crate::routes::refused::Refused;

/// Changes a record by a merge patch (RFC 7396) and answers it whole. With `If-Match`, only the version that it names.
pub async fn update(
    State(app): State<Arc<App>>,
    Path((collection, id)): Path<(String, String)>,
    caller: Option<Caller>,
    precondition: Precondition,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Refused> {
    let served = Arc::clone(named::collection(&app.records, &collection)?);
    access::may_try(served.collection(), Deed::Update, caller.as_ref()).map_err(refusal)?;
    let patch = validate::patch(served.collection(), &body)?;
    let target = Target { served: Arc::clone(&served), id: parse_id(&id)?, caller, precondition };
    let now = app.clock.now();
    let committed = app
        .database
        .primary
        .write(move |transaction| Box::pin(async move { target.update(transaction, &patch, now).await }));
    let committed = committed.await?;
    let mut body = Vec::new();
    served.whole.write(&committed.value, &[], &mut body);
    let etag = etag::of_record(committed.value.version, &body);
    let mut response = answer::written(StatusCode::OK, body, committed.position);
    response.headers_mut().insert(ETAG, etag);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::json;

    use crate::routes::records::testing::{World, path, text};

    #[tokio::test]
    async fn a_merge_patch_changes_what_it_mentions() {
        let world = World::start().await;
        let body = json!({ "title": "Water", "rank": 1, "slug": "w", "extra": { "a": 1, "b": { "c": 2 } } });
        let post = world.create("posts", &body).await;
        world.origin.clock.set(crate::routes::testing::NOW.plus_ms(5));
        let patch = json!({ "rank": 2, "slug": null, "extra": { "b": { "c": null, "d": 3 } } });
        let answer = world.ask(Method::PATCH, &path("posts", &post), &world.ada, Some(&patch)).await;
        assert_eq!(answer.status, 200);
        let after = answer.json();
        assert_eq!(
            (&after["title"], &after["rank"], &after["slug"]),
            (&json!("Water"), &json!(2), &json!(null))
        );
        assert_eq!(after["extra"], json!({ "a": 1, "b": { "d": 3 } }));
        assert_eq!((&after["version"], &after["created"]), (&json!(2), &post["created"]));
        assert_ne!(after["updated"], post["updated"]);
        let read = world.origin.get(&path("posts", &post)).await;
        assert_eq!((read.json(), read.header("etag")), (after, answer.header("etag")));
    }

    #[tokio::test]
    async fn a_patch_that_changes_nothing_writes_nothing() {
        let world = World::start().await;
        let post = world.create("posts", &json!({ "title": "Water" })).await;
        let head = world.origin.app.database.tail.head();
        let same = json!({ "title": "Water" });
        let answer = world.ask(Method::PATCH, &path("posts", &post), &world.ada, Some(&same)).await;
        assert_eq!(answer.json(), post);
        assert_eq!(world.origin.app.database.tail.head(), head);
    }

    #[tokio::test]
    async fn a_lost_race_is_noticed() {
        let world = World::start().await;
        let post = world.create("posts", &json!({ "title": "Water" })).await;
        let seen = text(&json!(world.origin.get(&path("posts", &post)).await.header("etag")));
        let patch = async |if_match: &str, title: &str| {
            let ask = world.origin.ask(Method::PATCH, &path("posts", &post)).bearer(&world.ada);
            ask.header("if-match", if_match).json(&json!({ "title": title })).send().await
        };
        assert_eq!(patch(&seen, "Wine").await.status, 200);
        let lost = patch(&seen, "Beer").await;
        assert_eq!((lost.status.as_u16(), lost.code()), (412, "version-mismatch".into()));
        assert_eq!(patch("\"v2\", \"v9\"", "Tea").await.status, 200);
        assert_eq!(patch("*", "Milk").await.status, 200);
        assert_eq!(world.origin.get(&path("posts", &post)).await.json()["title"], json!("Milk"));
    }

    #[tokio::test]
    async fn no_update_is_lost_when_many_read_and_write_at_once() {
        let world = World::start().await;
        let post = world.create("posts", &json!({ "title": "0", "extra": {} })).await;
        let patches =
            (0..20).map(|n| {
                let patch = json!({ "extra": { format!("k{n}"): n } });
                let (world, post) = (&world, &post);
                async move {
                    world.ask(Method::PATCH, &path("posts", post), &world.ada, Some(&patch)).await.status
                }
            });
        let statuses = futures_util::future::join_all(patches).await;
        assert!(statuses.iter().all(|status| *status == 200));
        let after = world.origin.get(&path("posts", &post)).await.json();
        assert_eq!((after["extra"].as_object().unwrap().len(), &after["version"]), (20, &json!(21)));
    }

    #[tokio::test]
    async fn only_whom_the_rule_names_changes_a_record() {
        let world = World::start().await;
        let post = world.create("posts", &json!({ "title": "Water" })).await;
        let note = world.create("notes", &json!({ "text": "mine" })).await;
        let status = async |collection, record, token: &str, body| {
            world.ask(Method::PATCH, &path(collection, record), token, Some(&body)).await.status.as_u16()
        };
        let title = json!({ "title": "x" });
        assert_eq!(status("posts", &post, &world.bob, title.clone()).await, 403);
        assert_eq!(status("posts", &post, "", title.clone()).await, 401);
        // Whoever may not read it does not learn that it is there.
        assert_eq!(status("notes", &note, &world.bob, json!({ "text": "x" })).await, 404);
        let absent = json!({ "id": "0000000000001" });
        assert_eq!(status("posts", &absent, &world.ada, title).await, 404);
        assert_eq!(world.origin.get(&path("posts", &post)).await.json(), post);
    }

    #[tokio::test]
    async fn wrong_values_change_nothing() {
        let world = World::start().await;
        world.create("posts", &json!({ "title": "a", "slug": "taken" })).await;
        let post = world.create("posts", &json!({ "title": "b", "slug": "mine" })).await;
        for (patch, status, pointer) in [
            (json!({ "title": null }), 422, "/title"),
            (json!({ "rank": "high" }), 422, "/rank"),
            (json!({ "version": 7 }), 422, "/version"),
            (json!({ "rank": 1, "slug": "taken" }), 409, "/slug"),
            (json!({ "rank": 1, "topic": "0000000000001" }), 422, "/topic"),
        ] {
            let answer = world.ask(Method::PATCH, &path("posts", &post), &world.ada, Some(&patch)).await;
            assert_eq!(answer.status, status, "{patch}");
            assert_eq!(answer.json()["errors"][0]["pointer"], json!(pointer));
        }
        assert_eq!(world.origin.get(&path("posts", &post)).await.json(), post);
    }
}
