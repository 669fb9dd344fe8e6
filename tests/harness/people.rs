//! People with accounts.

use serde_json::json;

use crate::client::Client;

/// The password of everybody in tests.
pub const PASSWORD: &str = "a well kept secret";

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    /// The account's id.
    pub id: String,
    /// The address it signs in with.
    pub email: String,
    /// The access token.
    pub token: String,
}

/// The address of somebody of that name.
pub fn email(name: &str) -> String {
    format!("{name}@example.com")
}

/// Makes an account and signs in.
pub async fn sign_up(client: &Client, name: &str) -> Person {
    let credentials = json!({ "email": email(name), "password": PASSWORD });
    client.post("/v1/accounts", &credentials).send().await.expect(201);
    log_in(client, name).await
}

/// Signs in to an account.
pub async fn log_in(client: &Client, name: &str) -> Person {
    let credentials = json!({ "email": email(name), "password": PASSWORD });
    let session = client.post("/v1/sessions", &credentials).send().await;
    assert!(session.status.is_success(), "{}: {}", session.what, session.text());
    let session = session.json();
    let text = |pointer: &str| {
        let value = session.pointer(pointer).and_then(serde_json::Value::as_str);
        value.unwrap_or_else(|| panic!("no {pointer} in {session}")).to_owned()
    };
    Person { id: text("/account/id"), email: text("/account/email"), token: text("/access_token") }
}
