//! Two people change the same record.

use http::header::IF_MATCH;
use serde_json::json;
use stepwell_tests::people::sign_up;
use stepwell_tests::records::create_post;
use stepwell_tests::server::Server;

#[tokio::test]
async fn the_second_change_of_one_version_is_refused() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let post = create_post(&client, &ada, "First").await;
    let change = |title: &str| {
        let body = json!({ "title": title });
        client.patch(&post.path, &body).signed_in(&ada).header(IF_MATCH, &post.etag).send()
    };
    let won = change("Second").await.expect(200);
    let lost = change("Also second").await.expect(412);
    assert_eq!(lost.problem(), "version-mismatch");
    let refused =
        client.delete(&post.path).signed_in(&ada).header(IF_MATCH, &post.etag).send().await.expect(412);
    assert_eq!(refused.problem(), "version-mismatch");

    let read = client.get(&post.path).bookmark(won.bookmark()).send().await.expect(200);
    assert_eq!(read.json()["title"], "Second");
    let etag = read.header("etag").expect("a record has an ETag").to_owned();
    client.delete(&post.path).signed_in(&ada).header(IF_MATCH, &etag).send().await.expect(204);
}

#[tokio::test]
async fn of_many_changes_of_one_version_exactly_one_wins() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let post = create_post(&client, &ada, "First").await;
    let mut racers = tokio::task::JoinSet::new();
    for number in 0..16 {
        let body = json!({ "title": format!("Racer {number}") });
        let request = client.patch(&post.path, &body).signed_in(&ada).header(IF_MATCH, &post.etag);
        racers.spawn(request.send());
    }
    let statuses: Vec<u16> = racers.join_all().await.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|&&status| status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|&&status| status == 412).count(), 15, "{statuses:?}");
}
