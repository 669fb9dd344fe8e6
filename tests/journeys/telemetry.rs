//! Traces of requests, as a collector gets them.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use http::StatusCode;
use stepwell_tests::client::Client;
use stepwell_tests::collector::{Collector, Span};
use stepwell_tests::edge::Edge;
use stepwell_tests::eventually::eventually;
use stepwell_tests::origin::{Origin, page};
use stepwell_tests::people::sign_up;
use stepwell_tests::project::Project;
use stepwell_tests::server::Server;

const ENDPOINT: &str = "STEPWELL_TELEMETRY_OTLP_ENDPOINT";
const SAMPLE: &str = "STEPWELL_TELEMETRY_SAMPLE";
const POSTS: &str = "/v1/collections/posts/records";
/// Of the client, within each trace.
const PARENT: &str = "00f067aa0ba902b7";
const SERVER: i32 = 2;
const CLIENT: i32 = 3;

/// The id of a trace.
fn trace(number: u8) -> String {
    format!("4bf92f3577b34da6a3ce929d0e0e47{number:02x}")
}

async fn get(client: &Client, path: &str, number: u8, is_recorded: bool) -> StatusCode {
    let flags = u8::from(is_recorded);
    let traceparent = format!("00-{}-{PARENT}-{flags:02x}", trace(number));
    client.get(path).header("traceparent", &traceparent).send().await.status
}

fn of_trace(all: &[Span], number: u8) -> Vec<&Span> {
    all.iter().filter(|span| span.trace == trace(number)).collect()
}

/// The one span of a kind within another.
fn within<'s>(spans: &[&'s Span], parent: &str, kind: i32) -> &'s Span {
    let found: Vec<_> = spans.iter().filter(|span| span.parent == parent && span.kind == kind).collect();
    assert_eq!(found.len(), 1, "{spans:#?}");
    found[0]
}

#[tokio::test]
async fn one_trace_runs_from_the_client_through_the_edge_to_the_origin() {
    let mut collector = Collector::start().await;
    let url = collector.url();
    let server = Server::with(Project::example(), &[(ENDPOINT, &url), (SAMPLE, "0%")]);
    let client = server.client();
    assert_eq!(get(&client, POSTS, 1, true).await, 200);
    assert_eq!(get(&client, POSTS, 2, true).await, 200);
    let all = collector.once(3, &trace(1)).await;
    let spans = of_trace(&all, 1);
    let edge = within(&spans, PARENT, SERVER);
    let asked = within(&spans, &edge.id, CLIENT);
    let origin = within(&spans, &asked.id, SERVER);
    assert_eq!(spans.len(), 3, "{spans:#?}");
    let said = |span: &Span, name: &str| span.attribute(name).unwrap_or_default();
    assert_eq!(
        (edge.name.as_str(), origin.name.as_str()),
        ("GET /v1/collections/posts/records", "GET /v1/collections/{collection}/records")
    );
    assert_eq!(
        (said(edge, "stepwell.tier"), said(origin, "stepwell.tier")),
        ("edge".into(), "origin".into())
    );
    assert_eq!(said(edge, "stepwell.route.class"), "public");
    assert!(said(edge, "stepwell.cache").starts_with("stepwell; fwd=uri-miss"), "{edge:#?}");
    for span in [edge, asked, origin] {
        assert_eq!(said(span, "http.response.status_code"), "200");
        assert_eq!(span.resource("service.name").as_deref(), Some("stepwell"));
    }
    assert!(edge.took_ns >= asked.took_ns && asked.took_ns >= origin.took_ns, "{spans:#?}");

    // What the edge has, the origin is not asked for.
    let all = collector.once(1, &trace(2)).await;
    let hit = of_trace(&all, 2);
    assert_eq!(hit.len(), 1, "{hit:#?}");
    assert!(said(hit[0], "stepwell.cache").starts_with("stepwell; hit"), "{hit:#?}");
}

#[tokio::test]
async fn only_what_is_recorded_is_exported_and_nothing_of_anybodys() {
    let mut collector = Collector::start().await;
    let url = collector.url();
    let server = Server::with(Project::example(), &[(ENDPOINT, &url), (SAMPLE, "0%")]);
    let client = server.client();
    let ada = sign_up(&client, "ada").await;
    client.get(POSTS).send().await.expect(200);
    assert_eq!(get(&client, POSTS, 1, false).await, 200);
    let traceparent = format!("00-{}-{PARENT}-01", trace(2));
    let me = client.get("/v1/accounts/me").signed_in(&ada).header("traceparent", &traceparent);
    me.send().await.expect(200);
    assert_eq!(get(&client, "/nowhere?q=a-secret", 3, true).await, 404);
    // Spans come in the order in which requests end: whatever was wrongly recorded would be there as well.
    let all = collector.once(1, &trace(3)).await;
    assert!(all.iter().all(|span| span.trace == trace(2) || span.trace == trace(3)), "{all:#?}");
    let shown = format!("{all:?}");
    for secret in ["a-secret", "nowhere", &ada.token, &ada.email, &ada.id, "127.0.0.1"] {
        assert!(!shown.contains(secret), "{secret} in {all:#?}");
    }
}

#[tokio::test]
async fn a_share_of_what_begins_here_is_recorded_as_the_edge_tells_the_origin() {
    let mut collector = Collector::start().await;
    let url = collector.url();
    let origin = Origin::start(async |request| {
        let header = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
        page(&[("cache-control", "no-store")], header.unwrap_or_default())
    })
    .await;
    // The standard's own variable, which yields to ours.
    let edge = Edge::with(origin.address(), &[("OTEL_EXPORTER_OTLP_ENDPOINT", &url), (SAMPLE, "100%")]);
    let told = edge.client().get("/news").send().await.expect(200).text().into_owned();
    let parts: Vec<&str> = told.split('-').collect();
    let [_, trace, asked, "01"] = parts[..] else { panic!("{told} is not recorded") };
    let all = collector.once(2, trace).await;
    let client = all.iter().find(|span| span.id == asked).unwrap_or_else(|| panic!("no {asked}: {all:#?}"));
    let server = all.iter().find(|span| span.id == client.parent).unwrap_or_else(|| panic!("{all:#?}"));
    assert_eq!((client.kind, server.kind, server.parent.as_str()), (CLIENT, SERVER, ""));
    assert_eq!(server.attribute("stepwell.route.class").as_deref(), Some("http"));
}

/// The number of spans that came to this end.
async fn counted(operator: &Client, outcome: &str) -> u64 {
    let page = operator.get("/metrics").send().await.expect(200).text().into_owned();
    let name = format!("stepwell_telemetry_spans_total{{outcome=\"{outcome}\"}} ");
    let value = page.lines().find_map(|line| line.strip_prefix(&name));
    value.unwrap_or_else(|| panic!("no {name} in {page}")).parse().expect("a count is a number")
}

#[tokio::test]
async fn a_collector_that_is_down_costs_spans_and_no_answer() {
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let address = nobody.local_addr().expect("a listener has an address");
    drop(nobody);
    let mut server = with_collector_at(address);
    let (client, operator) = (server.client(), Client::new(server.operator_address()));
    for number in 0..50 {
        assert_eq!(get(&client, POSTS, number, true).await, 200);
    }
    eventually("spans are counted as failed", async || counted(&operator, "failed").await >= 50).await;
    assert_eq!(counted(&operator, "sent").await, 0);
    get(&client, POSTS, 51, true).await;
    eventually("further ones too", async || counted(&operator, "failed").await >= 53).await;
    let warnings = server.log().matches("the collector does not take them").count();
    assert_eq!(warnings, 1, "{}", server.log());
    server.stop();
}

#[tokio::test]
async fn a_collector_that_never_answers_holds_nothing_up() {
    // It takes connections, and nobody reads them.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let mut server = with_collector_at(silent.local_addr().expect("a listener has an address"));
    let client = server.client();
    for number in 0..50 {
        assert_eq!(get(&client, POSTS, number, true).await, 200);
    }
    server.stop();
}

fn with_collector_at(address: SocketAddr) -> Server {
    Server::with(Project::example(), &[(ENDPOINT, &format!("http://{address}")), (SAMPLE, "100%")])
}

#[test]
fn what_is_no_collectors_address_stops_the_start() {
    let folder = tempfile::TempDir::new().expect("there is room for a folder");
    let mut command = stepwell_tests::binary::command(folder.path());
    let said = stepwell_tests::binary::finish(command.arg("serve").env(ENDPOINT, "localhost:4318")).failed();
    for part in [ENDPOINT, "localhost:4318", "is no URL", "fix: ", "http://127.0.0.1:4318"] {
        assert!(said.err.contains(part), "no {part}: {}", said.err);
    }
}
