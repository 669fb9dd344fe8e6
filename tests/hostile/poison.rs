//! Errors and parts that one client provokes, and that others would be served: denial by cache.

use http::{Request, StatusCode};
use stepwell_tests::edge::Edge;
use stepwell_tests::origin::{Origin, page, with};
use stepwell_tests::raw::{ask, say};
use stepwell_tests::streamed::whole;

use crate::world::{World, closing};

#[tokio::test]
async fn what_one_client_makes_fail_does_not_fail_for_the_next() {
    let world = World::start().await;
    let long = format!("X-Long: {}", "a".repeat(40 * 1024));
    for fields in [
        &["Stepwell-Bookmark: evil"][..],
        &["Stepwell-Bookmark: 1-1", "Stepwell-Bookmark: 1-2"],
        &["Range: bytes=999999-"],
        &["Range: bytes=0-0"],
        &["Range: evil=1"],
        &["If-None-Match: *"],
        &["If-Match: \"evil\""],
        &["If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT"],
        &["If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT"],
        &["Accept: application/evil"],
        &["Accept-Encoding: evil, identity;q=0"],
        &["Accept-Language: evil"],
        &["Content-Type: evil/evil"],
        &["Expect: evil"],
        &["Upgrade: websocket", "Connection: upgrade"],
        &["Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"],
        &["X-Evil: \u{1}"],
        &["Origin: null"],
        &["Max-Forwards: 0"],
        &[&*long],
    ] {
        world.forgets();
        let line = format!("GET {}", world.post.path);
        let answers = say(world.address(), closing(&line, fields)).await;
        assert!(answers.iter().all(|answer| !answer.status.is_server_error()), "{fields:?}: {answers:?}");
        world.client.request(http::Method::HEAD, &world.post.path).send().await.expect(200);
        world.serves_the_post().await;
    }
}

#[tokio::test]
async fn a_record_that_was_asked_for_too_early_is_there_once_it_is() {
    let world = World::start().await;
    let missing = world.post.path.replace(&world.post.id, "zzzzzzzzzzzzz");
    for target in [&*missing, "/v1/collections/evil/records", "/v1/evil"] {
        for _ in 0..2 {
            let answer = world.client.get(target).send().await;
            assert!(answer.status.is_client_error(), "{target}: {}", answer.status);
        }
    }
    let gone = world.client.delete(&world.post.path).signed_in(&world.ada).send().await;
    let bookmark = gone.bookmark();
    world.client.get(&world.post.path).bookmark(bookmark).send().await.expect(404);
    let again = stepwell_tests::records::create_post(&world.client, &world.ada, "water").await;
    let read = world.client.get(&again.path).bookmark(again.bookmark).send().await;
    World::is_the_post(read);
}

/// The statuses with which servers turn away what a cache let through.
const ERRORS: [u16; 17] =
    [400, 401, 403, 404, 405, 406, 408, 411, 412, 413, 414, 416, 429, 431, 500, 502, 503];

#[tokio::test]
async fn an_error_that_an_origin_gives_no_lifetime_is_given_none() {
    let origin = Origin::start(async |request: Request<_>| {
        let status: Option<u16> = request.uri().path().trim_start_matches('/').parse().ok();
        let status = status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or_default();
        if request.headers().contains_key("x-malformed") {
            return with(status, &[], whole("evil"));
        }
        page(&[("cache-control", "max-age=60")], "page")
    })
    .await;
    let edge = Edge::before(origin.address());
    for status in ERRORS {
        let line = format!("GET /{status}");
        let failed = ask(edge.address(), closing(&line, &["X-Malformed: 1"])).await;
        assert_eq!(failed.status, status);
        assert!(!failed.cache_status().stored, "{status}: {:?}", failed.cache_status());
        for _ in 0..2 {
            let clean = ask(edge.address(), closing(&line, &[])).await.expect(200);
            assert_eq!(clean.text(), "page", "{status}");
        }
        // Nor does it replace what is kept, even when its client wants it afresh.
        let fields = ["X-Malformed: 1", "Cache-Control: no-cache"];
        ask(edge.address(), closing(&line, &fields)).await;
        let clean = ask(edge.address(), closing(&line, &[])).await.expect(200);
        assert_eq!(clean.text(), "page", "{status}");
    }
}

#[tokio::test]
async fn a_request_that_the_edge_refuses_leaves_nothing_behind() {
    let origin = Origin::start(async |_| page(&[("cache-control", "max-age=60")], "page")).await;
    let edge = Edge::before(origin.address());
    let many: Vec<String> = (0..200).map(|name| format!("X-{name}: 1")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for fields in [&many[..], &["Upgrade: websocket"], &["Content-Length: -1"], &["Host: b"]] {
        let refused = say(edge.address(), closing("GET /", fields)).await;
        assert!(refused.iter().all(|answer| answer.status != 200), "{refused:?}");
        assert!(!refused.is_empty());
        ask(edge.address(), closing("GET /", &[])).await.expect(200);
    }
    for line in ["TRACE /", "CONNECT a:80", "GET a:80"] {
        let refused = say(edge.address(), closing(line, &[])).await;
        assert!(refused.iter().all(|answer| answer.status.is_client_error()), "{line}: {refused:?}");
    }
    assert_eq!(origin.asked("GET /"), 1);
}
