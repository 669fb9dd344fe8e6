use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::access::refresh::GRACE_MS;
use crate::collections::Collections;
use crate::routes::testing::{Answer, NOW, Origin};

const PASSWORD: &str = "correct horse battery";

async fn log_in(origin: &Origin) -> Value {
    let session =
        origin.post("/v1/sessions", &json!({ "email": "ada@example.org", "password": PASSWORD })).await;
    assert_eq!(session.status, StatusCode::OK, "{:?}", session.body);
    session.json()
}

async fn with_ada() -> (Origin, Value) {
    let origin = Origin::start(Collections::new()).await;
    origin.post("/v1/accounts", &json!({ "email": "ada@example.org", "password": PASSWORD })).await;
    let session = log_in(&origin).await;
    (origin, session)
}

fn text<'v>(session: &'v Value, member: &str) -> &'v str {
    session[member].as_str().unwrap_or_else(|| panic!("no {member} in {session}"))
}

async fn refresh(origin: &Origin, session: &Value) -> Answer {
    origin.post("/v1/sessions/refresh", &json!({ "refresh_token": session["refresh_token"] })).await
}

async fn me(origin: &Origin, session: &Value) -> StatusCode {
    origin.ask(Method::GET, "/v1/accounts/me").bearer(text(session, "access_token")).send().await.status
}

#[tokio::test]
async fn a_session_is_renewed_again_and_again_and_each_time_anew() {
    let (origin, first) = with_ada().await;
    assert_eq!((&first["expires_in"], &first["refresh_expires_in"]), (&json!(900), &json!(30 * 86_400)));
    let mut session = first;
    for day in 1..=40 {
        origin.clock.set(NOW.plus_ms(day * 86_400_000));
        assert_eq!(me(&origin, &session).await, StatusCode::UNAUTHORIZED, "the access token has run out");
        let next = refresh(&origin, &session).await;
        assert_eq!(next.status, StatusCode::OK);
        assert_eq!(next.header("cache-control"), Some("private, no-store"));
        let next = next.json();
        assert_ne!(next["refresh_token"], session["refresh_token"]);
        assert_eq!((me(&origin, &next).await, &next["account"]), (StatusCode::OK, &session["account"]));
        session = next;
    }
    origin.clock.set(NOW.plus_ms((40 + 30) * 86_400_000));
    assert_eq!(refresh(&origin, &session).await.code(), "unauthenticated");
    origin.app.database.forget_old(NOW.plus_ms((40 + 30) * 86_400_000)).await.unwrap();
}

#[tokio::test]
async fn a_token_that_comes_again_ends_its_session_and_every_access_token() {
    let (origin, stolen) = with_ada().await;
    let elsewhere = log_in(&origin).await;
    let second = refresh(&origin, &stolen).await.json();
    let third = refresh(&origin, &second).await.json();
    // Two refreshes ago: not one that a client repeats.
    assert_eq!(refresh(&origin, &stolen).await.code(), "unauthenticated");
    assert_eq!(refresh(&origin, &third).await.code(), "unauthenticated");
    for session in [&third, &elsewhere] {
        assert_eq!(me(&origin, session).await, StatusCode::UNAUTHORIZED);
    }
    // The other session lives: its holder gets an access token again.
    let renewed = refresh(&origin, &elsewhere).await.json();
    assert_eq!(me(&origin, &renewed).await, StatusCode::OK);
}

#[tokio::test]
async fn a_lost_answer_is_answered_again_within_the_grace_and_ends_the_session_after_it() {
    let (origin, first) = with_ada().await;
    let second = refresh(&origin, &first).await.json();
    origin.clock.set(NOW.plus_ms(GRACE_MS));
    let again = refresh(&origin, &first).await.json();
    assert_eq!(again["refresh_token"], second["refresh_token"]);
    assert_eq!((me(&origin, &again).await, me(&origin, &second).await), (StatusCode::OK, StatusCode::OK));
    origin.clock.set(NOW.plus_ms(GRACE_MS + 1));
    assert_eq!(refresh(&origin, &first).await.code(), "unauthenticated");
    assert_eq!(refresh(&origin, &second).await.code(), "unauthenticated");
    assert_eq!(me(&origin, &again).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn made_up_tokens_end_nothing_and_get_one_answer() {
    let (origin, session) = with_ada().await;
    let token = text(&session, "refresh_token");
    let other = log_in(&origin).await;
    // Another session's secrets under this session's id.
    let mixed = format!("{}{}", &token[..18], &text(&other, "refresh_token")[18..]);
    let mut answers = Vec::new();
    for wrong in [mixed.as_str(), "swr_", "", text(&session, "access_token")] {
        answers.push(origin.post("/v1/sessions/refresh", &json!({ "refresh_token": wrong })).await);
    }
    for answer in &answers {
        assert_eq!((answer.status.as_u16(), &answer.body), (401, &answers[0].body));
    }
    let nothing = origin.ask(Method::POST, "/v1/sessions/refresh").send().await;
    assert_eq!(nothing.code(), "unauthenticated");
    assert_eq!(refresh(&origin, &session).await.status, StatusCode::OK);
}

#[tokio::test]
async fn signing_out_ends_this_session_alone_or_all() {
    let (origin, here) = with_ada().await;
    let (there, anywhere) = (log_in(&origin).await, log_in(&origin).await);
    let out =
        |session: &Value, path| origin.ask(Method::DELETE, path).bearer(text(session, "access_token")).send();
    let done = out(&here, "/v1/sessions/current").await;
    assert_eq!((done.status, done.body.len()), (StatusCode::NO_CONTENT, 0));
    assert_eq!(
        (me(&origin, &here).await, me(&origin, &there).await),
        (StatusCode::UNAUTHORIZED, StatusCode::OK)
    );
    assert_eq!(refresh(&origin, &here).await.code(), "unauthenticated");

    assert_eq!(out(&there, "/v1/sessions").await.status, StatusCode::NO_CONTENT);
    for session in [&there, &anywhere] {
        assert_eq!(me(&origin, session).await, StatusCode::UNAUTHORIZED);
        assert_eq!(refresh(&origin, session).await.code(), "unauthenticated");
    }
    let again = log_in(&origin).await;
    assert_eq!(me(&origin, &again).await, StatusCode::OK);
}

#[tokio::test]
async fn a_person_sees_the_own_sessions() {
    let (origin, session) = with_ada().await;
    origin.token("bob@example.org").await;
    origin.clock.set(NOW.plus_ms(5000));
    let credentials = json!({ "email": "ada@example.org", "password": PASSWORD });
    let long = "Browser/1 ".repeat(20);
    let ask = origin.ask(Method::POST, "/v1/sessions").header("user-agent", &long);
    ask.json(&credentials).send().await;
    let list =
        origin.ask(Method::GET, "/v1/sessions").bearer(text(&session, "access_token")).send().await.json();
    let items = list["items"].as_array().unwrap();
    let shown: Vec<_> =
        items.iter().map(|one| (one["user_agent"].as_str().unwrap(), &one["current"])).collect();
    assert_eq!(shown, [(&long[..120], &json!(false)), ("", &json!(true))]);
    assert!(!list.to_string().contains("hash") && !list.to_string().contains("swr_"), "{list}");
}

#[tokio::test]
async fn an_account_has_so_many_sessions_and_the_one_used_longest_ago_goes() {
    let (origin, first) = with_ada().await;
    let mut sessions = Vec::new();
    for n in 1..=50 {
        origin.clock.set(NOW.plus_ms(n));
        sessions.push(log_in(&origin).await);
    }
    assert_eq!(me(&origin, &first).await, StatusCode::UNAUTHORIZED);
    for session in [&sessions[0], &sessions[49]] {
        assert_eq!(me(&origin, session).await, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_revocation_outlives_a_restart() {
    let (origin, session) = with_ada().await;
    let out = origin.ask(Method::DELETE, "/v1/sessions").bearer(text(&session, "access_token")).send().await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    let live = log_in(&origin).await;
    let origin = origin.restart().await;
    assert_eq!(
        (me(&origin, &session).await, me(&origin, &live).await),
        (StatusCode::UNAUTHORIZED, StatusCode::OK)
    );
}

mod cookies;
mod guessing;
