//! What the edge may do with the answers of a route. No route is immutable yet: the edge's own tests show that class.

use serde_json::json;
use stepwell_tests::people::sign_up;
use stepwell_tests::records::{create, records};
use stepwell_tests::server::Server;

#[tokio::test]
async fn what_is_not_said_to_be_storable_never_is() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    for target in ["/v1/accounts/me", "/v1/purges"] {
        for _ in 0..3 {
            let answer = client.get(target).signed_in(&ada).send().await.expect(200);
            let status = answer.cache_status();
            assert_eq!(
                (status.fwd.as_deref(), status.hit, status.stored),
                (Some("bypass"), false, false),
                "{target}"
            );
            assert_eq!(answer.header("cache-control"), Some("private, no-store"), "{target}");
            assert_eq!(answer.header("cdn-cache-control"), None, "{target}");
        }
    }
}

#[tokio::test]
async fn what_some_may_read_is_stored_by_the_edge_alone() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let note = create(&client, &ada, "notes", &json!({ "text": "mine" })).await;
    for target in [&note.path, &records("notes")] {
        for hit in [false, true] {
            let answer = client.get(target).signed_in(&ada).send().await.expect(200);
            assert_eq!(answer.cache_status().hit, hit, "{target}");
            assert_eq!(answer.header("cache-control"), Some("private, no-cache"), "{target}");
            for name in ["cdn-cache-control", "cache-tag", "stepwell-readers"] {
                assert_eq!(answer.header(name), None, "{target} {name}");
            }
        }
    }
}

#[tokio::test]
async fn what_passes_is_handed_through() {
    let server = Server::start();
    let client = server.client();
    for target in ["/healthz", "/readyz"] {
        for _ in 0..2 {
            let answer = client.get(target).send().await.expect(200);
            assert!(!answer.cache_status().hit && !answer.cache_status().stored, "{target}");
        }
    }
}

#[tokio::test]
async fn what_is_public_is_stored_for_everybody() {
    let server = Server::start();
    let client = server.client();
    for target in ["/v1/openapi.json", "/.well-known/jwks.json", "/v1/docs", &records("posts")] {
        client.get(target).send().await.expect(200);
        let again = client.get(target).send().await.expect(200);
        assert!(again.cache_status().hit, "{target}: {:?}", again.cache_status());
    }
}

#[tokio::test]
async fn a_write_is_never_answered_from_a_store() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    for _ in 0..2 {
        let created =
            client.post(&records("posts"), &json!({ "title": "Wells" })).signed_in(&ada).send().await;
        let created = created.expect(201);
        assert_eq!(created.cache_status().fwd.as_deref(), Some("method"));
        assert!(!created.cache_status().stored);
        assert_eq!(created.header("cache-control"), Some("private, no-store"));
    }
}
