//! What is kept, for how long, and for whom: as the origin says.

use http::{Method, Request, Response};
use hyper::body::Incoming;
use stepwell_tests::client::Client;
use stepwell_tests::edge::Edge;
use stepwell_tests::origin::{Origin, page};
use stepwell_tests::streamed::Body;

const HOUR: (&str, &str) = ("cache-control", "max-age=3600");

async fn site(request: Request<Incoming>) -> Response<Body> {
    match request.uri().path() {
        "/news" => page(&[HOUR, ("etag", "\"1\"")], "0123456789"),
        "/basket" => page(&[("cache-control", "no-store")], "yours"),
        "/welcome" => page(&[HOUR, ("set-cookie", "id=1")], "welcome"),
        _ => page(&[], ""),
    }
}

async fn started(settings: &[(&str, &str)]) -> (Origin, Edge, Client) {
    let origin = Origin::start(site).await;
    let edge = Edge::with(origin.address(), settings);
    let client = edge.client();
    (origin, edge, client)
}

#[tokio::test]
async fn a_page_is_kept_and_says_how_old_it_is() {
    let (origin, edge, client) = started(&[]).await;
    let miss = client.get("/news").send().await.expect(200);
    let status = miss.cache_status();
    assert_eq!((status.fwd.as_deref(), status.stored, miss.header("age")), (Some("uri-miss"), true, None));
    let hit = client.get("/news").send().await.expect(200);
    let status = hit.cache_status();
    assert!(status.hit && status.ttl_s.is_some_and(|ttl_s| (3590..=3600).contains(&ttl_s)), "{status:?}");
    let age_s: u64 = hit.header("age").and_then(|age| age.parse().ok()).expect("a hit has an age");
    assert!(age_s < 10, "{age_s}");
    assert_eq!((hit.text().as_ref(), hit.header("etag")), ("0123456789", Some("\"1\"")));
    assert_eq!(origin.asked("GET /news"), 1);
    assert!(edge.files().is_empty(), "it keeps nothing on disk: {:?}", edge.files());
}

#[tokio::test]
async fn a_kept_page_answers_head_ranges_and_conditions() {
    let (origin, _edge, client) = started(&[]).await;
    client.get("/news").send().await.expect(200);
    let head = client.request(Method::HEAD, "/news").send().await.expect(200);
    assert_eq!((head.header("content-length"), head.body.len()), (Some("10"), 0));
    let part = client.get("/news").header("range", "bytes=2-4").send().await.expect(206);
    assert_eq!((part.text().as_ref(), part.header("content-range")), ("234", Some("bytes 2-4/10")));
    let past = client.get("/news").header("range", "bytes=10-").send().await.expect(416);
    assert_eq!(past.header("content-range"), Some("bytes */10"));
    client.get("/news").header("if-none-match", "\"1\"").send().await.expect(304);
    assert_eq!((origin.asked("GET /news"), origin.asked("HEAD /news")), (1, 0));
}

#[tokio::test]
async fn what_the_origin_forbids_to_store_is_asked_for_each_time() {
    let (origin, _edge, client) = started(&[]).await;
    for times in 1..=3 {
        let answer = client.get("/basket").send().await.expect(200);
        assert!(answer.cache_status().reached_origin() && !answer.cache_status().stored);
        assert_eq!(origin.asked("GET /basket"), times);
    }
}

#[tokio::test]
async fn a_change_makes_the_next_read_ask_again() {
    let (origin, _edge, client) = started(&[]).await;
    for reads in 1..=2 {
        client.get("/news").send().await.expect(200);
        assert!(client.get("/news").send().await.cache_status().hit);
        assert_eq!(origin.asked("GET /news"), reads);
        client.request(Method::POST, "/news").raw_body("more").send().await.expect(200);
    }
    assert_eq!(origin.asked("POST /news"), 2);
}

#[tokio::test]
async fn a_reload_asks_the_origin_unless_clients_are_not_heeded() {
    for (heeded, asked) in [("true", 2), ("false", 1)] {
        let (origin, _edge, client) = started(&[("STEPWELL_EDGE_HEED_CLIENTS", heeded)]).await;
        client.get("/news").send().await.expect(200);
        client.get("/news").header("cache-control", "no-cache").send().await.expect(200);
        assert_eq!(origin.asked("GET /news"), asked, "heed_clients = {heeded}");
    }
}

#[tokio::test]
async fn a_page_with_a_cookie_is_kept_unless_the_operator_forbids_it() {
    for (stored, asked) in [("true", 1), ("false", 2)] {
        let (origin, _edge, client) = started(&[("STEPWELL_EDGE_STORE_COOKIES", stored)]).await;
        for _ in 0..2 {
            let answer = client.get("/welcome").send().await.expect(200);
            assert_eq!(answer.header("set-cookie"), Some("id=1"));
        }
        assert_eq!(origin.asked("GET /welcome"), asked, "store_cookies = {stored}");
    }
}

#[tokio::test]
async fn the_origin_hears_the_host_that_its_operator_chose() {
    let echo = async |request: Request<Incoming>| {
        let host = request.headers().get("host").map(|host| host.to_str().unwrap_or_default().to_owned());
        page(&[], &host.unwrap_or_default())
    };
    let origin = Origin::start(echo).await;
    let own = origin.address().to_string();
    for (choice, expected) in [
        ("auto", "www.example.org"),
        ("client", "www.example.org"),
        ("origin", &own),
        ("b.org:81", "b.org:81"),
    ] {
        let edge = Edge::with(origin.address(), &[("STEPWELL_EDGE_ORIGIN_HOST", choice)]);
        let heard = edge.client().get("/").header("host", "www.example.org").send().await.expect(200);
        assert_eq!(heard.text(), expected, "origin_host = {choice}");
    }
}
