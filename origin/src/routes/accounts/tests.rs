use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::collections::Collections;
use crate::routes::testing::{NOW, Origin};

mod managed;

const PASSWORD: &str = "correct horse battery";

#[tokio::test]
async fn sign_up_log_in_and_ask_who_one_is() {
    let origin = Origin::start(Collections::new()).await;
    let created =
        origin.post("/v1/accounts", &json!({ "email": "Ada@Example.org", "password": PASSWORD })).await;
    assert_eq!(created.status, StatusCode::CREATED);
    assert_eq!(created.header("location"), Some("/v1/accounts/me"));
    assert_eq!(created.header("cache-control"), Some("private, no-store"));
    assert!(created.header("stepwell-bookmark").is_some());
    let account = created.json();
    assert_eq!(
        (&account["email"], &account["created"]),
        (&json!("ada@example.org"), &json!("2027-01-15T08:00:00.000Z"))
    );

    let session =
        origin.post("/v1/sessions", &json!({ "email": "ADA@example.org", "password": PASSWORD })).await;
    assert_eq!(session.status, StatusCode::OK);
    let session = session.json();
    assert_eq!((&session["token_type"], &session["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert_eq!(session["account"], account);

    let token = session["access_token"].as_str().unwrap();
    let me = origin.ask(Method::GET, "/v1/accounts/me").bearer(token).send().await;
    assert_eq!((me.status, me.json()), (StatusCode::OK, account));
}

#[tokio::test]
async fn an_address_is_one_account() {
    let origin = Origin::start(Collections::new()).await;
    origin.token("ada@example.org").await;
    let second =
        origin.post("/v1/accounts", &json!({ "email": "ADA@example.org", "password": PASSWORD })).await;
    assert_eq!((second.status, second.code().as_str()), (StatusCode::CONFLICT, "conflict"));
    assert_eq!(second.json()["errors"][0]["pointer"], "/email");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_get_the_same_answer() {
    let origin = Origin::start(Collections::new()).await;
    origin.token("ada@example.org").await;
    let wrong =
        origin.post("/v1/sessions", &json!({ "email": "ada@example.org", "password": "wrong horse" })).await;
    let unknown =
        origin.post("/v1/sessions", &json!({ "email": "eve@example.org", "password": PASSWORD })).await;
    let nobodys = origin.post("/v1/sessions", &json!({ "email": "nobody", "password": PASSWORD })).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (StatusCode::UNAUTHORIZED, "wrong-credentials"));
    for other in [unknown, nobodys] {
        assert_eq!((other.status, &other.headers, &other.body), (wrong.status, &wrong.headers, &wrong.body));
    }
}

#[tokio::test]
async fn a_repeated_sign_up_gets_the_first_ones_answer_and_no_second_account() {
    let origin = Origin::start(Collections::new()).await;
    let sign_up = |email: &'static str, password: &'static str| {
        let body = json!({ "email": email, "password": password });
        origin.ask(Method::POST, "/v1/accounts").header("idempotency-key", "\"k-1\"").json(&body).send()
    };
    let first = sign_up("ada@example.org", PASSWORD).await;
    let again = sign_up("ada@example.org", PASSWORD).await;
    assert_eq!((again.status, &again.body), (StatusCode::CREATED, &first.body));
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(again.header("stepwell-bookmark"), first.header("stepwell-bookmark"));
    assert_eq!(
        (first.header("idempotency-replayed"), again.header("idempotency-replayed")),
        (None, Some("true"))
    );
    let other = sign_up("eve@example.org", PASSWORD).await;
    assert_eq!((other.status.as_u16(), other.code().as_str()), (422, "idempotency-mismatch"));

    let day_ms = 24 * 3_600_000;
    origin.app.database.forget_old(NOW.plus_ms(day_ms)).await.unwrap();
    assert_eq!(sign_up("eve@example.org", PASSWORD).await.code(), "idempotency-mismatch");
    origin.app.database.forget_old(NOW.plus_ms(day_ms + 1)).await.unwrap();
    assert_eq!(sign_up("eve@example.org", PASSWORD).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn bad_input_is_told_field_by_field() {
    let origin = Origin::start(Collections::new()).await;
    let bad = origin.post("/v1/accounts", &json!({ "email": "ada", "password": "short" })).await;
    assert_eq!((bad.status.as_u16(), bad.code().as_str()), (422, "invalid"));
    let pointers: Vec<_> =
        bad.json()["errors"].as_array().unwrap().iter().map(|e| e["pointer"].clone()).collect();
    assert_eq!(pointers, ["/email", "/password"]);
    let unknown = json!({ "email": "ada@example.org", "password": PASSWORD, "admin": true });
    let unknown = origin.post("/v1/accounts", &unknown).await;
    assert_eq!(unknown.code(), "bad-request");
}

#[tokio::test]
async fn a_token_that_is_expired_or_forged_or_missing_is_refused() {
    let origin = Origin::start(Collections::new()).await;
    let token = origin.token("ada@example.org").await;
    let me = |token: String| origin.ask(Method::GET, "/v1/accounts/me").bearer(&token).send();
    assert_eq!(me(token.clone()).await.status, StatusCode::OK);
    assert_eq!(me(format!("{}AAAA", &token[..token.len() - 4])).await.code(), "unauthenticated");
    origin.clock.set(NOW.plus_ms(15 * 60 * 1000));
    let expired = me(token).await;
    assert_eq!(
        (expired.code().as_str(), expired.header("www-authenticate")),
        ("unauthenticated", Some("Bearer"))
    );
    assert_eq!(origin.get("/v1/accounts/me").await.code(), "unauthenticated");
}
