use std::net::SocketAddr;

use axum::body::Body;
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::json;
use stepwell_edge_native::NativeEdge;
use stepwell_shared::routes::RouteTable;
use stepwell_shared::time::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;

use super::*;
use crate::access::operator;
use crate::clock::Clock;
use crate::collections::routes::routes;
use crate::collections::testing::collections;
use crate::config::testing::configuration;
use crate::embedded_edge::embed;
use crate::overload::limiter::Place;
use crate::routes::records::testing::{World, path, records};
use crate::routes::testing::{Answer, NOW};

/// Every place of a kind, until it is dropped.
fn all_places(app: &App, kind: Kind) -> Vec<Place> {
    let limiter = app.overload.of(kind);
    std::iter::from_fn(|| limiter.enter().ok()).collect()
}

fn is_shed(answer: &Answer) {
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "overloaded"));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert!(answer.header("cache-control").is_some_and(|value| value.ends_with("no-store")));
}

#[tokio::test]
async fn over_the_limit_it_says_so_at_once_and_a_place_that_is_freed_is_the_next_ones() {
    let world = World::start().await;
    let (post, topics) = (world.create("posts", &json!({ "title": "Wells" })).await, records("topics"));
    let app = &world.origin.app;
    let (post, topic) = (path("posts", &post), json!({ "name": "wells" }));
    for (kind, method, path, body, status) in
        [(Kind::Read, Method::GET, &post, None, 200), (Kind::Write, Method::POST, &topics, Some(&topic), 201)]
    {
        let mut held = all_places(app, kind);
        let shed = app.overload.of(kind).shed();
        is_shed(&world.ask(method.clone(), path, &world.ada, body).await);
        assert_eq!(app.overload.of(kind).shed(), shed + 1);
        held.pop();
        assert_eq!(world.ask(method, path, &world.ada, body).await.status, status);
        assert_eq!(app.overload.of(kind).under_way(), held.len());
    }
}

#[tokio::test]
async fn what_is_shed_has_not_been_read() {
    let world = World::start().await;
    let _held = all_places(&world.origin.app, Kind::Write);
    let never =
        futures_util::stream::poll_fn(|_| -> std::task::Poll<Option<Result<Bytes, std::io::Error>>> {
            panic!("the body is asked for")
        });
    let request = Request::post(records("topics")).header("content-type", "application/json");
    let request = request.body(Body::from_stream(never)).unwrap();
    let router = crate::routes::router(Arc::clone(&world.origin.app));
    assert_eq!(router.oneshot(request).await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_flood_of_log_ins_leaves_reads_and_changes_their_places() {
    let world = World::start().await;
    let _held = all_places(&world.origin.app, Kind::LogIn);
    let credentials = json!({ "email": "ada@example.org", "password": "correct horse battery" });
    for path in ["/v1/sessions", "/v1/accounts"] {
        is_shed(&world.origin.post(path, &credentials).await);
    }
    let post = world.create("posts", &json!({ "title": "Wells" })).await;
    assert_eq!(world.origin.get(&path("posts", &post)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn health_the_log_and_the_operator_are_answered_whatever_goes_on() {
    let world = World::start().await;
    let held = Kind::ALL.map(|kind| all_places(&world.origin.app, kind));
    for path in ["/healthz", "/readyz", "/v1/purges", "/.well-known/jwks.json"] {
        assert_eq!(world.origin.get(path).await.status, StatusCode::OK, "{path}");
    }
    let token = world.origin.folder.path().join("data").join(operator::FILE);
    let token = std::fs::read_to_string(token).unwrap();
    let accounts = world.origin.ask(Method::GET, "/v1/accounts?limit=1").bearer(token.trim());
    assert_eq!(accounts.send().await.status, StatusCode::OK);
    drop(held);
}

/// Anybody writes and reads it.
const GUESTS: &str = r#"
    [fields]
    name = { type = "text", required = true }
    [rules]
    read = "public"
    create = "public"
"#;

/// An origin of [`GUESTS`] behind an edge.
struct Edged {
    app: Arc<App>,
    clock: Clock,
    edge: NativeEdge,
    server: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Edged {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = configuration("", &[]);
        config.data.folder = folder.path().join("data");
        let collections = collections(&[("guests", GUESTS)]);
        let mut table = RouteTable::fixed();
        table.routes.extend(routes(&collections));
        let clock = Clock::standing_at(NOW);
        let app = App::open(&config, collections, table, clock.clone()).await.unwrap();
        let (edge, server) = edge_before(&app).await;
        Self { app, clock, edge, server, _folder: folder }
    }

    /// The path of a record.
    async fn create(&self, body: &str) -> String {
        path("guests", &ask(self.server, Method::POST, &records("guests"), body).await.json())
    }

    /// Requests that the origin's router has answered.
    fn passed(&self) -> u64 {
        self.edge.metrics().upstream.observed().count()
    }
}

/// An edge in front of the origin, on a port of its own.
async fn edge_before(app: &Arc<App>) -> (NativeEdge, SocketAddr) {
    let edge = embed(app, crate::routes::router(Arc::clone(app)), &configuration("", &[]), 7).unwrap();
    let following = edge.clone();
    tokio::spawn(async move { following.follow_log().await });
    edge.caught_up().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(stepwell_edge_native::serve(edge.clone(), listener, Box::pin(std::future::pending())));
    (edge, address)
}

async fn ask(server: SocketAddr, method: Method, path: &str, body: &str) -> Answer {
    let request = Request::builder().method(method).uri(format!("http://{server}{path}"));
    let request = request
        .header("content-type", "application/json")
        .body(Full::<Bytes>::from(body.to_owned()))
        .unwrap();
    let client = Client::builder(TokioExecutor::new()).build_http();
    let (head, body) = client.request(request).await.unwrap().into_parts();
    Answer { status: head.status, headers: head.headers, body: body.collect().await.unwrap().to_bytes() }
}

#[tokio::test]
async fn edges_serve_what_is_stale_while_the_origin_sheds() {
    let edged = Edged::start().await;
    let Edged { app, clock, server, .. } = &edged;
    let server = *server;
    let (stored, other) = (edged.create(r#"{"name":"Ada"}"#).await, edged.create(r#"{"name":"Bob"}"#).await);

    let fresh = ask(server, Method::GET, &stored, "").await;
    assert_eq!(fresh.status, StatusCode::OK, "{:?}", fresh.body);
    let held = all_places(app, Kind::Read);
    let passed = edged.passed();
    // Past the ten minutes for which a record is fresh, and within the day for which it may stand in.
    clock.set(Timestamp::from_ms(NOW.as_ms() + 3_600_000));
    let stale = ask(server, Method::GET, &stored, "").await;
    assert_eq!((stale.status, &stale.body), (fresh.status, &fresh.body), "{:?}", stale.headers);
    assert_eq!(
        stale.header("cache-status"),
        Some("stepwell; fwd=stale; fwd-status=503; detail=stale-if-error")
    );
    is_shed(&ask(server, Method::GET, &other, "").await);
    assert_eq!(edged.passed(), passed);
    drop(held);
    assert_eq!(ask(server, Method::GET, &other, "").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_edge_refuses_as_the_origin_does_without_asking_it() {
    let edged = Edged::start().await;
    let post = edged.create(r#"{"name":"Ada"}"#).await;
    let router = crate::routes::router(Arc::clone(&edged.app));
    let _held = Kind::ALL.map(|kind| all_places(&edged.app, kind));
    let passed = edged.passed();
    for (kind, method, path, body) in [
        (Kind::Read, Method::GET, post.as_str(), ""),
        (Kind::Write, Method::POST, "/v1/collections/guests/records", r#"{"name":"Bob"}"#),
        (
            Kind::LogIn,
            Method::POST,
            "/v1/sessions",
            r#"{"email":"ada@example.org","password":"correct horse"}"#,
        ),
    ] {
        let limiter = edged.app.overload.of(kind);
        let shed = limiter.shed();
        let by_edge = ask(edged.server, method.clone(), path, body).await;
        is_shed(&by_edge);
        assert_eq!((limiter.shed(), edged.passed()), (shed + 1, passed), "{path}");
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
        assert_eq!(by_edge.body, body.collect().await.unwrap().to_bytes());
        for (name, value) in head.headers.iter().filter(|(name, _)| *name != "cache-control") {
            assert_eq!(by_edge.headers.get(name), Some(value));
        }
    }
}

#[tokio::test]
async fn the_place_that_the_edge_has_taken_is_the_only_one_that_a_request_takes() {
    let edged = Edged::start().await;
    let post = edged.create(r#"{"name":"Ada"}"#).await;
    for (kind, method, path, body, status) in [
        (Kind::Read, Method::GET, post.as_str(), "", StatusCode::OK),
        (
            Kind::Write,
            Method::POST,
            "/v1/collections/guests/records",
            r#"{"name":"Bob"}"#,
            StatusCode::CREATED,
        ),
        (Kind::Write, Method::DELETE, post.as_str(), "", StatusCode::FORBIDDEN),
    ] {
        let mut held = all_places(&edged.app, kind);
        held.pop();
        assert_eq!(ask(edged.server, method, path, body).await.status, status, "{path}");
        assert_eq!(edged.app.overload.of(kind).under_way(), held.len());
    }
}

/// What a server says on this connection up to where it has said `end`.
async fn heard(connection: &mut TcpStream, end: &str) -> String {
    let mut heard = Vec::new();
    while !heard.ends_with(end.as_bytes()) {
        let byte = connection.read_u8().await;
        heard
            .push(byte.unwrap_or_else(|error| panic!("{error} after {:?}", String::from_utf8_lossy(&heard))));
    }
    String::from_utf8(heard).unwrap()
}

#[tokio::test]
async fn the_body_of_a_refused_request_is_not_in_the_next_ones_way() {
    let edged = Edged::start().await;
    let _held = all_places(&edged.app, Kind::Write);
    let body = format!("{{\"name\":\"{}\"}}", "A".repeat(20_000));
    let head = format!(
        "POST /v1/collections/guests/records HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let next = "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n";
    let mut connection = TcpStream::connect(edged.server).await.unwrap();
    for sent in [[head.clone() + &body, String::new()], [head.clone(), body.clone()]] {
        connection.write_all(sent[0].as_bytes()).await.unwrap();
        assert!(heard(&mut connection, "\r\n\r\n").await.starts_with("HTTP/1.1 503"));
        heard(&mut connection, "}").await;
        connection.write_all((sent[1].clone() + next).as_bytes()).await.unwrap();
        assert!(heard(&mut connection, "\r\n\r\n").await.starts_with("HTTP/1.1 200"));
        heard(&mut connection, "}").await;
    }
}
