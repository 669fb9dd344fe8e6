//! What changes an account: its owner's new password, the operator's bans and roles.

use super::*;
use crate::routes::testing::Answer;

async fn log_in(origin: &Origin, email: &str, password: &str) -> Answer {
    origin.post("/v1/sessions", &json!({ "email": email, "password": password })).await
}

async fn session(origin: &Origin, email: &str) -> Value {
    let session = log_in(origin, email, PASSWORD).await;
    assert_eq!(session.status, StatusCode::OK, "{:?}", session.body);
    session.json()
}

async fn me(origin: &Origin, token: &Value) -> Answer {
    origin.ask(Method::GET, "/v1/accounts/me").bearer(token.as_str().unwrap()).send().await
}

async fn refreshed(origin: &Origin, session: &Value) -> Answer {
    origin.post("/v1/sessions/refresh", &json!({ "refresh_token": session["refresh_token"] })).await
}

/// As the operator.
async fn operate(origin: &Origin, method: Method, path: &str, body: Option<&Value>) -> Answer {
    let token =
        std::fs::read_to_string(origin.folder.path().join("data").join(crate::access::operator::FILE))
            .unwrap();
    let ask = origin.ask(method, path).bearer(&token);
    match body {
        Some(body) => ask.json(body).send().await,
        None => ask.send().await,
    }
}

async fn with_ada() -> (Origin, Value, String) {
    let origin = Origin::start(Collections::new()).await;
    origin.token("ada@example.org").await;
    let session = session(&origin, "ada@example.org").await;
    let path = format!("/v1/accounts/{}", session["account"]["id"].as_str().unwrap());
    (origin, session, path)
}

#[tokio::test]
async fn a_new_password_ends_every_other_session_and_every_token_from_before() {
    let (origin, here, _) = with_ada().await;
    let there = session(&origin, "ada@example.org").await;
    let change = async |old: &str, new: &str| {
        let ask = origin.ask(Method::PUT, "/v1/accounts/me/password");
        let ask = ask.bearer(here["access_token"].as_str().unwrap());
        ask.json(&json!({ "old": old, "new": new })).send().await
    };
    let wrong = change("not hers at all", "a brand new password").await;
    assert_eq!((wrong.code().as_str(), &wrong.json()["errors"][0]["pointer"]), ("invalid", &json!("/old")));
    assert_eq!(change(PASSWORD, "short").await.json()["errors"][0]["pointer"], "/new");

    let changed = change(PASSWORD, "a brand new password").await;
    assert_eq!(changed.status, StatusCode::OK, "{:?}", changed.body);
    let changed = changed.json();
    for old in [&here, &there] {
        assert_eq!(me(&origin, &old["access_token"]).await.code(), "unauthenticated");
        assert_eq!(refreshed(&origin, old).await.code(), "unauthenticated");
    }
    assert_eq!(me(&origin, &changed["access_token"]).await.status, StatusCode::OK);
    assert_eq!(refreshed(&origin, &changed).await.status, StatusCode::OK);
    assert_eq!(log_in(&origin, "ada@example.org", PASSWORD).await.code(), "wrong-credentials");
    assert_eq!(log_in(&origin, "ada@example.org", "a brand new password").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_banned_account_is_out_until_it_is_let_in_again() {
    let (origin, session, path) = with_ada().await;
    let new = json!({ "name": "import", "scopes": ["read"] });
    let ask = origin.ask(Method::POST, "/v1/keys").bearer(session["access_token"].as_str().unwrap());
    let key = ask.json(&new).send().await.json()["key"].clone();
    assert_eq!(me(&origin, &key).await.status, StatusCode::OK);

    let banned = operate(&origin, Method::POST, &format!("{path}/ban"), None).await;
    assert_eq!(
        (banned.status, &banned.json()["banned"]),
        (StatusCode::OK, &json!("2027-01-15T08:00:00.000Z"))
    );
    for token in [&session["access_token"], &key] {
        assert_eq!(me(&origin, token).await.code(), "unauthenticated");
    }
    assert_eq!(refreshed(&origin, &session).await.code(), "unauthenticated");
    assert_eq!(log_in(&origin, "ada@example.org", PASSWORD).await.code(), "forbidden");
    // Whoever does not know the password does not learn of the ban.
    assert_eq!(log_in(&origin, "ada@example.org", "not hers at all").await.code(), "wrong-credentials");

    let let_in = operate(&origin, Method::DELETE, &format!("{path}/ban"), None).await;
    assert_eq!((let_in.status, &let_in.json()["banned"]), (StatusCode::OK, &json!(null)));
    assert_eq!(log_in(&origin, "ada@example.org", PASSWORD).await.status, StatusCode::OK);
    assert_eq!(me(&origin, &key).await.status, StatusCode::OK);
}

#[tokio::test]
async fn roles_are_in_the_next_token_and_the_last_one_is_refused() {
    let (origin, session, path) = with_ada().await;
    let roles = format!("{path}/roles");
    let given = json!({ "roles": ["editor", "chief", "editor"] });
    let set = operate(&origin, Method::PUT, &roles, Some(&given)).await;
    assert_eq!((set.status, &set.json()["roles"]), (StatusCode::OK, &json!(["chief", "editor"])));
    assert_eq!(me(&origin, &session["access_token"]).await.code(), "unauthenticated");
    let renewed = refreshed(&origin, &session).await.json();
    let shown = me(&origin, &renewed["access_token"]).await;
    assert_eq!(shown.json()["roles"], json!(["chief", "editor"]));
    // The same roles once more change nothing, so that nobody has to come back for a token.
    operate(&origin, Method::PUT, &roles, Some(&given)).await;
    assert_eq!(me(&origin, &renewed["access_token"]).await.status, StatusCode::OK);
    let wrong = operate(&origin, Method::PUT, &roles, Some(&json!({ "roles": ["fine", "Not"] }))).await;
    assert_eq!(wrong.json()["errors"][0]["pointer"], "/roles/1");
}

#[tokio::test]
async fn an_account_with_the_operators_role_operates_and_no_other_does() {
    let (origin, session, path) = with_ada().await;
    let list = async |token: &Value| {
        origin.ask(Method::GET, "/v1/accounts").bearer(token.as_str().unwrap()).send().await
    };
    assert_eq!(list(&session["access_token"]).await.code(), "unauthenticated");
    assert_eq!(origin.get("/v1/accounts").await.code(), "unauthenticated");
    operate(&origin, Method::PUT, &format!("{path}/roles"), Some(&json!({ "roles": ["operator"] }))).await;
    assert_eq!(list(&session["access_token"]).await.code(), "unauthenticated", "it was issued before");
    let renewed = refreshed(&origin, &session).await.json();
    assert_eq!(list(&renewed["access_token"]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn accounts_are_found_by_address_or_page_by_page() {
    let (origin, ..) = with_ada().await;
    for name in ["bob", "eve"] {
        origin.token(&format!("{name}@example.org")).await;
    }
    let emails = |page: &Value| {
        let items = page["items"].as_array().unwrap().iter();
        items.map(|one| one["email"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let list =
        async |query: &str| operate(&origin, Method::GET, &format!("/v1/accounts?{query}"), None).await;
    let first = list("limit=2").await.json();
    assert_eq!(emails(&first), ["ada@example.org", "bob@example.org"]);
    let second = list(&format!("limit=2&after={}", first["next"].as_str().unwrap())).await.json();
    assert_eq!((emails(&second), &second["next"]), (vec!["eve@example.org".to_owned()], &json!(null)));
    assert_eq!(emails(&list("email=BOB%40example.org").await.json()), ["bob@example.org"]);
    for nobody in ["email=nobody%40example.org", "email=nobody"] {
        assert_eq!(emails(&list(nobody).await.json()), [""; 0]);
    }
    for bad in ["limit=0", "after=x", "name=ada"] {
        assert_eq!(list(bad).await.code(), "bad-parameter", "{bad}");
    }
    let unknown = operate(&origin, Method::POST, "/v1/accounts/0000000000001/ban", None).await;
    assert_eq!(unknown.code(), "not-found");
    assert!(!first.to_string().contains("argon2"));
}
