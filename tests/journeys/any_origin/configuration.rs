//! Starting it: rightly, and wrongly.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use stepwell_tests::binary::{Said, command, finish};
use stepwell_tests::edge::{Edge, TOKEN};
use stepwell_tests::project::Project;
use stepwell_tests::server::Server;
use tempfile::TempDir;

/// `stepwell edge ARGUMENTS` in a folder with this configuration, on any free addresses.
fn edge(configuration: &str, arguments: &[&str]) -> Said {
    let folder = TempDir::new().expect("there is room for a folder");
    let file = folder.path().join("stepwell.toml");
    std::fs::write(file, configuration).expect("the folder can be written");
    finish(anywhere(folder.path()).arg("edge").args(arguments))
}

/// The binary in this folder, on any free addresses.
fn anywhere(folder: &Path) -> Command {
    let mut command = command(folder);
    command.env("STEPWELL_SERVER_LISTEN", "127.0.0.1:0").env("STEPWELL_OPERATOR_LISTEN", "127.0.0.1:0");
    command
}

#[test]
fn what_is_wrong_is_named_with_its_place_its_value_and_a_fix() {
    for (configuration, arguments, told) in [
        ("", &[][..], &["edge.origin", "is not set", "--origin http://", "STEPWELL_EDGE_ORIGIN"][..]),
        (
            "[edge]\norigin = \"127.0.0.1:3000\"\n",
            &[],
            &["stepwell.toml:2", "edge.origin = \"127.0.0.1:3000\"", "fix:"],
        ),
        (
            "",
            &["--origin", "ftp://h"],
            &["--origin on the command line", "ftp://h", "neither http nor https"],
        ),
        ("[edge]\norigin_host = \"a b\"\n", &[], &["stepwell.toml:2", "edge.origin_host", "\"a b\"", "auto"]),
        (
            "[edge]\norigin_connect_timeout = \"1h\"\n",
            &[],
            &["edge.origin_connect_timeout", "too large", "30s"],
        ),
        (
            "[edge]\norigin = \"https://h\"\norigin_ca_file = \"nowhere.pem\"\n",
            &[],
            &["stepwell.toml:3", "edge.origin_ca_file", "nowhere.pem", "cannot be read"],
        ),
        ("[edge]\norgin = \"http://h\"\n", &[], &["stepwell.toml:2", "did you mean edge.origin?"]),
    ] {
        let said = edge(configuration, arguments).failed();
        for part in told {
            assert!(said.err.contains(part), "{configuration:?} is told without {part:?}:\n{}", said.err);
        }
    }
}

#[test]
fn an_address_that_is_taken_and_a_circle_are_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = taken.local_addr().expect("a listener has an address");
    let listen = address.to_string();
    let said = edge("", &["--origin", "http://127.0.0.1:9", "--listen", &listen]).failed();
    for part in ["--listen on the command line: server.listen", "in use", "fix:"] {
        assert!(said.err.contains(part), "{}", said.err);
    }
    drop(taken);
    let itself = format!("http://localhost:{}", address.port());
    let said = edge("", &["--origin", &itself, "--listen", &listen]).failed();
    for part in ["edge.origin", &itself, "server.listen", "circle", "fix:"] {
        assert!(said.err.contains(part), "{}", said.err);
    }
}

#[test]
fn credentials_of_an_origin_are_refused_unseen() {
    let said = edge("[edge]\norigin = \"http://me:hunter2@h\"\n", &[]).failed();
    assert!(said.err.contains("stepwell.toml:2") && !said.err.contains("hunter2"), "{}", said.err);
}

#[test]
fn a_check_starts_nothing_and_reports() {
    let said = edge("[edge]\nmemory = \"1GiB\"\n", &["--origin", "http://h:81/shop", "--check", "--json"]);
    let report = said.succeeded().json();
    assert_eq!(report["settings"]["edge.origin"], json!({ "value": "http://h:81/shop", "flag": "--origin" }));
    assert_eq!(report["settings"]["edge.memory"]["value"], "1GiB");
}

#[test]
fn a_start_says_where_it_listens_and_what_it_caches() {
    let origin = SocketAddr::from(([127, 0, 0, 1], 9));
    let edge = Edge::before(origin);
    let said = edge.log();
    for part in [format!("Caching http://{origin} on http://{}", edge.address()), "nobody may purge".into()] {
        assert!(said.contains(&part), "{said}");
    }
    assert!(!Edge::with(origin, &[TOKEN]).log().contains("nobody may purge"));

    let folder = TempDir::new().expect("there is room for a folder");
    let mut command = anywhere(folder.path());
    command.args(["edge", "--json", "--origin", "http://127.0.0.1:9"]);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = command.spawn().expect("the binary starts");
    let out = process.stdout.take().expect("it has an output");
    let report = serde_json::Deserializer::from_reader(out).into_iter::<Value>().next();
    process.kill().and_then(|()| process.wait()).expect("a child of ours can be killed");
    let report = report.expect("it says that it is ready").expect("in JSON");
    assert_eq!((&report["ok"], &report["origin"]), (&json!(true), &json!("http://127.0.0.1:9")));
    for address in ["listen", "operator"] {
        let address = report[address].as_str().and_then(|text| text.parse::<SocketAddr>().ok());
        assert!(address.is_some_and(|address| address.port() != 0), "{report}");
    }
}

#[test]
fn a_server_passes_an_origin_over_and_says_so() {
    let server = Server::with(Project::example(), &[("STEPWELL_EDGE_ORIGIN", "http://127.0.0.1:9")]);
    assert!(server.log().contains("edge.origin is for `stepwell edge`"), "{}", server.log());
}
