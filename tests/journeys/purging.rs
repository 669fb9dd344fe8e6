//! An operator makes every edge forget.

use serde_json::{Value, json};
use stepwell_tests::client::Client;
use stepwell_tests::eventually::eventually;
use stepwell_tests::people::sign_up;
use stepwell_tests::records::{Record, create, create_post, records};
use stepwell_tests::server::{OPERATOR_TOKEN, Server};

/// A server with two posts and a topic, and the targets that are warm at its edge.
struct Library {
    server: Server,
    client: Client,
    posts: Vec<Record>,
    targets: Vec<String>,
}

async fn library() -> Library {
    let server = Server::start();
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    let topic = create(&client, &ada, "topics", &json!({ "name": "water" })).await;
    let posts = vec![create_post(&client, &ada, "One").await, create_post(&client, &ada, "Two").await];
    let mut targets: Vec<String> = posts.iter().map(|post| post.path.clone()).collect();
    targets.push(format!("{}?limit=5", records("posts")));
    targets.push(format!("{}?limit=6", records("posts")));
    targets.push(topic.path);
    targets.push("/v1/openapi.json".to_owned());
    let library = Library { server, client, posts, targets };
    library.warm().await;
    library
}

impl Library {
    async fn warm(&self) {
        for target in &self.targets {
            eventually("a target is warm", async || self.is_hit(target).await).await;
        }
    }

    async fn is_hit(&self, target: &str) -> bool {
        self.client.get(target).send().await.expect(200).cache_status().hit
    }

    /// `stepwell purge ARGUMENTS`, and its report.
    fn purge(&self, arguments: &[&str]) -> Value {
        self.server.run(&[&["purge", "--json"], arguments].concat()).succeeded().json()
    }

    /// The entries that a dry run counts at the one edge that there is.
    fn count(&self, arguments: &[&str]) -> u64 {
        let report = self.purge(&[arguments, &["--dry-run"]].concat());
        let edges = report["edges"].as_array().unwrap_or_else(|| panic!("no edges in {report}"));
        assert_eq!(edges.len(), 1, "{report}");
        edges[0]["entries"].as_u64().unwrap_or_else(|| panic!("no count in {report}"))
    }

    /// Purges, and tells which targets, by place, are no longer warm. The edge answers a dry run after what the log said
    /// before it, so it has heard of the purge when it has counted.
    async fn forgets(&self, arguments: &[&str]) -> Vec<usize> {
        let report = self.purge(arguments);
        assert!(report["bookmark"].is_string(), "{report}");
        self.count(arguments);
        let mut forgotten = Vec::new();
        for (place, target) in self.targets.iter().enumerate() {
            if !self.is_hit(target).await {
                forgotten.push(place);
            }
        }
        forgotten
    }
}

#[tokio::test]
async fn each_kind_of_name_purges_what_it_names_and_a_dry_run_counts_the_same() {
    let library = library().await;
    let record = format!("posts/{}", library.posts[0].id);
    let tag = format!("record/{record}");
    // The places of the targets that each must forget: the record itself, and every list that shows it.
    for (arguments, expected) in [
        (["--record", record.as_str()], vec![0, 2, 3]),
        (["--tag", tag.as_str()], vec![0, 2, 3]),
        (["--collection", "posts"], vec![0, 1, 2, 3]),
        (["--path", "/v1/collections/posts/records"], vec![2, 3]),
    ] {
        library.warm().await;
        assert_eq!(library.count(&arguments), expected.len() as u64, "{arguments:?}");
        assert_eq!(library.forgets(&arguments).await, expected, "{arguments:?}");
    }
}

#[tokio::test]
async fn everything_is_everything() {
    let library = library().await;
    assert!(library.count(&["--everything"]) >= library.targets.len() as u64);
    let all: Vec<usize> = (0..library.targets.len()).collect();
    assert_eq!(library.forgets(&["--everything"]).await, all);
}

#[tokio::test]
async fn a_dry_run_purges_nothing() {
    let library = library().await;
    let report = library.purge(&["--everything", "--dry-run"]);
    assert_eq!((&report["dry_run"], &report["bookmark"]), (&json!(true), &json!(null)));
    for target in &library.targets {
        assert!(library.is_hit(target).await, "{target}");
    }
}

#[tokio::test]
async fn only_the_operator_purges() {
    let library = library().await;
    let command = json!({ "everything": true });
    let ada = stepwell_tests::people::log_in(&library.client, "ada").await;
    let send = |request: stepwell_tests::client::Request| request.send();
    let purge = || library.client.post("/v1/purges", &command);
    assert_eq!(send(purge()).await.expect(401).problem(), "unauthenticated");
    send(purge().signed_in(&ada)).await.expect(401);
    send(purge().bearer(&OPERATOR_TOKEN.replace('0', "1"))).await.expect(401);
    let done = send(purge().bearer(OPERATOR_TOKEN)).await;
    assert!(done.status.is_success(), "{}", done.text());
}

#[tokio::test]
async fn a_purge_that_names_nothing_is_a_slip_of_the_pen() {
    let library = library().await;
    assert_eq!(library.server.run(&["purge"]).status, 2);
    let unknown = library.server.run(&["purge", "--collection", "psots"]).failed();
    assert!(unknown.err.contains("psots"), "{}", unknown.err);
}

#[tokio::test]
async fn a_client_that_asks_for_the_logs_stream_is_taken_for_no_edge() {
    let library = library().await;
    let ask = library.client.get("/v1/purges?after=0").header("accept", "application/x-ndjson");
    let page = ask.send().await.expect(200);
    assert_eq!(page.header("content-type"), Some("application/json"), "a page that ends, not the stream");
    let census = json!({ "question": 1, "entries": 0 });
    library.client.post("/v1/purges/census", &census).send().await.expect(404);
}
