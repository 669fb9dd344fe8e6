use http::{Method, StatusCode};
use stepwell_shared::security;

use super::testing::Origin;
use crate::collections::Collections;

#[tokio::test]
async fn what_does_not_exist_is_a_problem() {
    let origin = Origin::start(Collections::new()).await;
    let unknown = origin.get("/v1/nothing").await;
    assert_eq!((unknown.status, unknown.code().as_str()), (StatusCode::NOT_FOUND, "not-found"));
    let method = origin.ask(Method::DELETE, "/v1/accounts").send().await;
    assert_eq!((method.status.as_u16(), method.code().as_str()), (405, "method-not-allowed"));
    assert_eq!(method.header("allow"), Some("GET,HEAD,POST"));
}

#[tokio::test]
async fn health_and_readiness_answer_until_the_database_is_closed() {
    let origin = Origin::start(Collections::new()).await;
    assert_eq!(origin.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(origin.get("/readyz").await.status, StatusCode::OK);
    origin.app.database.close().await;
    assert_eq!(origin.get("/healthz").await.status, StatusCode::OK);
    let closed = origin.get("/readyz").await;
    assert_eq!((closed.status.as_u16(), closed.code().as_str()), (503, "overloaded"));
}

#[tokio::test]
async fn the_keys_are_public_and_may_be_stored() {
    let origin = Origin::start(Collections::new()).await;
    let keys = origin.get("/.well-known/jwks.json").await;
    assert_eq!(keys.json()["keys"][0]["kty"], "OKP");
    assert!(keys.header("cdn-cache-control").unwrap().starts_with("max-age=300"));
    let known = origin
        .ask(Method::GET, "/.well-known/jwks.json")
        .header("if-none-match", keys.header("etag").unwrap());
    assert_eq!(known.send().await.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn the_document_describes_what_is_declared() {
    let origin = Origin::start(crate::collections::example().unwrap()).await;
    let document = origin.get("/v1/openapi.json").await;
    assert_eq!(document.json()["openapi"], "3.1.1");
    assert!(document.json()["paths"].get("/v1/collections/posts/records").is_some());
    assert!(document.header("cdn-cache-control").is_some());
}

#[tokio::test]
async fn every_answer_asks_browsers_for_caution() {
    let origin = Origin::start(crate::collections::example().unwrap()).await;
    for path in ["/healthz", "/v1/collections/posts/records", "/v1/accounts/me", "/nothing", "/v1/docs", "/"]
    {
        let answer = origin.get(path).await;
        for (name, value) in security::FIELDS {
            let said = answer.headers.get_all(&name).iter().collect::<Vec<_>>();
            // Pages run scripts of their own, and a policy of their own says so.
            let has_its_own = name == "content-security-policy" && matches!(path, "/" | "/v1/docs");
            assert_eq!(said.len(), 1, "{path}: {name}");
            assert_eq!(*said[0] == value, !has_its_own, "{path}: {name}");
        }
    }
}

#[tokio::test]
async fn nobody_is_told_of_a_contact_that_is_not_configured() {
    let origin = Origin::start(Collections::new()).await;
    assert_eq!(origin.get("/.well-known/security.txt").await.status, StatusCode::NOT_FOUND);
}
