//! Stopping and starting again.

use stepwell_tests::people::sign_up;
use stepwell_tests::records::create_post;
use stepwell_tests::server::Server;

#[tokio::test]
async fn what_was_written_and_who_signed_in_outlive_a_restart() {
    let mut server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let post = create_post(&client, &ada, "Wells").await;
    server.stop();
    server.restart();
    let read = client.get(&post.path).bookmark(post.bookmark).send().await.expect(200);
    assert_eq!(read.json(), post.body);
    let me = client.get("/v1/accounts/me").signed_in(&ada).send().await.expect(200);
    assert_eq!(me.json()["id"], ada.id);
    let later = create_post(&client, &ada, "Steps").await;
    assert!(later.bookmark.includes(post.bookmark), "{} after {}", later.bookmark, post.bookmark);
    assert!(later.id > post.id);
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let server = Server::start();
    let second = stepwell_tests::binary::finish(
        stepwell_tests::binary::command(server.project().folder())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("STEPWELL_OPERATOR_LISTEN", "127.0.0.1:0")
            .env("STEPWELL_DATA_FOLDER", server.project().data()),
    )
    .failed();
    assert!(second.err.contains("data"), "{}", second.err);
}
