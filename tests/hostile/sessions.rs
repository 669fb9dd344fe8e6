//! Refresh tokens that are stolen, made up, repeated or put where another credential belongs; and what is kept for people
//! whose right to it was taken.

use http::Method;
use serde_json::{Value, json};
use stepwell_tests::answer::Answer;
use stepwell_tests::client::Client;
use stepwell_tests::eventually::eventually;
use stepwell_tests::people::{PASSWORD, email, sign_up};
use stepwell_tests::project::Project;
use stepwell_tests::records::records;
use stepwell_tests::server::{OPERATOR_TOKEN, Server};

use crate::world::{SECRET, World, told};

async fn log_in(client: &Client, name: &str) -> Value {
    let credentials = json!({ "email": email(name), "password": PASSWORD });
    client.post("/v1/sessions", &credentials).send().await.expect(200).json()
}

fn text<'v>(session: &'v Value, member: &str) -> &'v str {
    session[member].as_str().unwrap_or_else(|| panic!("no {member} in {session}"))
}

async fn refresh(client: &Client, token: &str) -> Answer {
    client.post("/v1/sessions/refresh", &json!({ "refresh_token": token })).send().await
}

#[tokio::test]
async fn no_token_does_what_another_kind_of_token_does() {
    let world = World::start().await;
    let session = log_in(&world.client, "ada").await;
    let (access, refreshing) = (text(&session, "access_token"), text(&session, "refresh_token"));
    let key = json!({ "name": "a program", "scopes": ["read", "write"] });
    let key = world.client.post("/v1/keys", &key).bearer(access).send().await.expect(201).json();
    for target in [&*world.note.path, &records("notes"), "/v1/accounts/me", "/v1/sessions"] {
        let request = world.client.get(target);
        let cookie = |name: &str| format!("__Host-stepwell-{name}={refreshing}");
        for asked in [
            request.clone().bearer(refreshing),
            request.clone().header("cookie", &cookie("access")),
            request.clone().header("cookie", &cookie("refresh")),
            request.clone().bearer(OPERATOR_TOKEN),
        ] {
            let answer = asked.send().await.expect(401);
            assert!(!told(&answer).contains(SECRET), "{target}");
        }
    }
    for token in [access, text(&key, "key"), OPERATOR_TOKEN] {
        refresh(&world.client, token).await.expect(401);
    }
    let made = json!({ "name": "by a refresh token", "scopes": ["read"] });
    world.client.post("/v1/keys", &made).bearer(refreshing).send().await.expect(401);
    // None of it counts as the token's use.
    refresh(&world.client, refreshing).await.expect(200);
    world.serves_the_post().await;
}

#[tokio::test]
async fn no_refresh_token_that_is_made_up_renews_or_ends_a_session() {
    let world = World::start().await;
    sign_up(&world.client, "bob").await;
    let (hers, his) = (log_in(&world.client, "ada").await, log_in(&world.client, "bob").await);
    let (hers, his) = (text(&hers, "refresh_token"), text(&his, "refresh_token"));
    let parts = |token: &str| {
        let (session, rest) = token["swr_".len()..].split_once('_').expect("a session and more");
        let (family, own) = rest.split_at(43);
        [session.to_owned(), family.to_owned(), own[1..].to_owned()]
    };
    let ([session, family, own], [others_session, others_family, others_own]) = (parts(hers), parts(his));
    for token in [
        format!("swr_{others_session}_{family}_{own}"),
        format!("swr_{session}_{others_family}_{own}"),
        format!("swr_{session}_{others_family}_{others_own}"),
        format!("swr_{session}_{own}_{family}"),
        format!("swr_{session}_{family}"),
        format!("swr_{session}_{family}_"),
        format!("swr_{session}__{own}"),
        format!("swr_%_{family}_{own}"),
        format!("swr_' OR 1=1 --_{family}_{own}"),
        format!("{hers}="),
        format!(" {hers}"),
        format!("{hers}\n"),
        hers[..hers.len() - 1].to_owned(),
        hers.replacen("swr_", "SWR_", 1),
        hers.replacen("swr_", "", 1),
        format!("{hers}{}", "A".repeat(64 * 1024)),
        String::new(),
    ] {
        refresh(&world.client, &token).await.expect(401);
    }
    for body in [
        json!({ "refresh_token": [hers] }),
        json!({ "refresh_token": { "$ne": "" } }),
        json!({ "refresh_token": 7 }),
        json!({ "refresh_token": hers, "account": world.ada.id }),
        json!([hers]),
        json!(hers),
    ] {
        let refused = world.client.post("/v1/sessions/refresh", &body).send().await;
        assert!(matches!(refused.status.as_u16(), 400 | 401 | 422), "{body}: {}", refused.text());
        assert!(!told(&refused).contains("access_token"), "{body}");
    }
    // Whoever guesses ends nobody's session.
    refresh(&world.client, hers).await.expect(200);
    refresh(&world.client, his).await.expect(200);
    world.serves_the_post().await;
}

#[tokio::test]
async fn a_refresh_token_that_two_hold_ends_its_session_and_no_other() {
    let world = World::start().await;
    let bob = sign_up(&world.client, "bob").await;
    let (stolen, elsewhere) = (log_in(&world.client, "ada").await, log_in(&world.client, "ada").await);
    let stolen = text(&stolen, "refresh_token");
    // At the same moment: one line of tokens comes of it, however many ask.
    let asked: Vec<_> = (0..8)
        .map(|_| {
            let (client, token) = (world.client.clone(), stolen.to_owned());
            tokio::spawn(async move { refresh(&client, &token).await })
        })
        .collect();
    let mut next = Vec::new();
    for answer in asked {
        next.push(answer.await.expect("it is sent").expect(200).json());
    }
    assert!(next.iter().all(|one| one["refresh_token"] == next[0]["refresh_token"]));

    let thief = refresh(&world.client, text(&next[0], "refresh_token")).await.expect(200).json();
    let read = async |session: &Value| {
        let token = text(session, "access_token");
        world.client.get(&world.note.path).bearer(token).send().await.status.as_u16()
    };
    assert_eq!(read(&thief).await, 200);
    refresh(&world.client, stolen).await.expect(401);
    for token in [text(&thief, "refresh_token"), text(&next[0], "refresh_token"), stolen] {
        refresh(&world.client, token).await.expect(401);
    }
    // Not out of the store either.
    eventually("the thief reads nothing", async || read(&thief).await == 401).await;
    let renewed = refresh(&world.client, text(&elsewhere, "refresh_token")).await.expect(200).json();
    assert_eq!(read(&renewed).await, 200);
    world.client.get("/v1/accounts/me").signed_in(&bob).send().await.expect(200);
    world.serves_the_post().await;
}

/// What editors alone read and write.
const DESK: &str = r#"
name = "desk"
[fields]
text = { type = "text", max = 80 }
[rules]
read = "role:editor"
create = "role:editor"
"#;

#[tokio::test]
async fn what_is_kept_is_not_served_to_who_lost_the_right_to_it() {
    let server = Server::serving(Project::declaring(&[("desk", DESK)]));
    let client = server.client();
    let operate = async |method: Method, path: String, body: Value| {
        let request = client.request(method, &path).bearer(OPERATOR_TOKEN).json(&body);
        request.send().await.expect(200);
    };
    for taking in ["roles", "ban"] {
        let person = sign_up(&client, taking).await;
        let account = format!("/v1/accounts/{}", person.id);
        operate(Method::PUT, format!("{account}/roles"), json!({ "roles": ["editor"] })).await;
        // The token from before says less than the account may, and is refused from the moment that is known.
        let me = async |token: &str| client.get("/v1/accounts/me").bearer(token).send().await.status.as_u16();
        eventually("the token is of no use", async || me(&person.token).await == 401).await;
        let session = log_in(&client, taking).await;
        let token = text(&session, "access_token");
        let made = client.post(&records("desk"), &json!({ "text": SECRET })).bearer(token).send().await;
        let path = format!("{}/{}", records("desk"), text(&made.expect(201).json(), "id"));
        let read = |path: &str| client.get(path).bearer(token);
        eventually("it is kept", async || read(&path).send().await.expect(200).cache_status().hit).await;

        let (method, body) =
            if taking == "ban" { (Method::POST, json!({})) } else { (Method::PUT, json!({ "roles": [] })) };
        operate(method, format!("{account}/{taking}"), body).await;
        eventually("it is refused", async || read(&path).send().await.status == 401).await;
        for asked in [
            read(&path),
            read(&records("desk")),
            read(&path).header("cache-control", "only-if-cached, max-stale"),
            read(&path).header("if-none-match", "*"),
            read(&path).header("range", "bytes=0-9"),
            client.get(&path).header("cookie", &format!("__Host-stepwell-access={token}")),
        ] {
            let refused = asked.send().await.expect(401);
            assert!(!told(&refused).contains(SECRET), "{taking}: {}", refused.what);
        }
        let again = refresh(&client, text(&session, "refresh_token")).await;
        assert_eq!(again.status.as_u16(), if taking == "ban" { 401 } else { 200 });
        if taking == "roles" {
            let renewed = again.json();
            let refused = client.get(&path).bearer(text(&renewed, "access_token")).send().await.expect(404);
            assert!(!told(&refused).contains(SECRET));
        }
    }
}
