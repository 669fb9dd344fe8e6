//! What an operator does before anything is served: makes a project, checks it, moves its database along.

use std::path::Path;
use std::process::Command;

use serde_json::json;
use stepwell_tests::binary::{Said, command, finish, run};
use stepwell_tests::people::sign_up;
use stepwell_tests::project::Project;
use stepwell_tests::records::create;
use stepwell_tests::server::Server;
use tempfile::TempDir;

const PLAIN: &str = r#"
name = "things"
[fields]
name = { type = "text", max = 80 }
size = { type = "integer" }
[rules]
read = "public"
create = "signed_in"
update = "owner"
"#;

/// On any free addresses.
fn anywhere(command: &mut Command) -> &mut Command {
    command.env("STEPWELL_SERVER_LISTEN", "127.0.0.1:0").env("STEPWELL_OPERATOR_LISTEN", "127.0.0.1:0")
}

fn in_project(project: &Project, arguments: &[&str]) -> Said {
    finish(anywhere(command(project.folder()).args(arguments).envs(project.environment())))
}

#[test]
fn a_new_project_is_right_as_it_is() {
    let folder = TempDir::new().expect("there is room for a folder");
    run(folder.path(), ["init", "blog"]).succeeded();
    let blog = folder.path().join("blog");
    for file in ["stepwell.toml", "collections/posts.toml", "README.md"] {
        assert!(blog.join(file).is_file(), "{file} is missing");
    }
    let checked = finish(anywhere(command(&blog).args(["check", "--json"]))).succeeded().json();
    assert_eq!((&checked["ok"], &checked["collections"]), (&json!(true), &json!(["posts"])));
    assert!(!Path::new(&blog.join("data")).exists(), "a check leaves nothing behind");
    run(folder.path(), ["init", "blog"]).failed();
}

#[tokio::test]
async fn the_database_follows_the_declarations_and_keeps_what_it_holds() {
    let project = Project::declaring(&[("things", PLAIN)]);
    let mut server = Server::serving(project);
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let thing = create(&client, &ada, "things", &json!({ "name": "bucket", "size": 3 })).await;
    server.stop();

    server.project().declare("things", &PLAIN.replace("size = ", "weight = { type = \"number\" }\nsize = "));
    let planned = in_project(server.project(), &["migrate", "--plan"]).succeeded();
    assert!(planned.out.contains("weight"), "{}", planned.out);
    in_project(server.project(), &["migrate"]).succeeded();
    server.restart();
    let read = client.get(&thing.path).send().await.expect(200).json();
    assert_eq!((&read["size"], &read["weight"]), (&json!(3), &json!(null)));
}

#[tokio::test]
async fn what_would_lose_data_waits_for_the_flag_that_says_so() {
    let project = Project::declaring(&[("things", PLAIN)]);
    let mut server = Server::serving(project);
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let thing = create(&client, &ada, "things", &json!({ "name": "bucket", "size": 3 })).await;
    let restart_with = async |server: &mut Server, declaration: &str| {
        server.stop();
        server.project().declare("things", declaration);
        server.restart();
        client.get(&thing.path).send().await.expect(200).json()
    };
    let without = PLAIN.replace("size = { type = \"integer\" }\n", "");

    // What is no longer declared is no longer shown, and still there when it is declared again.
    assert_eq!(restart_with(&mut server, &without).await.get("size"), None);
    assert_eq!(restart_with(&mut server, PLAIN).await["size"], 3);

    server.stop();
    server.project().declare("things", &without);
    let refused = in_project(server.project(), &["migrate"]).failed();
    assert!(refused.err.contains("size") && refused.err.contains("--allow-data-loss"), "{}", refused.err);
    in_project(server.project(), &["migrate", "--allow-data-loss"]).succeeded();
    server.restart();
    let kept = restart_with(&mut server, PLAIN).await;
    assert_eq!((&kept["name"], &kept["size"]), (&json!("bucket"), &json!(null)));
}

#[test]
fn every_command_explains_itself() {
    let folder = TempDir::new().expect("there is room for a folder");
    for name in ["serve", "edge", "check", "init", "migrate", "purge", "backup", "restore"] {
        let help = run(folder.path(), [name, "--help"]).succeeded();
        assert!(help.out.contains(&format!("stepwell {name}")), "{name} has no example: {}", help.out);
    }
    assert_eq!(run(folder.path(), ["sevre"]).status, 2);
}
