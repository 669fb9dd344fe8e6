use http::{Method, StatusCode};
use stepwell_shared::api::edge::PATH;

use super::*;
use crate::app::{App, FromEdge};
use crate::audit::beside;
use crate::collections::collection::Rule;
use crate::routes::testing::Origin;

async fn briefing(origin: &Origin) -> EdgeBriefing {
    let edge = FromEdge { name: "one".into() };
    let answer = origin.ask(Method::GET, PATH).extension(edge).send().await;
    assert_eq!(answer.status, StatusCode::OK);
    serde_json::from_slice(&answer.body).unwrap()
}

async fn purges(origin: &Origin) -> u64 {
    origin.get("/v1/purges").await.json()["head"].as_u64().unwrap()
}

/// What the audit log says.
async fn noted(origin: &Origin) -> Vec<String> {
    let mut noted = Vec::new();
    let folder = origin.folder.path().join("data");
    beside::read(&folder, None, None, |row| noted.push(row.what)).await.unwrap();
    noted
}

#[tokio::test]
async fn an_edge_is_told_what_it_decides_by_and_nobody_else_is() {
    let origin = Origin::start(crate::collections::example().unwrap()).await;
    let told = briefing(&origin).await;
    assert_eq!(told.routes, origin.app.routes);
    let keys: Vec<_> = told.jwks.keys.iter().map(|jwk| jwk.key().unwrap()).collect();
    let published = origin.app.tokens.keys().set().all();
    assert_eq!(keys, published.into_iter().map(|(_, key)| key).collect::<Vec<_>>());
    let page = origin.get("/v1/purges").await.json();
    assert_eq!(page["revision"], told.revision);
    assert_eq!(origin.get(PATH).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_start_purges_what_was_stored_under_other_declarations_and_nothing_else() {
    let mut collections = crate::collections::example().unwrap();
    let origin = Origin::start(collections.clone()).await;
    assert_eq!(purges(&origin).await, 0);
    let before = (0, briefing(&origin).await.revision);

    let origin = origin.restart().await;
    assert_eq!((purges(&origin).await, briefing(&origin).await.revision), before);

    collections.get_mut("posts").unwrap().rules.read = Rule::Owner;
    let origin = origin.restart_with(collections).await;
    assert_eq!(purges(&origin).await, 1);
    assert_ne!(briefing(&origin).await.revision, before.1);
    assert_eq!(noted(&origin).await, ["declarations-changed"]);
}

#[tokio::test]
async fn a_start_with_other_edges_is_noted_and_purges_nothing() {
    let origin = Origin::start(crate::collections::example().unwrap()).await;
    let start = async |digit: &str| {
        let App { collections, routes, tokens, database, clock, .. } = &*origin.app;
        let mut edges = EdgeKeys::default();
        edges.insert("fra-1".parse().unwrap(), digit.repeat(64).parse().unwrap()).unwrap();
        let briefing = Briefing::new(collections, routes, tokens.audience(), OtherOrigins::default(), &edges);
        briefing.publish(database, tokens, clock.now()).await.unwrap();
        noted(&origin).await
    };
    assert_eq!(start("a").await, ["edges-changed"]);
    assert_eq!(start("a").await, ["edges-changed"]);
    assert_eq!(start("b").await, ["edges-changed"; 2]);
    assert_eq!(purges(&origin).await, 0);
}
