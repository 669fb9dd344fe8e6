//! Cookies that no key holds.

use stepwell_tests::edge::Edge;
use stepwell_tests::origin::{Origin, page};
use stepwell_tests::raw::ask;

use crate::world::{World, closing, told};

#[tokio::test]
async fn cookies_change_nothing_of_what_everybody_gets() {
    let world = World::start().await;
    for cookie in [
        "Cookie: lang=evil; theme=evil",
        "Cookie: __Host-stepwell-access=evil",
        "Cookie: __Host-stepwell-access=a; __Host-stepwell-access=evil",
        "Cookie: $Version=1; x=\"evil; y=evil\"",
        "Cookie: =evil; ;;; evil",
        "Cookie: a=\u{e4}evil",
    ] {
        world.forgets();
        let line = format!("GET {}", world.post.path);
        World::is_the_post(ask(world.address(), closing(&line, &[cookie])).await);
        world.serves_the_post().await;
    }
}

/// What a client says that it has seen is a bound on what it is given, never a part of it. A cookie that says nothing is
/// no reason to refuse: a browser cannot mend it.
#[tokio::test]
async fn a_bookmark_in_a_cookie_is_obeyed_or_passed_over_and_never_kept() {
    let world = World::start().await;
    let line = format!("GET {}", world.post.path);
    for bookmark in ["evil", "1-fffffffffff", "ffffffff-1", "18446744073709551615-1", ""] {
        let cookie = format!("Cookie: __Host-stepwell-bookmark={bookmark}");
        World::is_the_post(ask(world.address(), closing(&line, &[&cookie])).await);
        world.serves_the_post().await;
    }
}

#[tokio::test]
async fn an_origin_that_varies_by_cookie_gives_each_client_its_own() {
    let origin = Origin::start(async |request: http::Request<_>| {
        let heard = format!("{:?}", request.headers().get("cookie"));
        page(&[("cache-control", "max-age=3600"), ("vary", "Cookie")], &heard)
    })
    .await;
    let edge = Edge::before(origin.address());
    for _ in 0..2 {
        let evil = ask(edge.address(), closing("GET /", &["Cookie: id=evil"])).await.expect(200);
        assert!(evil.text().contains("evil"));
        let plain = ask(edge.address(), closing("GET /", &[])).await.expect(200);
        assert!(!told(&plain).contains("evil"), "{}", plain.text());
        let other = ask(edge.address(), closing("GET /", &["Cookie: id=ada"])).await.expect(200);
        assert!(other.text().contains("ada"), "{}", other.text());
    }
}
