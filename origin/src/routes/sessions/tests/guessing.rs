//! Log-ins that are wrong, or too many.

use super::*;
use crate::access::attempts::{OF_ACCOUNT, OF_ADDRESS};
use crate::routes::client::ClientAddress;

async fn attempt(origin: &Origin, email: &str, password: &str) -> Answer {
    origin.post("/v1/sessions", &json!({ "email": email, "password": password })).await
}

#[tokio::test]
async fn guesses_are_counted_alike_for_every_address_that_is_typed() {
    let (origin, _) = with_ada().await;
    let mut refused = Vec::new();
    for email in ["ada@example.org", "nobody@example.org"] {
        for _ in 0..OF_ACCOUNT.attempts {
            assert_eq!(attempt(&origin, email, "not the password").await.code(), "wrong-credentials");
        }
        // The right password as well: else the answer would tell a guesser which one it is.
        let answer = attempt(&origin, email, PASSWORD).await;
        assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (429, Some("10")));
        refused.push(answer);
    }
    assert_eq!((&refused[0].headers, &refused[0].body), (&refused[1].headers, &refused[1].body));
    origin.clock.set(NOW.plus_ms(OF_ACCOUNT.interval_ms));
    assert_eq!(attempt(&origin, "ada@example.org", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_signs_in_often_is_no_guesser() {
    let (origin, _) = with_ada().await;
    for _ in 0..OF_ACCOUNT.attempts * 2 {
        assert_eq!(attempt(&origin, "ada@example.org", PASSWORD).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn one_network_guesses_so_often_at_all_accounts_together() {
    let (origin, _) = with_ada().await;
    let from = async |address: &str, n: u64| {
        let body = json!({ "email": format!("{n}@example.org"), "password": "not the password" });
        let ask = origin.ask(Method::POST, "/v1/sessions").json(&body);
        ask.extension(ClientAddress(address.parse().unwrap())).send().await.status.as_u16()
    };
    for n in 0..OF_ADDRESS.attempts {
        assert_eq!(from("192.0.2.7", n).await, 401);
    }
    assert_eq!((from("192.0.2.7", 1000).await, from("192.0.2.8", 1000).await), (429, 401));
}

#[tokio::test]
async fn the_old_password_cannot_be_guessed_by_changing_it() {
    let (origin, session) = with_ada().await;
    let change = async || {
        let ask = origin.ask(Method::PUT, "/v1/accounts/me/password").bearer(text(&session, "access_token"));
        ask.json(&json!({ "old": "not the password", "new": "a brand new password" })).send().await
    };
    for _ in 0..OF_ACCOUNT.attempts {
        assert_eq!(change().await.code(), "invalid");
    }
    assert_eq!(change().await.code(), "too-many-requests");
}
