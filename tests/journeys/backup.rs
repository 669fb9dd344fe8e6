//! A copy of what is being served, and a start from it.

use serde_json::json;
use stepwell_tests::people::{log_in, sign_up};
use stepwell_tests::project::Project;
use stepwell_tests::records::{create_post, records};
use stepwell_tests::server::Server;

#[tokio::test]
async fn a_backup_of_a_running_server_is_one_moment_whole() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let before = create_post(&client, &ada, "Before").await;
    let copy = server.project().folder().join("copy");
    server.run(&["backup", "--to", &copy.to_string_lossy()]).succeeded();
    let after = create_post(&client, &ada, "After").await;

    let restored = Project::example();
    stepwell_tests::binary::finish(
        stepwell_tests::binary::command(restored.folder())
            .args(["restore", "--from", &copy.to_string_lossy()])
            .envs(restored.environment()),
    )
    .succeeded();
    let second = Server::serving(restored);
    let client = second.client();
    let ada = log_in(&client, "ada").await;
    let list = client.get(&records("posts")).send().await.expect(200).json();
    assert_eq!(list["items"], json!([before.body]));
    client.get(&after.path).send().await.expect(404);
    // A restored database is a new timeline: bookmarks of the old one mean nothing here, and do no harm.
    let later = create_post(&client, &ada, "Later").await;
    assert_ne!(later.bookmark.epoch, after.bookmark.epoch);
    client.get(&later.path).bookmark(after.bookmark).send().await.expect(200);
}

#[tokio::test]
async fn nothing_is_overwritten() {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    create_post(&client, &ada, "Wells").await;
    let copy = server.project().folder().join("copy");
    server.run(&["backup", "--to", &copy.to_string_lossy()]).succeeded();
    server.run(&["backup", "--to", &copy.to_string_lossy()]).failed();
    server.run(&["restore", "--from", &copy.to_string_lossy()]).failed();
    assert_eq!(
        client.get(&records("posts")).send().await.expect(200).json()["items"].as_array().map(Vec::len),
        Some(1)
    );
}
