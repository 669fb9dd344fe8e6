//! A start with a wrong configuration: it fails at once and names the key, the value, the place and the fix.

use std::net::TcpListener;
use std::path::Path;

use stepwell_tests::binary::{command, finish};
use tempfile::TempDir;

const POSTS: &str = "name = \"posts\"\n[fields]\ntitle = { type = \"text\" }\n[rules]\nread = \"public\"\n";

/// A project with this configuration and this collection.
fn project(configuration: &str, collection: &str) -> TempDir {
    let folder = TempDir::new().expect("there is room for a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text);
    std::fs::create_dir(folder.path().join("collections")).expect("the folder can be written");
    write("stepwell.toml", configuration).expect("the folder can be written");
    write("collections/posts.toml", collection).expect("the folder can be written");
    folder
}

/// What `check` and `serve` both refuse with.
fn refusal(folder: &Path, settings: &[(&str, &str)]) -> String {
    let say = |name: &str| {
        let mut command = command(folder);
        command.env("STEPWELL_SERVER_LISTEN", "127.0.0.1:0").env("STEPWELL_OPERATOR_LISTEN", "127.0.0.1:0");
        finish(command.arg(name).envs(settings.iter().copied())).failed().err
    };
    let (checked, served) = (say("check"), say("serve"));
    assert_eq!(checked, served, "serve refuses what check refuses, in the same words");
    checked
}

#[test]
fn a_wrong_setting_is_named_with_its_line_its_value_and_a_fix() {
    for (configuration, told) in [
        ("[server]\nthreads = \"many\"\n", &["stepwell.toml:2", "server.threads", "\"many\"", "fix:"][..]),
        ("[sevrer]\nthreads = 1\n", &["stepwell.toml:1", "sevrer", "did you mean [server]"]),
        ("[server]\n\ntreads = 1\n", &["stepwell.toml:3", "server.treads", "did you mean server.threads"]),
        ("[server]\nlisten = 8080\n", &["stepwell.toml:2", "server.listen", "8080"]),
        ("[edge]\nmemory = \"1KiB\"\n", &["stepwell.toml:2", "edge.memory", "too small"]),
        ("[server\n", &["stepwell.toml:1"]),
    ] {
        // The addresses of the environment would override what the file says of them.
        let folder = project(configuration, POSTS);
        let said = finish(command(folder.path()).arg("check")).failed().err;
        for part in told {
            assert!(said.contains(part), "{configuration:?} is told without {part:?}:\n{said}");
        }
    }
}

#[test]
fn a_wrong_collection_is_named_with_its_line() {
    for (collection, told) in [
        (POSTS.replace("\"text\"", "\"txet\""), &["posts.toml:3", "txet", "did you mean"][..]),
        (POSTS.replace("\"public\"", "\"everybody\""), &["posts.toml:5", "everybody"]),
        (format!("{POSTS}[indexes]\nby_size = [\"size\"]\n"), &["posts.toml:7", "size"]),
    ] {
        let folder = project("", &collection);
        let said = refusal(folder.path(), &[]);
        for part in told {
            assert!(said.contains(part), "{collection:?} is told without {part:?}:\n{said}");
        }
    }
}

#[test]
fn an_override_that_overrides_nothing_is_a_slip_of_the_pen() {
    let folder = project("", POSTS);
    let said = refusal(folder.path(), &[("STEPWELL_EDGE_MEMROY", "1GB")]);
    assert!(
        said.contains("STEPWELL_EDGE_MEMROY") && said.contains("did you mean STEPWELL_EDGE_MEMORY"),
        "{said}"
    );
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = taken.local_addr().expect("a listener has an address").to_string();
    let folder = project("", POSTS);
    let said = refusal(folder.path(), &[("STEPWELL_SERVER_LISTEN", &address)]);
    for part in ["server.listen", &address, "in use", "fix:"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_data_folder_that_cannot_be_made_is_named() {
    let folder = project("[data]\nfolder = \"stepwell.toml/data\"\n", POSTS);
    let said = refusal(folder.path(), &[]);
    for part in ["stepwell.toml:2", "data.folder", "fix:"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_secret_is_refused_unseen() {
    let folder = project("[operator]\ntoken = \"hunter2hunter2hunter2hunter2hunter2\"\n", POSTS);
    let said = refusal(folder.path(), &[]);
    assert!(said.contains("operator.token") && !said.contains("hunter2"), "{said}");
    let said = refusal(project("", POSTS).path(), &[("STEPWELL_OPERATOR_TOKEN", "hunter2")]);
    assert!(said.contains("STEPWELL_OPERATOR_TOKEN") && !said.contains("hunter2"), "{said}");
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let folder = project("[server]\nthreads = \"many\"\n[edge]\nmemory = \"1KiB\"\n", POSTS);
    let said = refusal(folder.path(), &[]);
    assert!(said.contains("server.threads") && said.contains("edge.memory"), "{said}");
}
