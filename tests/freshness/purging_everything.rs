//! An operator purges everything: nothing that was stored before is served after.

use serde_json::json;
use stepwell_tests::eventually::eventually;
use stepwell_tests::people::sign_up;
use stepwell_tests::records::{create_post, records};
use stepwell_tests::server::{OPERATOR_TOKEN, Server};

const POSTS: usize = 50;

#[tokio::test]
async fn nothing_stored_before_it_is_served_after_it() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let mut targets =
        vec![records("posts"), "/v1/openapi.json".to_owned(), "/.well-known/jwks.json".to_owned()];
    for number in 0..POSTS {
        targets.push(create_post(&client, &ada, &number.to_string()).await.path);
    }
    for target in &targets {
        let is_hit = async || client.get(target).send().await.expect(200).cache_status().hit;
        eventually("a target is warm", is_hit).await;
    }
    let purge = client.post("/v1/purges", &json!({ "everything": true })).bearer(OPERATOR_TOKEN).send().await;
    let outcome: stepwell_shared::api::purges::PurgeOutcome =
        serde_json::from_slice(&purge.body).expect("a purge answers its outcome");
    let bookmark =
        outcome.bookmark.expect("a purge answers its bookmark").parse().expect("the bookmark is one");
    for target in &targets {
        // The bookmark of the purge is as good as a write's: what is older than it is passed over from now on.
        let read = client.get(target).bookmark(bookmark).send().await.expect(200);
        assert!(!read.cache_status().hit, "{target}: {:?}", read.cache_status());
        let again = client.get(target).send().await.expect(200);
        assert!(again.cache_status().hit, "{target}: {:?}", again.cache_status());
    }
}
