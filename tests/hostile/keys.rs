//! API keys: made up, stretched beyond their scopes, put where none is looked for, gone.

use http::Method;
use serde_json::{Value, json};
use stepwell_tests::answer::Answer;
use stepwell_tests::people::{Person, sign_up};
use stepwell_tests::raw::say;
use stepwell_tests::records::{Operation, batch, records};
use stepwell_tests::server::OPERATOR_TOKEN;

use crate::world::{SECRET, World, closing, told};

/// A key of this person's: its id and its text.
async fn make(world: &World, person: &Person, scopes: &[&str]) -> (String, String) {
    let new = json!({ "name": "a program", "scopes": scopes });
    let made = world.client.post("/v1/keys", &new).signed_in(person).send().await.expect(201).json();
    let text = |member: &str| made[member].as_str().expect("a key has both").to_owned();
    (text("id"), text("key"))
}

/// A private read, a private list and a change: each refused, and nothing of it told.
async fn opens_nothing(world: &World, name: &str, field: &str) {
    for target in [&*world.note.path, &records("notes")] {
        let answers = say(world.address(), closing(&format!("GET {target}"), &[field])).await;
        let [answer] = &answers[..] else { panic!("{name}: {answers:?}") };
        assert!(matches!(answer.status.as_u16(), 401 | 404 | 431), "{name}: {target}: {}", answer.text());
        assert!(!told(answer).contains(SECRET), "{name}: {target}");
    }
    let fields = [field, "Content-Type: application/json", "Content-Length: 16"];
    let post = closing(&format!("POST {}", records("posts")), &fields) + "{\"title\":\"evil\"}";
    let answers = say(world.address(), post).await;
    assert!(matches!(answers[0].status.as_u16(), 401 | 403 | 431), "{name}: {}", answers[0].text());
}

#[tokio::test]
async fn no_key_that_is_made_up_or_put_elsewhere_opens_anything() {
    let world = World::start().await;
    let bob = sign_up(&world.client, "bob").await;
    let (id, key) = make(&world, &world.ada, &["read", "write"]).await;
    let (others_id, others) = make(&world, &bob, &["read", "write"]).await;
    world.client.get(&world.note.path).bearer(&key).send().await.expect(200);
    world.client.get(&world.note.path).bearer(&others).send().await.expect(404);
    let secret = key.rsplit_once(&id).expect("a key says which it is").1;
    let others_secret = others.rsplit_once(&others_id).expect("a key says which it is").1;
    let bearer = |token: &str| format!("Authorization: Bearer {token}");
    let last = if key.ends_with('A') { "E" } else { "A" };
    for (name, field) in [
        ("a prefix", bearer("swk_")),
        ("no secret", bearer(&format!("swk_{id}"))),
        ("an empty secret", bearer(&format!("swk_{id}_"))),
        ("another's secret", bearer(&format!("swk_{id}{others_secret}"))),
        ("another's name", bearer(&format!("swk_{others_id}{}", secret.to_uppercase()))),
        ("another end", bearer(&format!("{}{last}", &key[..key.len() - 1]))),
        ("cut off", bearer(&key[..key.len() - 1])),
        ("drawn out", bearer(&format!("{key}A"))),
        ("padded", bearer(&format!("{key}="))),
        ("a key of keys", bearer(&format!("swk_{key}"))),
        ("as a refresh token", bearer(&key.replacen("swk_", "swr_", 1))),
        ("in other letters", bearer(&key.replacen("swk_", "SWK_", 1))),
        ("a pattern", bearer("swk_%_%")),
        ("a statement", bearer("swk_' OR 1=1 --_x")),
        ("huge", bearer(&format!("swk_{id}_{}", "A".repeat(8 * 1024)))),
        ("two", bearer(&format!("{key}, {key}"))),
        ("by another scheme", format!("Authorization: Basic {key}")),
        ("in a field of its own", format!("X-Api-Key: {key}")),
        ("in a cookie", format!("Cookie: __Host-stepwell-access={key}")),
        ("in the cookie of sessions", format!("Cookie: __Host-stepwell-refresh={key}")),
    ] {
        opens_nothing(&world, name, &field).await;
    }
    let query = format!("GET {}?key={key}", world.note.path);
    assert!(say(world.address(), closing(&query, &[])).await[0].status.is_client_error());
    world.hides(&world.note.path).await;
    world.serves_the_post().await;
}

#[tokio::test]
async fn a_key_does_nothing_that_its_scopes_do_not_say() {
    let world = World::start().await;
    let note = json!({ "text": "evil" });
    let password = json!({ "old": stepwell_tests::people::PASSWORD, "new": "known to the program" });
    let key = json!({ "name": "more", "scopes": ["read", "write"] });
    let role = json!({ "roles": ["operator"] });
    let account = format!("/v1/accounts/{}", world.ada.id);
    for scopes in [&["collection:posts:read"][..], &["collection:posts:write"], &["collection:topics:read"]] {
        let (id, text) = make(&world, &world.ada, scopes).await;
        let ask = async |method: Method, path: &str, body: Option<&Value>| -> Answer {
            let request = world.client.request(method, path).bearer(&text);
            if let Some(body) = body { request.json(body).send().await } else { request.send().await }
        };
        for (method, path, body) in [
            (Method::GET, world.note.path.clone(), None),
            (Method::GET, records("notes"), None),
            (Method::POST, records("notes"), Some(&note)),
            (Method::PATCH, world.note.path.clone(), Some(&note)),
            (Method::DELETE, world.note.path.clone(), None),
            // What is the account's own is no key's, whatever it may read and write.
            (Method::GET, "/v1/keys".to_owned(), None),
            (Method::POST, "/v1/keys".to_owned(), Some(&key)),
            (Method::DELETE, format!("/v1/keys/{id}"), None),
            (Method::GET, "/v1/sessions".to_owned(), None),
            (Method::DELETE, "/v1/sessions".to_owned(), None),
            (Method::PUT, "/v1/accounts/me/password".to_owned(), Some(&password)),
            (Method::PUT, format!("{account}/roles"), Some(&role)),
            (Method::POST, format!("{account}/ban"), Some(&note)),
        ] {
            let answer = ask(method.clone(), &path, body).await;
            let refused = matches!(answer.status.as_u16(), 401 | 403 | 404);
            assert!(refused, "{scopes:?}: {method} {path}: {}", answer.text());
            assert!(!told(&answer).contains(SECRET), "{scopes:?}: {method} {path}");
        }
        // A change that is not allowed takes the others of its batch with it.
        let operations =
            [Operation::create("posts", &json!({ "title": "evil" })), Operation::create("notes", &note)];
        let all = batch(&world.client, &operations).bearer(&text).send().await;
        assert!(all.status.is_client_error(), "{scopes:?}: {}", all.text());
    }
    let list = world.client.get(&records("posts")).send().await.expect(200);
    assert!(!told(&list).contains("evil"), "{}", list.text());
    world.client.get(&world.note.path).signed_in(&world.ada).send().await.expect(200);
    world.serves_the_post().await;
}

#[tokio::test]
async fn a_key_that_is_gone_or_whose_account_is_banned_opens_nothing_at_once() {
    let world = World::start().await;
    let bob = sign_up(&world.client, "bob").await;
    let (id, removed) = make(&world, &world.ada, &["read"]).await;
    let read = async |key: &str| {
        let answer = world.client.get(&world.note.path).bearer(key).send().await;
        answer.status.as_u16()
    };
    assert_eq!(read(&removed).await, 200);
    // Somebody else's cannot be removed, and is not told of.
    let path = format!("/v1/keys/{id}");
    world.client.delete(&path).signed_in(&bob).send().await.expect(404);
    assert_eq!(read(&removed).await, 200);
    world.client.delete(&path).signed_in(&world.ada).send().await.expect(204);
    assert_eq!(read(&removed).await, 401);

    let (_, banned) = make(&world, &world.ada, &["read"]).await;
    assert_eq!(read(&banned).await, 200);
    let ban = format!("/v1/accounts/{}/ban", world.ada.id);
    world.client.request(Method::POST, &ban).bearer(OPERATOR_TOKEN).send().await.expect(200);
    assert_eq!(read(&banned).await, 401);
    world.hides(&world.note.path).await;
    world.serves_the_post().await;
}
