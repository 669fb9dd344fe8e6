//! `DELETE /v1/collections/{collection}/records/{id}`

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;

use super::change::Target;
use super::etag::Precondition;
use super::named::{self, parse_id};
use super::problems::refusal;
use crate::app::App;
use crate::domain::access;
use crate::domain::caller::{Caller, Deed};
use crate::routes::answer;
use crate::routes::refused::Refused;

/// Removes a record that no other refers to. With `If-Match`, only the version that it names.
pub async fn delete(
    State(app): State<Arc<App>>,
    Path((collection, id)): Path<(String, String)>,
    caller: Option<Caller>,
    precondition: Precondition,
) -> Result<Response, Refused> {
    let served = Arc::clone(named::collection(&app.records, &collection)?);
    access::may_try(served.collection(), Deed::Delete, caller.as_ref()).map_err(refusal)?;
    let target = Target { served, id: parse_id(&id)?, caller, precondition };
    let committed = app
        .database
        .primary
        .write(move |transaction| Box::pin(async move { target.delete(transaction).await }));
    Ok(answer::written(StatusCode::NO_CONTENT, Bytes::new(), committed.await?.position))
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::json;

    use crate::routes::records::testing::{World, path};

    #[tokio::test]
    async fn a_removed_record_is_gone() {
        let world = World::start().await;
        let post = world.create("posts", &json!({ "title": "Water" })).await;
        let answer = world.ask(Method::DELETE, &path("posts", &post), &world.ada, None).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
        assert!(answer.header("stepwell-bookmark").is_some());
        assert_eq!(world.origin.get(&path("posts", &post)).await.status, 404);
        let again = world.ask(Method::DELETE, &path("posts", &post), &world.ada, None).await;
        assert_eq!(again.status, 404);
    }

    #[tokio::test]
    async fn a_record_that_others_refer_to_stays() {
        let world = World::start().await;
        let topic = json!({ "id": world.topic("wells").await });
        let post = world.create("posts", &json!({ "title": "Water", "topic": topic["id"] })).await;
        let refused = world.ask(Method::DELETE, &path("topics", &topic), &world.ada, None).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (409, "in-use".into()));
        assert!(refused.json()["detail"].as_str().unwrap().contains("posts"));
        world.ask(Method::DELETE, &path("posts", &post), &world.ada, None).await;
        let done = world.ask(Method::DELETE, &path("topics", &topic), &world.ada, None).await;
        assert_eq!(done.status, 204);
    }

    #[tokio::test]
    async fn rules_and_preconditions_hold() {
        let world = World::start().await;
        let post = world.create("posts", &json!({ "title": "Water" })).await;
        let path = path("posts", &post);
        assert_eq!(world.ask(Method::DELETE, &path, &world.bob, None).await.status, 403);
        assert_eq!(world.ask(Method::DELETE, &path, "", None).await.status, 401);
        let stale = world.origin.ask(Method::DELETE, &path).bearer(&world.ada).header("if-match", "\"v2\"");
        assert_eq!(stale.send().await.code(), "version-mismatch");
        let fresh = world.origin.ask(Method::DELETE, &path).bearer(&world.ada).header("if-match", "\"v1\"");
        assert_eq!(fresh.send().await.status, 204);
    }
}
