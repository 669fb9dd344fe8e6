//! Signing up and signing in.

use serde_json::json;
use stepwell_tests::people::{PASSWORD, email, log_in, sign_up};
use stepwell_tests::server::Server;

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
