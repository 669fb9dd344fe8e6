//! Which host a request is for: said once, in one way (RFC 9112 §3.2), and stored under no other.

use stepwell_tests::edge::Edge;
use stepwell_tests::origin::{Origin, page};
use stepwell_tests::raw::ask;

use crate::world::{World, told};

/// Heads that name no host, or two, and so are nobody's.
const REFUSED: [&str; 8] = [
    "",
    "Host: a\r\nHost: evil\r\n",
    "Host: a\r\nHost: a\r\n",
    "Host: a, evil\r\nHost: evil\r\n",
    "Host: a/evil\r\n",
    "Host: evil@a\r\n",
    "Host: a evil\r\n",
    "Host: a\r\n Host: evil\r\n",
];

fn get(target: &str, hosts: &str) -> String {
    format!("GET {target} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n")
}

#[tokio::test]
async fn a_request_for_no_host_or_two_is_refused_by_the_service() {
    let world = World::start().await;
    for hosts in REFUSED {
        let answer = ask(world.address(), get(&world.post.path, hosts)).await;
        assert_eq!(answer.status, 400, "{hosts:?}");
    }
    world.serves_the_post().await;
}

#[tokio::test]
async fn a_request_for_no_host_or_two_is_refused_before_any_origin() {
    let origin = Origin::start(async |_| page(&[("cache-control", "max-age=60")], "page")).await;
    let edge = Edge::before(origin.address());
    for hosts in REFUSED {
        let answer = ask(edge.address(), get("/", hosts)).await;
        assert_eq!(answer.status, 400, "{hosts:?}");
    }
    assert_eq!(origin.asked("GET /"), 0);
    edge.client().get("/").send().await.expect(200);
}

#[tokio::test]
async fn what_a_whole_target_says_decides_for_key_and_origin_alike() {
    let origin = Origin::start(async |request: http::Request<_>| {
        let heard =
            format!("{:?} {:?}", request.headers().get("host"), request.headers().get("x-forwarded-host"));
        page(&[("cache-control", "max-age=60")], &heard)
    })
    .await;
    let edge = Edge::before(origin.address());
    for _ in 0..2 {
        let evil = ask(edge.address(), get("http://evil.org/page", "Host: good.org\r\n")).await.expect(200);
        assert!(evil.text().contains("evil.org") && !evil.text().contains("good.org"), "{}", evil.text());
    }
    let good = ask(edge.address(), get("/page", "Host: good.org\r\n")).await.expect(200);
    assert!(!good.cache_status().hit && !good.text().contains("evil"), "{}", good.text());
    let again = ask(edge.address(), get("/page", "Host: GOOD.org\r\n")).await.expect(200);
    assert!(again.cache_status().hit && !again.text().contains("evil"), "{}", again.text());
}

#[tokio::test]
async fn the_service_says_the_same_whatever_host_it_is_asked_for() {
    let world = World::start().await;
    for target in [&*world.post.path, "/v1/openapi.json", "/v1/docs", "/.well-known/jwks.json"] {
        for (line, hosts) in [
            (target.to_owned(), "Host: evil.org\r\n"),
            (format!("http://evil.org{target}"), "Host: a\r\n"),
            (target.to_owned(), "Host: a:evil\r\n"),
        ] {
            let answer = ask(world.address(), get(&line, hosts)).await;
            assert!(answer.status == 200 || answer.status == 400, "{line}: {}", answer.status);
            assert!(!told(&answer).contains("evil"), "{line} {hosts:?}");
        }
        assert!(!told(&world.client.get(target).send().await.expect(200)).contains("evil"), "{target}");
    }
    world.serves_the_post().await;
}
