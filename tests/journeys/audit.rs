//! Each change of access leaves its row in the audit log, which an operator reads on the machine.

use http::Method;
use serde_json::{Value, json};
use stepwell_tests::client::Client;
use stepwell_tests::people::{PASSWORD, email, sign_up};
use stepwell_tests::server::{OPERATOR_TOKEN, Server};

const NEW_PASSWORD: &str = "quite another secret";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

async fn log_in(client: &Client, name: &str, password: &str) -> Value {
    let credentials = json!({ "email": email(name), "password": password });
    client.post("/v1/sessions", &credentials).send().await.expect(200).json()
}

async fn operate(client: &Client, method: Method, path: &str, body: Option<Value>) -> Value {
    let request = client.request(method, path).bearer(OPERATOR_TOKEN);
    let request = match &body {
        Some(body) => request.json(body),
        None => request,
    };
    request.send().await.expect(200).json()
}

fn changes(server: &Server, arguments: &[&str]) -> Vec<Value> {
    let said = server.run(&[&["audit", "--json"], arguments].concat()).succeeded().json();
    said["changes"].as_array().unwrap_or_else(|| panic!("no changes in {said}")).clone()
}

fn whats(changes: &[Value]) -> Vec<&str> {
    changes.iter().map(|change| text(&change["what"])).collect()
}

#[tokio::test]
async fn each_change_of_access_leaves_its_row_and_no_row_a_secret() {
    let mut server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let mut secrets =
        vec![PASSWORD.to_owned(), NEW_PASSWORD.to_owned(), email("ada"), OPERATOR_TOKEN.to_owned()];

    let ask = client.request(Method::PUT, "/v1/accounts/me/password").signed_in(&ada);
    let ask = ask.header("traceparent", &format!("00-{TRACE}-00f067aa0ba902b7-00"));
    let session = ask.json(&json!({ "old": PASSWORD, "new": NEW_PASSWORD })).send().await.expect(200).json();
    let token = text(&session["access_token"]);
    let key = client.post("/v1/keys", &json!({ "name": "sync", "scopes": ["read"] })).bearer(token);
    let key = key.send().await.expect(201).json();
    client.delete(&format!("/v1/keys/{}", text(&key["id"]))).bearer(token).send().await.expect(204);

    // Replaced twice: the first one is in two hands.
    let refresh = async |session: &Value| {
        let body = json!({ "refresh_token": session["refresh_token"] });
        client.post("/v1/sessions/refresh", &body).send().await
    };
    let second = refresh(&session).await.expect(200).json();
    let third = refresh(&second).await.expect(200).json();
    refresh(&session).await.expect(401);

    let path = format!("/v1/accounts/{}", ada.id);
    let roles = json!({ "roles": ["editor", "operator"] });
    operate(&client, Method::PUT, &format!("{path}/roles"), Some(roles)).await;
    operate(&client, Method::POST, &format!("{path}/ban"), None).await;
    // It is banned already: nothing changes.
    operate(&client, Method::POST, &format!("{path}/ban"), None).await;
    operate(&client, Method::DELETE, &format!("{path}/ban"), None).await;
    let fourth = log_in(&client, "ada", NEW_PASSWORD).await;
    let everything = client.post("/v1/purges", &json!({ "everything": true }));
    everything.bearer(text(&fourth["access_token"])).send().await.expect(200);
    client.delete("/v1/sessions").bearer(text(&fourth["access_token"])).send().await.expect(204);
    server.run(&["keys", "rotate"]).succeeded();

    let all = changes(&server, &[]);
    assert_eq!(
        whats(&all),
        [
            "account-made",
            "password-changed",
            "key-made",
            "key-removed",
            "refresh-token-reused",
            "roles-set",
            "account-banned",
            "account-unbanned",
            "purged",
            "sessions-ended",
            "signing-key-rotated",
        ]
    );
    let by: Vec<_> =
        all.iter().map(|change| (text(&change["by"]), change.get("by_account").map(text))).collect();
    let (own, operator) = (("account", Some(ada.id.as_str())), ("operator", None));
    let anybody = ("anybody", None);
    let with_role = ("operator", Some(ada.id.as_str()));
    assert_eq!(
        by,
        [anybody, own, own, own, anybody, operator, operator, operator, with_role, own, ("command", None)]
    );
    for change in &all[..8] {
        assert_eq!((text(&change["account"]), text(&change["address"])), (&*ada.id, "127.0.0.1"), "{change}");
        assert_eq!(change["trace_id"].as_str().map(str::len), Some(32), "{change}");
    }
    assert_eq!(all[1]["trace_id"], TRACE);
    assert_eq!((&all[5]["detail"], &all[8]["detail"]), (&json!("editor operator"), &json!("all")));
    assert!(text(&all[2]["detail"]).contains(text(&key["id"])), "{}", all[2]);

    secrets.extend([&ada.token, text(&key["key"])].map(str::to_owned));
    for session in [&session, &second, &third, &fourth] {
        secrets.extend(["access_token", "refresh_token"].map(|name| text(&session[name]).to_owned()));
    }
    let shown = server.run(&["audit"]).succeeded().out;
    assert_eq!(shown.lines().count(), all.len(), "{shown}");
    let log = server.log();
    for secret in &secrets {
        assert!(!shown.contains(secret.as_str()), "{secret} in {shown}");
        assert!(!log.contains(secret.as_str()), "{secret} in {log}");
    }

    // It is read without a server as well.
    server.stop();
    assert_eq!(changes(&server, &[]), all);
    assert_eq!(changes(&server, &["--since", "2100-01-01T00:00:00Z"]), Vec::<Value>::new());
}

#[tokio::test]
async fn an_account_finds_what_it_did_and_what_was_done_to_it() {
    let server = Server::start();
    let client = server.client();
    let (ada, bob) = (sign_up(&client, "ada").await, sign_up(&client, "bob").await);
    operate(&client, Method::POST, &format!("/v1/accounts/{}/ban", bob.id), None).await;
    assert_eq!(whats(&changes(&server, &["--account", &ada.id])), ["account-made"]);
    let of_bob = ["--account", &bob.id, "--since", "1h"];
    assert_eq!(whats(&changes(&server, &of_bob)), ["account-made", "account-banned"]);
}

#[tokio::test]
async fn log_ins_are_lines_of_the_log_and_rows_of_nothing() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let mistyped = json!({ "email": email("a-password-perhaps"), "password": "wrong, and long" });
    client.post("/v1/sessions", &mistyped).send().await.expect(401);
    let wrong = json!({ "email": email("ada"), "password": "wrong, and long" });
    client.post("/v1/sessions", &wrong).send().await.expect(401);
    assert_eq!(whats(&changes(&server, &[])), ["account-made"]);
    let log = server.log();
    assert!(log.contains("log-in account=") && log.contains(&ada.id), "{log}");
    assert_eq!(log.matches("log-in refused").count(), 2, "{log}");
    for secret in ["a-password-perhaps", "wrong, and long", email("ada").as_str()] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}
