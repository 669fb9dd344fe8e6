use http::Method;
use serde_json::{Value, json};

use crate::routes::records::testing::{World, path, records, text};
use crate::routes::testing::NOW;

const KEYS: &str = "/v1/keys";

async fn make(world: &World, scopes: &[&str]) -> Value {
    let made =
        world.ask(Method::POST, KEYS, &world.ada, Some(&json!({ "name": "import", "scopes": scopes }))).await;
    assert_eq!(made.status, 201, "{:?}", made.body);
    made.json()
}

#[tokio::test]
async fn a_key_is_shown_once_and_does_what_its_scopes_say() {
    let world = World::start().await;
    let made = make(&world, &["read", "collection:notes:write"]).await;
    let key = text(&made["key"]);
    let listed = world.ask(Method::GET, KEYS, &world.ada, None).await.json();
    assert_eq!(listed["items"][0]["scopes"], json!(["collection:notes:write", "read"]));
    assert!(!listed.to_string().contains(&key) && listed["items"][0]["last_used"].is_null(), "{listed}");

    let note = world.create_as(&key, "notes", &json!({ "text": "by a program" })).await;
    assert_eq!(note["owner"], json!(world.account(&world.ada).await));
    assert_eq!(world.ask(Method::GET, &path("notes", &note), &key, None).await.status, 200);
    assert_eq!(world.ask(Method::GET, "/v1/accounts/me", &key, None).await.status, 200);
    let post = world.ask(Method::POST, &records("posts"), &key, Some(&json!({ "title": "a" }))).await;
    assert_eq!((post.status.as_u16(), post.code().as_str()), (403, "forbidden"));
    let operations =
        json!({ "operations": [{ "method": "POST", "collection": "posts", "body": { "title": "a" } }] });
    assert_eq!(world.ask(Method::POST, "/v1/batch", &key, Some(&operations)).await.status, 403);

    let used = world.ask(Method::GET, KEYS, &world.ada, None).await.json();
    assert_eq!(used["items"][0]["last_used"], "2027-01-15");
}

#[tokio::test]
async fn a_narrow_key_shows_nothing_of_other_collections() {
    let world = World::start().await;
    let note = world.create("notes", &json!({ "text": "mine" })).await;
    let post = world.create("posts", &json!({ "title": "a", "source": note["id"] })).await;
    let key = text(&make(&world, &["collection:posts:read"]).await["key"]);
    let expanded = format!("{}?expand=source", path("posts", &post));
    let of = async |token: &str| {
        world.ask(Method::GET, &expanded, token, None).await.json()["expand"]["source"].clone()
    };
    assert_eq!(of(&world.ada).await["text"], "mine");
    assert_eq!(of(&key).await, json!({ "id": note["id"] }));
    for path in [path("notes", &note), records("notes"), "/v1/accounts/me".to_owned()] {
        assert_eq!(world.ask(Method::GET, &path, &key, None).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn a_key_decides_nothing_about_its_account() {
    let world = World::start().await;
    let made = make(&world, &["read", "write"]).await;
    let key = text(&made["key"]);
    let requests = [
        (Method::GET, KEYS, None),
        (Method::POST, KEYS, Some(json!({ "name": "more", "scopes": ["read"] }))),
        (Method::DELETE, "/v1/keys/0000000000001", None),
        (Method::GET, "/v1/sessions", None),
        (Method::DELETE, "/v1/sessions", None),
        (Method::PUT, "/v1/accounts/me/password", Some(json!({ "old": "a", "new": "b" }))),
    ];
    for (method, path, body) in requests {
        let refused = world.ask(method, path, &key, body.as_ref()).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "forbidden"), "{path}");
    }
    assert_eq!(world.ask(Method::GET, "/v1/accounts", &key, None).await.status, 401);
}

#[tokio::test]
async fn a_key_is_refused_once_it_is_removed_or_has_expired_or_is_made_up() {
    let world = World::start().await;
    let me = async |key: &str| world.ask(Method::GET, "/v1/accounts/me", key, None).await.status.as_u16();
    let made = make(&world, &["read"]).await;
    let key = text(&made["key"]);
    let other = text(&make(&world, &["read"]).await["key"]);
    let mixed = format!("{}{}", &key[..18], &other[18..]);
    assert_eq!((me(&key).await, me(&mixed).await, me("swk_").await), (200, 401, 401));

    let of_made = format!("{KEYS}/{}", text(&made["id"]));
    assert_eq!(world.ask(Method::DELETE, &of_made, &world.bob, None).await.status, 404);
    assert_eq!(world.ask(Method::DELETE, &of_made, &world.ada, None).await.status, 204);
    assert_eq!((me(&key).await, me(&other).await), (401, 200));

    let brief = json!({ "name": "brief", "scopes": ["read"], "expires": "2027-01-15T08:00:01Z" });
    let brief = text(&world.ask(Method::POST, KEYS, &world.ada, Some(&brief)).await.json()["key"]);
    assert_eq!(me(&brief).await, 200);
    world.origin.clock.set(NOW.plus_ms(1000));
    assert_eq!(me(&brief).await, 401);
    world.origin.app.database.forget_old(NOW.plus_ms(1000)).await.unwrap();
    let left = world.ask(Method::GET, KEYS, &world.ada, None).await.json();
    assert_eq!(left["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_wrong_with_a_new_key_is_told_at_once() {
    let world = World::start().await;
    let wrong = json!({ "name": " ", "scopes": ["read", "own", "collection:pots:read"], "expires": "2020-01-01T00:00:00Z" });
    let refused = world.ask(Method::POST, KEYS, &world.ada, Some(&wrong)).await.json();
    let pointers: Vec<_> =
        refused["errors"].as_array().unwrap().iter().map(|e| text(&e["pointer"])).collect();
    assert_eq!(pointers, ["/name", "/scopes/1", "/scopes/2", "/expires"]);
    let none = world.ask(Method::POST, KEYS, &world.ada, Some(&json!({ "name": "a", "scopes": [] }))).await;
    assert_eq!(none.code(), "invalid");
}
