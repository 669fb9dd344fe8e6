//! Signing up and signing in, and accounts that an operator makes.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::json;
use stepwell_tests::people::{PASSWORD, email, log_in, sign_up};
use stepwell_tests::server::{OPERATOR_TOKEN, Server};

#[tokio::test]
async fn who_signs_up_can_sign_in_and_sees_the_own_account() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let again = log_in(&client, "ada").await;
    assert_eq!(ada.id, again.id);

    let me = client.get("/v1/accounts/me").signed_in(&again).send().await.expect(200).json();
    assert_eq!(me["id"], ada.id);
    assert_eq!(me["email"], email("ada"));
    assert!(me["created"].as_str().is_some_and(|created| created.ends_with('Z')), "{me}");
    assert!(!me.to_string().contains("password"), "{me}");
}

#[tokio::test]
async fn an_address_has_one_account_however_it_is_written() {
    let server = Server::start();
    let client = server.client();
    sign_up(&client, "ada").await;
    let credentials = json!({ "email": "Ada@Example.COM", "password": PASSWORD });
    let refused = client.post("/v1/accounts", &credentials).send().await.expect(409);
    assert_eq!(refused.problem(), "conflict");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_refused_alike() {
    let server = Server::start();
    let client = server.client();
    sign_up(&client, "ada").await;
    let attempt = async |email: String, password: &str| {
        let credentials = json!({ "email": email, "password": password });
        let refused = client.post("/v1/sessions", &credentials).send().await.expect(401);
        assert_eq!(refused.problem(), "wrong-credentials");
        refused.body
    };
    let wrong = attempt(email("ada"), "not her password").await;
    let unknown = attempt(email("nobody"), PASSWORD).await;
    assert_eq!(wrong, unknown);
}

#[tokio::test]
async fn an_account_needs_an_address_and_a_password_of_some_length() {
    let server = Server::start();
    let client = server.client();
    for (credentials, pointer) in [
        (json!({ "email": "ada@example.com", "password": "short" }), "/password"),
        (json!({ "email": "ada", "password": PASSWORD }), "/email"),
    ] {
        let refused = client.post("/v1/accounts", &credentials).send().await.expect(422);
        assert_eq!(refused.problem(), "invalid");
        assert_eq!(refused.json()["errors"][0]["pointer"], pointer);
    }
}

#[tokio::test]
async fn a_token_that_is_not_ours_opens_nothing() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let (signed, signature) = ada.token.rsplit_once('.').expect("a token has three parts");
    let forged = format!("{signed}.{}", signature.chars().rev().collect::<String>());
    for token in [forged.as_str(), "nonsense"] {
        let refused = client.get("/v1/accounts/me").bearer(token).send().await.expect(401);
        assert_eq!(refused.problem(), "unauthenticated");
        assert!(refused.header("www-authenticate").is_some_and(|scheme| scheme.starts_with("Bearer")));
    }
    let refused = client.get("/v1/accounts/me").send().await.expect(401);
    assert_eq!(refused.problem(), "unauthenticated");
}

#[tokio::test]
async fn an_operator_makes_accounts_and_manages_them_by_command() {
    let server = Server::start();
    let client = server.client();
    let password_file = server.project().folder().join("password");
    std::fs::write(&password_file, format!("{PASSWORD}\n")).expect("the temporary folder can be written");
    let file = password_file.to_string_lossy();
    let address = email("ada");
    let create = ["accounts", "create", "--email", &address, "--role", "operator", "--password-file", &file];
    let made = server.run(&create).succeeded();
    assert!(made.out.contains(&address) && !made.out.contains(PASSWORD), "{}", made.out);
    let taken = server.run(&create).failed();
    assert!(taken.err.contains("is taken"), "{}", taken.err);

    // An account with that role operates by its own token.
    let ada = log_in(&client, "ada").await;
    let listed = client.get("/v1/accounts").signed_in(&ada).send().await.expect(200).json();
    assert_eq!(listed["items"][0]["roles"], json!(["operator"]));

    sign_up(&client, "bob").await;
    server.run(&["accounts", "roles", &email("bob"), "editor"]).succeeded();
    server.run(&["accounts", "ban", &email("bob")]).succeeded();
    let shown = server.run(&["accounts", "list", "--json"]).succeeded().json();
    let bob = &shown["accounts"][1];
    assert_eq!(
        (&bob["email"], &bob["roles"], bob["banned"].is_string()),
        (&json!(email("bob")), &json!(["editor"]), true)
    );
    server.run(&["accounts", "unban", &email("bob")]).succeeded();
    let unknown = server.run(&["accounts", "ban", "nobody@example.com"]).failed();
    assert!(unknown.err.contains("nobody@example.com"), "{}", unknown.err);
    let nothing = server.run(&["accounts", "create", "--email", "eve@example.com"]).failed();
    assert!(nothing.err.contains("--password-file"), "{}", nothing.err);
}

#[tokio::test]
async fn a_password_may_come_from_another_program() {
    let server = Server::start();
    let mut command = Command::new(stepwell_tests::binary::path());
    command.args(["accounts", "create", "--email", &email("ada"), "--json", "--server"]);
    command
        .arg(format!("http://{}", server.operator_address()))
        .env("STEPWELL_OPERATOR_TOKEN", OPERATOR_TOKEN);
    command.current_dir(server.project().folder()).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut process = command.spawn().expect("the binary starts");
    let mut stdin = process.stdin.take().expect("it has a standard input");
    stdin.write_all(PASSWORD.as_bytes()).expect("it reads");
    drop(stdin);
    assert!(process.wait().expect("it ends").success());
    log_in(&server.client(), "ada").await;
}
