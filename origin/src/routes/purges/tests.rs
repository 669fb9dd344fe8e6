use std::fs;

use axum::body::Body;
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use stepwell_shared::tags::Tag;
use tower::ServiceExt as _;

use crate::access::operator;
use crate::app::FromEdge;
use crate::routes::testing::{Answer, Origin};

async fn origin() -> Origin {
    Origin::start(crate::collections::example().unwrap()).await
}

async fn command(origin: &Origin, command: &Value) -> Answer {
    let token = fs::read_to_string(origin.folder.path().join("data").join(operator::FILE)).unwrap();
    origin.ask(Method::POST, "/v1/purges").bearer(&token).json(command).send().await
}

fn edge() -> FromEdge {
    FromEdge { name: "embedded".into() }
}

#[tokio::test]
async fn an_operators_purge_is_in_the_log() {
    let origin = origin().await;
    let purged = command(&origin, &json!({ "collections": ["posts"], "paths": ["/v1/docs"] })).await;
    assert_eq!(purged.status, StatusCode::OK);
    let outcome = purged.json();
    assert_eq!(outcome["tags"], json!(["collection/posts", "path//v1/docs"]));
    assert_eq!(outcome["bookmark"].as_str(), purged.header("stepwell-bookmark"));

    let page = origin.get("/v1/purges?after=0").await.json();
    let tags = [Tag::collection("posts").hash().to_string(), Tag::path("/v1/docs").hash().to_string()];
    assert_eq!(page["purges"], json!([{ "sequence": 1, "tags": tags }]));
    assert_eq!((&page["through"], &page["head"], &page["floor"]), (&json!(1), &json!(1), &json!(0)));
}

#[tokio::test]
async fn the_operators_own_address_takes_purges_as_well() {
    let origin = origin().await;
    let token = fs::read_to_string(origin.folder.path().join("data").join(operator::FILE)).unwrap();
    for (bearer, status) in [("", 401), (token.as_str(), 200)] {
        let request = Request::post("/v1/purges").header("content-type", "application/json");
        let request = request.header("authorization", format!("Bearer {bearer}"));
        let request = request.body(Body::from(r#"{"everything":true}"#)).unwrap();
        let answer = crate::routes::operator_router(origin.app.clone()).oneshot(request).await.unwrap();
        assert_eq!(answer.status(), status);
    }
    assert_eq!(origin.get("/v1/purges?after=0").await.json()["head"], 1);
}

#[tokio::test]
async fn only_the_operator_may_purge() {
    let origin = origin().await;
    let everything = json!({ "everything": true });
    let user = origin.token("ada@example.org").await;
    let nobody = origin.post("/v1/purges", &everything).await;
    let somebody = origin.ask(Method::POST, "/v1/purges").bearer(&user).json(&everything).send().await;
    for refused in [nobody, somebody] {
        assert_eq!((refused.status, refused.code().as_str()), (StatusCode::UNAUTHORIZED, "unauthenticated"));
    }
    assert_eq!(origin.get("/v1/purges?after=0").await.json()["purges"], json!([]));
}

#[tokio::test]
async fn a_wrong_command_purges_nothing() {
    let origin = origin().await;
    let wrong = command(&origin, &json!({ "everything": true, "collections": ["nothing"] })).await;
    assert_eq!((wrong.status.as_u16(), wrong.code().as_str()), (422, "invalid"));
    assert_eq!(origin.get("/v1/purges?after=0").await.json()["head"], 0);
}

#[tokio::test]
async fn a_dry_run_asks_the_edges_and_purges_nothing() {
    let origin = origin().await;
    let stream = origin
        .ask(Method::GET, "/v1/purges")
        .header("accept", "application/x-ndjson")
        .extension(edge())
        .open();
    let mut stream = stream.await.into_body();
    let answer = async {
        loop {
            let line = stream.frame().await.unwrap().unwrap().into_data().unwrap();
            assert_eq!(line.last(), Some(&b'\n'));
            let line: Value = serde_json::from_slice(&line).unwrap();
            if let Some(question) = line.get("census") {
                assert_eq!(question["tags"], json!([Tag::all().hash().to_string()]));
                let answer = json!({ "question": question["question"], "entries": 42 });
                let sent = origin
                    .ask(Method::POST, "/v1/purges/census")
                    .extension(edge())
                    .json(&answer)
                    .send()
                    .await;
                assert_eq!(sent.status, StatusCode::NO_CONTENT);
                break;
            }
        }
    };
    let asked = json!({ "everything": true, "dry_run": true });
    let (outcome, ()) = tokio::join!(command(&origin, &asked), answer);
    assert_eq!(
        outcome.json(),
        json!({ "dry_run": true, "tags": ["all"], "edges": [{ "edge": "embedded", "entries": 42 }] })
    );
    assert_eq!(origin.get("/v1/purges?after=0").await.json()["head"], 0);
}

#[tokio::test]
async fn whoever_is_no_edge_gets_a_page_and_cannot_answer() {
    let origin = origin().await;
    let asked = origin.ask(Method::GET, "/v1/purges").header("accept", "application/x-ndjson").send().await;
    assert_eq!(asked.header("content-type"), Some("application/json"));
    let answer = origin.post("/v1/purges/census", &json!({ "question": 1, "entries": 1 })).await;
    assert_eq!(answer.code(), "not-found");
    for wrong in ["/v1/purges?after=-1", "/v1/purges?before=1", "/v1/purges?after=1&after=2"] {
        assert_eq!(origin.get(wrong).await.code(), "bad-parameter", "{wrong}");
    }
}

#[tokio::test]
async fn an_edge_that_starts_learns_what_was_revoked_while_tokens_were_good() {
    let origin = origin().await;
    command(&origin, &json!({ "tags": ["account/0000000000007"] })).await;
    origin.clock.set(origin.clock.now().plus_ms(60 * 60 * 1000));
    command(&origin, &json!({ "tags": ["account/0000000000008", "other"] })).await;
    let page = origin.get("/v1/purges?since=oldest-token").await.json();
    let revoked = Tag::parse("account/0000000000008").unwrap().hash().to_string();
    assert_eq!((&page["after"], &page["purges"][0]["revoked"]), (&json!(1), &json!([revoked])));
    for wrong in ["/v1/purges?since=yesterday", "/v1/purges?since=oldest-token&after=1"] {
        assert_eq!(origin.get(wrong).await.code(), "bad-parameter", "{wrong}");
    }
}
