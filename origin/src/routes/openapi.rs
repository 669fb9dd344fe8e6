//! `GET /v1/openapi.json`: the API of the declared collections, for programs.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;

use super::answer::{Public, etag_of};
use crate::app::App;
use crate::collections::collection::Lifetimes;
use crate::collections::openapi::document;

/// A start with other declarations brings another document; within a minute every edge has it.
const LIFETIMES: Lifetimes = Lifetimes { edge_s: 60, stale_s: 3600 };

/// 200 with the document.
pub async fn openapi(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let write = || document(&app.collections, app.password_characters_min).to_string().into();
    let body = app.openapi.get_or_init(write);
    let (etag, position) = (Some(etag_of(body)), app.database.tail.head());
    Public { lifetimes: LIFETIMES, tags: Vec::new(), position, etag }.json(&headers, body.clone())
}

#[cfg(test)]
mod tests {
    use http::{Method, StatusCode};
    use serde_json::{Value, json};

    use crate::collections::example;
    use crate::routes::testing::{Answer, Origin};

    async fn described(origin: &Origin) -> Value {
        origin.get("/v1/openapi.json").await.json()
    }

    /// Asks for every operation, without a token and with an empty body. Returns each with its answer.
    async fn asked(origin: &Origin, document: &Value) -> Vec<(Value, Answer)> {
        let mut answers = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            let path = path.replace("{id}", "0000000000000");
            for (method, operation) in item.as_object().unwrap() {
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                let mut ask = origin.ask(method.clone(), &path);
                if method != Method::GET {
                    ask = ask.json(&json!({}));
                }
                answers.push((operation.clone(), ask.send().await));
            }
        }
        answers
    }

    #[tokio::test]
    async fn the_document_is_public_and_may_be_stored() {
        let origin = Origin::start(example().unwrap()).await;
        let document = origin.get("/v1/openapi.json").await;
        assert_eq!(document.json()["openapi"], "3.1.1");
        assert!(document.header("cdn-cache-control").unwrap().starts_with("max-age=60"));
        let again = origin
            .ask(Method::GET, "/v1/openapi.json")
            .header("if-none-match", document.header("etag").unwrap());
        assert_eq!(again.send().await.status, StatusCode::NOT_MODIFIED);
    }

    #[tokio::test]
    async fn every_operation_is_answered_as_the_document_says() {
        let origin = Origin::start(example().unwrap()).await;
        let document = described(&origin).await;
        let answers = asked(&origin, &document).await;
        assert!(answers.len() > 20, "{}", answers.len());
        for (operation, answer) in answers {
            let what = format!("{}: {answer:?}", operation["operationId"]);
            let response = &operation["responses"][answer.status.as_str()];
            assert!(response.is_object(), "{what}");
            // The document says which operations need a token; the origin refuses exactly those without one.
            let needed = operation["security"].as_array().unwrap();
            let is_refresh = operation["operationId"] == "refresh"; // Its token is the body, or a cookie.
            let needs_token = is_refresh || !needed.is_empty() && !needed.contains(&json!({}));
            assert_eq!(answer.status == StatusCode::UNAUTHORIZED, needs_token, "{what}");
        }
    }
}
