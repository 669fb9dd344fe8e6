//! What is asked of whom: methods, hosts, targets.

use crate::bench::{Bench, HOST};
use crate::origin::answer;

/// The head of the answer to a head that was sent by hand.
async fn answered(bench: &Bench, head: &str) -> String {
    let mut client = bench.dial().await;
    client.write(&head.replace('\n', "\r\n")).await;
    client.head().await
}

/// The same as a status, asserting that the origin was not asked.
async fn refused(bench: &Bench, head: &str) -> u16 {
    let asked = bench.asked();
    let answered = answered(bench, head).await;
    assert_eq!(bench.asked(), asked, "{head}");
    assert!(answered.contains("content-type: application/problem+json\r\n"), "{answered}");
    answered["HTTP/1.1 ".len()..][..3].parse().unwrap()
}

/// A bench whose origin says in its answers which host it was asked for.
async fn by_host() -> Bench {
    let bench = Bench::start().await;
    bench.origin.script(|head| {
        let host = head.headers().get("host").map_or("", |host| host.to_str().unwrap());
        Some(answer(200, &[("cache-control", "max-age=10"), ("x-host", host)], ""))
    });
    bench
}

#[tokio::test]
async fn a_request_that_goes_round_in_a_circle_is_stopped() {
    let bench = Bench::start().await;
    bench.origin.says(200, &[], "");
    for (passed, status) in [
        ("stepwell", "200"),
        ("stepwell, other, stepwell;x=1", "200"),
        ("stepwell, Stepwell;x=1, stepwell", "508"),
        ("stepwell\nCDN-Loop: stepwell\nCDN-Loop: stepwell", "508"),
        ("a, b, c, d", "200"),
    ] {
        for method in ["GET", "POST"] {
            let head = format!("{method} / HTTP/1.1\nHost: {HOST}\nCDN-Loop: {passed}\n\n");
            assert!(answered(&bench, &head).await.starts_with(&format!("HTTP/1.1 {status} ")), "{passed}");
        }
    }
    assert_eq!(bench.asked(), 6);
}

#[tokio::test]
async fn tunnels_and_mirrors_are_refused() {
    let bench = Bench::start().await;
    assert_eq!(refused(&bench, &format!("TRACE / HTTP/1.1\nHost: {HOST}\n\n")).await, 405);
    assert_eq!(refused(&bench, "CONNECT shop.example:443 HTTP/1.1\nHost: shop.example:443\n\n").await, 405);
}

#[tokio::test]
async fn websocket_is_refused_and_other_upgrades_passed_over() {
    let bench = Bench::start().await;
    for protocol in ["websocket", "WebSocket", "h2c, websocket"] {
        let head = format!("GET / HTTP/1.1\nHost: {HOST}\nConnection: upgrade\nUpgrade: {protocol}\n\n");
        assert_eq!(refused(&bench, &head).await, 501, "{protocol}");
    }
    bench.origin.says(200, &[("cache-control", "max-age=10")], "");
    let head = format!("GET / HTTP/1.1\nHost: {HOST}\nConnection: upgrade, http2-settings\nUpgrade: h2c\n\n");
    for status in ["stepwell; fwd=uri-miss; stored", "stepwell; hit; ttl=10"] {
        let answered = answered(&bench, &head).await;
        assert!(answered.starts_with("HTTP/1.1 200 OK\r\n"), "{answered}");
        assert!(answered.contains(&format!("cache-status: {status}\r\n")), "{answered}");
    }
    assert!(!bench.origin.last().headers().contains_key("upgrade"));
}

#[tokio::test]
async fn a_request_is_for_one_host() {
    let bench = Bench::start().await;
    for head in [
        "GET / HTTP/1.1\n\n",
        "GET / HTTP/1.1\nHost: a.example\nHost: a.example\n\n",
        "GET / HTTP/1.1\nHost: a.example\nHost: b.example\n\n",
        "GET http://a.example/ HTTP/1.1\nHost: a.example\nHost: b.example\n\n",
        "GET / HTTP/1.1\nHost: a.example/b\n\n",
        "GET / HTTP/1.1\nHost: me@a.example\n\n",
        "GET / HTTP/1.1\nHost: a.example b\n\n",
        "GET / HTTP/1.1\nHost: a.example?b\n\n",
        "GET http://me@a.example/ HTTP/1.1\nHost: a.example\n\n",
    ] {
        assert_eq!(refused(&bench, head).await, 400, "{head}");
    }
}

#[tokio::test]
async fn the_host_of_a_whole_target_wins() {
    let bench = by_host().await;
    answered(&bench, "GET http://a.example/x HTTP/1.1\nHost: b.example\n\n").await;
    let asked = bench.origin.last();
    assert_eq!(
        (asked.uri().to_string(), &asked.headers()["host"]),
        ("/x".into(), &"a.example".parse().unwrap())
    );
    assert_eq!(asked.headers()["x-forwarded-host"], "a.example");
    // What was stored is that host's, and nobody else's.
    for (host, is_hit) in [("a.example", true), ("b.example", false)] {
        let answer = bench.get_with("/x", &[("host", host)]).await;
        assert_eq!((answer.field("x-host"), answer.cache_status().starts_with("hit")), (Some(host), is_hit));
    }
}

#[tokio::test]
async fn hosts_are_told_apart_without_regard_to_case() {
    let bench = by_host().await;
    for (host, asked) in [
        ("a.example", 1),
        ("A.Example", 1),
        ("b.example", 2),
        ("a.example:81", 3),
        ("A.EXAMPLE:81", 3),
        ("[::1]", 4),
    ] {
        let answer = bench.get_with("/", &[("host", host)]).await;
        assert_eq!(
            (answer.field("x-host"), bench.asked()),
            (Some(&*host.to_ascii_lowercase()), asked),
            "{host}"
        );
    }
}

#[tokio::test]
async fn a_client_of_the_old_version_need_not_name_a_host() {
    let bench = by_host().await;
    answered(&bench, "GET / HTTP/1.0\n\n").await;
    assert!(!bench.origin.last().headers().contains_key("host"), "which one is the origin's to say");
    assert!(!bench.origin.last().headers().contains_key("x-forwarded-host"));
    assert!(answered(&bench, "GET / HTTP/1.0\n\n").await.contains("; hit; "));
    answered(&bench, &format!("GET / HTTP/1.0\nHost: {HOST}\n\n")).await;
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn the_target_reaches_the_origin_as_it_was_sent() {
    let bench = Bench::start().await;
    bench.origin.says(204, &[], "");
    for target in ["/a%2Fb/../c?d=%65&d", "//a", "/?", "*"] {
        let method = if target == "*" { "OPTIONS" } else { "GET" };
        answered(&bench, &format!("{method} {target} HTTP/1.1\nHost: {HOST}\n\n")).await;
        assert_eq!(bench.origin.last().uri().to_string(), target);
    }
}

#[tokio::test]
async fn a_target_without_end_is_refused() {
    let bench = Bench::start().await;
    bench.origin.says(204, &[], "");
    let longest = format!("/{}", "a".repeat(stepwell_shared::limits::TARGET_BYTES_MAX - 1));
    let head = |target: &str| format!("GET {target} HTTP/1.1\nHost: {HOST}\n\n");
    assert_eq!(refused(&bench, &head(&format!("{longest}a"))).await, 414);
    assert!(answered(&bench, &head(&longest)).await.starts_with("HTTP/1.1 204 "));
}
