use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use stepwell_edge_core::authenticate::Authenticator;
use stepwell_edge_core::cache::rfc9111::options::Options;
use stepwell_edge_core::route;
use stepwell_edge_native::Settings;
use stepwell_edge_native::upstream::http_origin::{self, HttpOrigin};
use stepwell_shared::claims::KeySet;
use stepwell_shared::routes::RouteTable;
use stepwell_shared::time::Timestamp;
use tower::ServiceExt as _;

use super::*;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn alone(token: Option<&str>) -> Arc<Alone> {
    let settings = Settings {
        router: route::Router::new(RouteTable::any_origin()).unwrap(),
        authenticator: Authenticator { keys: KeySet::default(), audience: String::new() },
        http: Options::default(),
        rates: stepwell_edge_core::rate::Limits::default(),
        memory_bytes: 1 << 20,
        purge_slots: 16,
        seed: 1,
        log_silence_max_ms: 1000,
        clock: Arc::new(|| Timestamp::from_ms(0)),
    };
    let origin =
        HttpOrigin::new("http://127.0.0.1:9".parse().unwrap(), &http_origin::Settings::default()).unwrap();
    let token = token.map(SecretString::from);
    Alone::new(NativeEdge::new(settings, Arc::new(origin)), token.as_ref())
}

async fn ask(alone: &Arc<Alone>, method: Method, path: &str, token: &str, body: &Value) -> (u16, Value) {
    let request = Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json");
    let request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    let request = request.body(Body::from(body.to_string())).unwrap();
    let (head, body) = router(alone.clone()).oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (head.status.as_u16(), serde_json::from_slice(&body).unwrap())
}

async fn purge(alone: &Arc<Alone>, token: &str, command: &Value) -> (u16, Value) {
    ask(alone, Method::POST, "/v1/purges", token, command).await
}

#[tokio::test]
async fn it_is_ready_until_it_drains_and_lives_on() {
    let alone = alone(None);
    let get = async |path| ask(&alone, Method::GET, path, "", &Value::Null).await;
    assert_eq!(get("/readyz").await, (200, json!({ "status": "ready" })));
    alone.drain();
    let (status, problem) = get("/readyz").await;
    assert_eq!((status, &problem["code"]), (503, &json!("overloaded")));
    assert_eq!(get("/healthz").await.0, 200);
    assert_eq!(get("/v1/nothing").await.1["code"], "not-found");
}

#[tokio::test]
async fn without_a_token_nobody_purges_and_is_told_which_setting_is_missing() {
    let alone = alone(None);
    for token in ["", TOKEN] {
        let (status, problem) = purge(&alone, token, &json!({ "everything": true })).await;
        assert_eq!((status, &problem["code"]), (403, &json!("forbidden")));
        assert!(problem["detail"].as_str().unwrap().contains("operator.token_file"), "{problem}");
    }
    assert_eq!(alone.edge.purge_http(&[]).sequence, 0);
}

#[tokio::test]
async fn with_a_token_only_its_holder_purges() {
    let alone = alone(Some(TOKEN));
    for wrong in ["", &TOKEN.replace('0', "1")] {
        let (status, problem) = purge(&alone, wrong, &json!({ "everything": true })).await;
        assert_eq!((status, &problem["code"]), (401, &json!("unauthenticated")));
    }
    let (status, outcome) = purge(&alone, TOKEN, &json!({ "paths": ["/a"], "tags": ["B"] })).await;
    assert_eq!(status, 200);
    assert_eq!(outcome, json!({ "dry_run": false, "tags": ["b", "path//a"], "bookmark": "0-1" }));
}

#[tokio::test]
async fn a_dry_run_counts_and_purges_nothing() {
    let alone = alone(Some(TOKEN));
    let (status, outcome) = purge(&alone, TOKEN, &json!({ "everything": true, "dry_run": true })).await;
    assert_eq!((status, &outcome["edges"]), (200, &json!([{ "edge": "this edge", "entries": 0 }])));
    assert_eq!(alone.edge.purge_http(&[]).sequence, 0);
}

#[tokio::test]
async fn a_wrong_command_purges_nothing() {
    let alone = alone(Some(TOKEN));
    let (status, problem) =
        purge(&alone, TOKEN, &json!({ "everything": true, "collections": ["posts"] })).await;
    assert_eq!((status, &problem["code"]), (422, &json!("invalid")));
    assert_eq!(alone.edge.purge_http(&[]).sequence, 0);
}
