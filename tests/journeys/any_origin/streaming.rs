//! Bodies that are larger than the edge's memory, and those that are under way when it stops.

use http::header::{CONNECTION, TE, TRAILER};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use stepwell_tests::edge::Edge;
use stepwell_tests::eventually::eventually;
use stepwell_tests::origin::{Origin, page, with};
use stepwell_tests::streamed::{Body, count_repeated, exchange, piecewise, repeated, whole};
use tokio::sync::{Notify, mpsc};

/// 100 MB in pieces of 64 KiB and some: no size that a buffer has.
static PIECE: [u8; 65_551] = [b'.'; 65_551];
const PIECES: usize = 1526;
const BYTES: usize = PIECE.len() * PIECES;
/// What the process may take: less than one of the bodies.
const MEMORY_MAX_BYTES: u64 = 100_000_000;

const _: () = assert!(BYTES > 100_000_000);

fn request(method: Method, target: &str, body: Body) -> Request<Body> {
    Request::builder().method(method).uri(target).body(body).expect("tests write targets right")
}

async fn large(mut request: Request<Incoming>) -> Response<Body> {
    if request.method() == Method::POST {
        let bytes = count_repeated(request.body_mut(), &PIECE).await;
        return page(&[], &bytes.to_string());
    }
    // One that may be stored, and is too large to be; with its length announced, and not.
    let keep = ("cache-control", "max-age=60");
    let length = BYTES.to_string();
    let fields = [keep, ("content-length", length.as_str())];
    let announced = request.uri().path() == "/announced";
    with(StatusCode::OK, if announced { &fields } else { &fields[..1] }, repeated(&PIECE, PIECES))
}

#[tokio::test]
async fn large_bodies_pass_both_ways_in_little_memory() {
    let origin = Origin::start(large).await;
    let edge = Edge::before(origin.address());
    for target in ["/announced", "/unannounced"] {
        let mut answer = exchange(edge.address(), request(Method::GET, target, whole(""))).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers().contains_key("content-length"), target == "/announced");
        assert_eq!(count_repeated(answer.body_mut(), &PIECE).await, BYTES, "{target}");
    }
    let upload = request(Method::POST, "/", repeated(&PIECE, PIECES));
    let answer = exchange(edge.address(), upload).await;
    let counted = answer.into_body().collect().await.expect("the answer is whole").to_bytes();
    assert_eq!(counted, BYTES.to_string());
    let peak_bytes = edge.memory_peak_bytes();
    assert!(peak_bytes < MEMORY_MAX_BYTES, "{peak_bytes} bytes at the peak");
}

#[tokio::test]
async fn an_answers_trailers_pass_whether_it_is_stored_or_not() {
    let sum = (HeaderName::from_static("x-sum"), HeaderValue::from_static("42"));
    let trailers = HeaderMap::from_iter([sum]);
    let sent = trailers.clone();
    let summed = move |request: Request<Incoming>| {
        let (trailers, path) = (sent.clone(), request.uri().path().to_owned());
        async move {
            let (pieces, body) = piecewise();
            tokio::spawn(async move {
                pieces.send("content").await;
                pieces.end_with(trailers).await;
            });
            let policy = if path == "/kept" { "max-age=60" } else { "no-store" };
            with(StatusCode::OK, &[("trailer", "x-sum"), ("cache-control", policy)], body)
        }
    };
    let origin = Origin::start(summed).await;
    let edge = Edge::before(origin.address());
    for target in ["/kept", "/passed"] {
        let mut request = request(Method::GET, target, whole(""));
        request.headers_mut().insert(TE, HeaderValue::from_static("trailers"));
        request.headers_mut().insert(CONNECTION, HeaderValue::from_static("te"));
        let answer = exchange(edge.address(), request).await;
        assert_eq!(answer.headers().get(TRAILER), Some(&HeaderValue::from_static("x-sum")), "{target}");
        let answer = answer.into_body().collect().await.expect("the answer is whole");
        assert_eq!(answer.trailers(), Some(&trailers), "{target}");
        assert_eq!(answer.to_bytes(), "content", "{target}");
    }
}

#[tokio::test]
async fn a_requests_trailers_reach_the_origin() {
    let told = async |request: Request<Incoming>| {
        let received = request.into_body().collect().await.expect("the request is whole");
        let sum = received.trailers().and_then(|trailers| trailers.get("x-sum").cloned());
        page(&[], sum.as_ref().map_or("none", |sum| sum.to_str().expect("it is text")))
    };
    let origin = Origin::start(told).await;
    let edge = Edge::before(origin.address());
    let (pieces, body) = piecewise();
    let mut request = request(Method::POST, "/", body);
    request.headers_mut().insert(TRAILER, HeaderValue::from_static("x-sum"));
    tokio::spawn(async move {
        pieces.send("content").await;
        let sum = (HeaderName::from_static("x-sum"), HeaderValue::from_static("42"));
        pieces.end_with(HeaderMap::from_iter([sum])).await;
    });
    let answer = exchange(edge.address(), request).await;
    assert_eq!(answer.into_body().collect().await.expect("the answer is whole").to_bytes(), "42");
}

#[tokio::test]
async fn a_stop_lets_a_download_finish_and_takes_nothing_new() {
    // The origin goes on when the test says so.
    static GO_ON: Notify = Notify::const_new();
    let (began, mut begun) = mpsc::channel::<()>(1);
    let held_up = move |_: Request<Incoming>| {
        let began = began.clone();
        async move {
            let (pieces, body) = piecewise();
            tokio::spawn(async move {
                pieces.send("first half, ").await;
                let _ = began.send(()).await;
                GO_ON.notified().await;
                pieces.send("second half").await;
            });
            with(StatusCode::OK, &[("content-length", "23")], body)
        }
    };
    let origin = Origin::start(held_up).await;
    let mut edge = Edge::before(origin.address());
    let operator = edge.operator();
    operator.get("/readyz").send().await.expect(200);
    let mut answer = exchange(edge.address(), request(Method::GET, "/", whole(""))).await;
    begun.recv().await.expect("the origin answers");
    let first = answer.body_mut().frame().await.and_then(Result::ok).and_then(|frame| frame.into_data().ok());
    assert_eq!(first.as_deref(), Some(&b"first half, "[..]));

    edge.tell_to_stop();
    eventually("it drains", async || operator.get("/readyz").send().await.status == 503).await;
    let draining = operator.get("/readyz").send().await.expect(503);
    assert_eq!(draining.problem(), "overloaded");
    operator.get("/healthz").send().await.expect(200);
    eventually("it takes no connection", async || {
        tokio::net::TcpStream::connect(edge.address()).await.is_err()
    })
    .await;

    GO_ON.notify_one();
    let second = answer.into_body().collect().await.expect("the answer is whole").to_bytes();
    assert_eq!(second, "second half");
    edge.ends_in_order();
}
