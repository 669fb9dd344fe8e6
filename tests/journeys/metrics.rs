//! `/metrics` on the operator's address.

use std::collections::BTreeMap;

use stepwell_tests::client::Client;
use stepwell_tests::people::sign_up;
use stepwell_tests::records::create_post;
use stepwell_tests::server::Server;

/// Every sample by its name and labels.
async fn samples(operator: &Client) -> BTreeMap<String, f64> {
    let page = operator.get("/metrics").send().await.expect(200);
    let media_type = page.header("content-type").unwrap_or_default();
    assert!(media_type.starts_with("application/openmetrics-text; version=1.0.0"), "{media_type}");
    let text = page.text().into_owned();
    assert!(text.ends_with("# EOF\n"), "{text}");
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    let read = samples.map(|line| {
        let (name, value) = line.rsplit_once(' ').expect("a sample has a value");
        (name.to_owned(), value.parse().expect("a value is a number"))
    });
    let all: Vec<(String, f64)> = read.collect();
    let count = all.len();
    let by_name: BTreeMap<_, _> = all.into_iter().collect();
    assert_eq!(by_name.len(), count, "a name and its labels come once: {text}");
    by_name
}

#[tokio::test]
async fn what_happens_is_counted_where_an_operator_looks_for_it() {
    let server = Server::start();
    let (client, operator) = (server.client(), Client::new(server.operator_address()));
    let ada = sign_up(&client, "ada").await;
    let post = create_post(&client, &ada, "Wells").await;
    let before = samples(&operator).await;
    for _ in 0..3 {
        client.get(&post.path).bookmark(post.bookmark).send().await.expect(200);
    }
    client.get("/nowhere").send().await.expect(404);
    let after = samples(&operator).await;
    let rose = |name: &str| {
        let value = |samples: &BTreeMap<String, f64>| samples.get(name).copied().unwrap_or_default();
        value(&after) - value(&before)
    };
    for (name, by) in [
        ("stepwell_cache_requests_total{outcome=\"hit\",reason=\"\"}", 2.0),
        ("stepwell_cache_requests_total{outcome=\"miss\",reason=\"uri-miss\"}", 1.0),
        ("stepwell_request_duration_seconds_count{class=\"public\",status=\"2xx\"}", 3.0),
        ("stepwell_request_duration_seconds_bucket{le=\"+Inf\",class=\"public\",status=\"2xx\"}", 3.0),
        ("stepwell_request_duration_seconds_count{class=\"none\",status=\"4xx\"}", 1.0),
        ("stepwell_upstream_duration_seconds_count", 1.0),
        ("stepwell_cache_entries", 1.0),
    ] {
        assert!((rose(name) - by).abs() < 0.5, "{name} rose by {}: {after:#?}", rose(name));
    }
    for (name, least) in [
        ("stepwell_connections", 1.0),
        ("stepwell_cache_entries_bytes", 100.0),
        ("stepwell_database_write_duration_seconds_count", 1.0),
        ("stepwell_database_read_duration_seconds_count", 1.0),
        ("stepwell_database_group_writes_count", 1.0),
        ("stepwell_log_head", 1.0),
        ("stepwell_process_resident_memory_bytes", 1e6),
        ("stepwell_process_open_fds", 5.0),
    ] {
        let value = after.get(name).copied().unwrap_or_default();
        assert!(value >= least, "{name} is {value}: {after:#?}");
    }
    assert_eq!(
        after["stepwell_log_head"].total_cmp(&after["stepwell_edge_log_position"]),
        std::cmp::Ordering::Equal
    );
    assert!(after.keys().any(|name| name.starts_with("stepwell_build_info{version=")), "{after:#?}");
}

#[tokio::test]
async fn clients_do_not_see_them() {
    let server = Server::start();
    server.client().get("/metrics").send().await.expect(404);
}
