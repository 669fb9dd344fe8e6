//! `POST /v1/collections/{collection}/records`

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{ETAG, LOCATION};
use http::{HeaderValue, StatusCode};
use stepwell_shared::ids::Id;

use super::problems::refusal;
use super::{change, etag};
use crate::app::App;
use crate::catalog::Served;
use crate::domain::caller::Caller;
use crate::domain::record::Record;
use crate::domain::{access, validate};
use crate::routes::body::JsonBytes;
use crate::routes::idempotency::{Created, IdempotencyKey, keep, replay};
use crate::routes::records::named;
use crate::routes::refused::Refused;

/// Creates a record that belongs to the caller. With an `Idempotency-Key`, a repeat gets the first answer.
pub async fn create(
    State(app): State<Arc<App>>,
    Path(collection): Path<String>,
    caller: Option<Caller>,
    key: IdempotencyKey,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Refused> {
    let served = Arc::clone(named::collection(&app.records, &collection)?);
    access::create(served.collection(), caller.as_ref()).map_err(refusal)?;
    let owner = caller.as_ref().map(|caller| caller.account);
    let repeatable = key.over(scope(owner, &collection), &body);
    let values = validate::create(served.collection(), &body)?;
    let now = app.clock.now();
    let record = change::new_record(&served, &app.ids, owner, values, now);
    let answered = app.database.primary.write(move |transaction| {
        Box::pin(async move {
            if let Some(answered) = replay(transaction, repeatable.as_ref()).await? {
                return Ok(answered);
            }
            change::create(transaction, &served, caller.as_ref(), &record).await?;
            keep(transaction, repeatable.as_ref(), created(&served, &record), now).await
        })
    });
    Ok(answered.await?.value.into_response())
}

/// Whose keys these are: two callers, or two collections, may use the same one.
fn scope(owner: Option<Id>, collection: &str) -> String {
    let owner = owner.map_or_else(|| "anybody".to_owned(), |account| account.to_string());
    format!("{owner} creates {collection}")
}

fn created(served: &Served, record: &Record) -> Created {
    let mut body = Vec::new();
    served.whole.write(record, &[], &mut body);
    let location = HeaderValue::from_str(&served.path(record.id));
    let location = location.expect("names of collections and ids are letters, digits and underscores");
    let headers = vec![(LOCATION, location), (ETAG, etag::of_record(record.version, &body))];
    Created { status: StatusCode::CREATED, headers, body: body.into() }
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::json;

    use crate::routes::records::testing::{World, path, records, text};
    use crate::routes::refused::Refused;

    #[tokio::test]
    async fn a_record_is_answered_whole_with_its_place_and_its_bookmark() {
        let world = World::start().await;
        let body = json!({ "title": "Water", "rank": 3 });
        let answer = world.ask(Method::POST, &records("posts"), &world.ada, Some(&body)).await;
        assert_eq!(answer.status, 201);
        let record = answer.json();
        assert_eq!(
            (&record["title"], &record["rank"], &record["slug"]),
            (&json!("Water"), &json!(3), &json!(null))
        );
        assert_eq!(
            (&record["version"], &record["owner"]),
            (&json!(1), &json!(world.account(&world.ada).await))
        );
        assert_eq!(answer.header("location"), Some(path("posts", &record).as_str()));
        assert_eq!(answer.header("cache-control"), Some("private, no-store"));
        assert!(answer.header("stepwell-bookmark").is_some());
        let read = world.origin.get(&path("posts", &record)).await;
        assert_eq!((read.json(), read.header("etag")), (record, answer.header("etag")));
    }

    #[tokio::test]
    async fn the_rules_say_who_creates() {
        let world = World::start().await;
        let guest = json!({ "name": "Eve" });
        assert_eq!(world.create_as("", "guests", &guest).await["owner"], json!(null));
        let post = json!({ "title": "Water" });
        let nobody = world.ask(Method::POST, &records("posts"), "", Some(&post)).await;
        assert_eq!((nobody.status.as_u16(), nobody.code()), (401, "unauthenticated".into()));
        let elsewhere = world.ask(Method::POST, &records("pots"), &world.ada, Some(&post)).await;
        assert_eq!(elsewhere.status, 404);
        let bad_token = world.ask(Method::POST, &records("guests"), "nonsense", Some(&guest)).await;
        assert_eq!(bad_token.status, 401);
    }

    #[tokio::test]
    async fn a_token_that_outlived_its_account_creates_nothing() {
        let world = World::start().await;
        let forget = world.origin.app.database.primary.write(|transaction| {
            Box::pin(async move {
                transaction.execute(sqlx::query("DELETE FROM stepwell_accounts")).await.map_err(Refused::from)
            })
        });
        assert_eq!(forget.await.unwrap().value, 2);
        let body = json!({ "title": "Water" });
        let answer = world.ask(Method::POST, &records("posts"), &world.ada, Some(&body)).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (401, "unauthenticated".into()));
    }

    #[tokio::test]
    async fn wrong_values_are_told_each_with_its_place() {
        let world = World::start().await;
        world.create("posts", &json!({ "title": "a", "slug": "taken" })).await;
        let refused = async |body| {
            let answer = world.ask(Method::POST, &records("posts"), &world.ada, Some(&body)).await;
            let error = answer.json()["errors"][0].clone();
            (answer.status.as_u16(), text(&error["pointer"]), text(&error["code"]))
        };
        assert_eq!(refused(json!({})).await, (422, "/title".into(), "required".into()));
        let taken = json!({ "title": "b", "slug": "taken" });
        assert_eq!(refused(taken).await, (409, "/slug".into(), "unique".into()));
        let missing = json!({ "title": "b", "topic": "0000000000001" });
        assert_eq!(refused(missing).await, (422, "/topic".into(), "missing".into()));
    }

    #[tokio::test]
    async fn a_repeat_with_its_key_gets_the_first_answer_and_creates_nothing() {
        let world = World::start().await;
        let create = async |token: &str, key: &str, title: &str| {
            let ask = world.origin.ask(Method::POST, &records("posts")).bearer(token);
            ask.header("idempotency-key", key).json(&json!({ "title": title })).send().await
        };
        let first = create(&world.ada, "k", "Water").await;
        let again = create(&world.ada, "k", "Water").await;
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        for header in ["location", "etag", "stepwell-bookmark"] {
            assert_eq!(again.header(header), first.header(header), "{header}");
        }
        assert_eq!(create(&world.ada, "k", "Wine").await.code(), "idempotency-mismatch");
        assert_ne!(create(&world.bob, "k", "Water").await.body, first.body);
        let count = world.origin.get(&format!("{}?count=true", records("posts"))).await;
        assert_eq!(count.json()["count"], json!(2));
    }

    #[tokio::test]
    async fn a_refused_create_leaves_its_key_free() {
        let world = World::start().await;
        world.create("topics", &json!({ "name": "wells" })).await;
        let create = async |name: &str| {
            let ask = world.origin.ask(Method::POST, &records("topics")).bearer(&world.ada);
            ask.header("idempotency-key", "k").json(&json!({ "name": name })).send().await
        };
        assert_eq!(create("wells").await.code(), "conflict");
        assert_eq!(create("steps").await.status, 201);
    }
}
