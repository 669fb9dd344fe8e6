//! What is served stale while it is revalidated, or because the client is content with it.

use http::Method;
use stepwell_edge_core::cache::rfc9111::options::Options;

use crate::bench::Bench;
use crate::origin::answer;

/// A bench that has an answer with this `Cache-Control` stored, since so many seconds.
async fn stored(cache_control: &str, since_s: u64) -> Bench {
    stored_by(Options::default(), cache_control, since_s).await
}

async fn stored_by(options: Options, cache_control: &str, since_s: u64) -> Bench {
    let bench = Bench::with(options).await;
    bench.origin.says(200, &[("cache-control", cache_control), ("etag", "\"one\"")], "one");
    bench.get("/").await;
    bench.pass_s(since_s);
    bench.origin.says(200, &[("cache-control", "max-age=10")], "two");
    bench
}

#[tokio::test]
async fn stale_is_served_to_many_while_one_request_revalidates_behind_them() {
    let bench = stored("max-age=10, stale-while-revalidate=5", 12).await;
    bench.origin.by_hand();
    let clients: Vec<_> = (0..100).map(|_| bench.asking(Method::GET, "/", &[])).collect();
    for client in clients {
        let stale = client.await.unwrap();
        assert_eq!((stale.text(), stale.cache_status()), ("one", "hit; ttl=-2; detail=revalidating"));
        assert_eq!(stale.field("age"), Some("12"));
    }
    let question = bench.origin.next().await;
    assert_eq!(question.head.headers()["if-none-match"], "\"one\"");
    assert_eq!(bench.asked(), 2);
    question.answer(answer(304, &[("etag", "\"one\"")], ""));
    bench.get_until("/", |answer| answer.cache_status() == "hit; ttl=10").await;
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn a_revalidation_behind_is_of_the_whole_for_whoever_asks() {
    let part = [("range", "bytes=0-1"), ("if-range", "\"one\"")];
    for (method, fields, text) in [(Method::GET, &part[..], "on"), (Method::HEAD, &[], "")] {
        let bench = stored("max-age=10, stale-while-revalidate=5", 12).await;
        bench.origin.by_hand();
        assert_eq!(bench.send(method, "/", fields).await.text(), text);
        let question = bench.origin.next().await;
        assert_eq!(question.head.method(), Method::GET);
        assert!(part.iter().all(|(name, _)| !question.head.headers().contains_key(*name)));
        question.answer(answer(200, &[("cache-control", "max-age=10")], "whole"));
        bench.get_until("/", |answer| answer.text() == "whole").await;
        assert_eq!(bench.asked(), 2);
    }
}

#[tokio::test]
async fn a_revalidation_behind_that_fails_is_tried_again_by_the_next() {
    let bench = stored("max-age=10, stale-while-revalidate=5", 12).await;
    bench.origin.by_hand();
    for asked in 2..5 {
        // One that comes before the failed one has left the field asks nothing.
        let stale = bench.get_until("/", |_| bench.asked() == asked).await;
        assert_eq!((stale.text(), stale.cache_status()), ("one", "hit; ttl=-2; detail=revalidating"));
        bench.origin.next().await.fail();
    }
}

#[tokio::test]
async fn the_window_of_revalidation_ends() {
    for (since_s, text) in [(14, "one"), (15, "two")] {
        let bench = stored("max-age=10, stale-while-revalidate=5", since_s).await;
        assert_eq!(bench.get("/").await.text(), text, "{since_s}");
    }
    for directive in ["must-revalidate", "proxy-revalidate", "s-maxage=10", "no-cache"] {
        let bench = stored(&format!("max-age=10, stale-while-revalidate=5, {directive}"), 12).await;
        assert_eq!(bench.get("/").await.text(), "two", "{directive}");
    }
}

#[tokio::test]
async fn a_client_may_be_content_with_what_is_stale() {
    for (max_stale, since_s, text) in [
        ("max-stale", 1_000_000, "one"),
        ("max-stale=5", 15, "one"),
        ("max-stale=5", 16, "two"),
        ("max-stale=0", 11, "two"),
        ("max-stale=x", 11, "two"),
    ] {
        let bench = stored("max-age=10", since_s).await;
        let answer = bench.get_with("/", &[("cache-control", max_stale)]).await;
        assert_eq!(answer.text(), text, "{max_stale} {since_s}");
        if text == "one" {
            let status = format!("hit; ttl=-{}; detail=max-stale", since_s - 10);
            assert_eq!((answer.cache_status(), bench.asked()), (&*status, 1));
        }
    }
    for directive in ["must-revalidate", "proxy-revalidate", "s-maxage=10"] {
        let bench = stored(&format!("max-age=10, {directive}"), 11).await;
        let answer = bench.get_with("/", &[("cache-control", "max-stale")]).await;
        assert_eq!(answer.text(), "two", "{directive}");
    }
}

#[tokio::test]
async fn a_client_may_want_what_stays_fresh() {
    let bench = stored("max-age=10, stale-while-revalidate=50", 4).await;
    assert_eq!(bench.get_with("/", &[("cache-control", "min-fresh=6")]).await.cache_status(), "hit; ttl=6");
    let fresher = bench.get_with("/", &[("cache-control", "min-fresh=7")]).await;
    assert_eq!((fresher.text(), fresher.cache_status()), ("two", "fwd=request; stored"));
}

#[tokio::test]
async fn a_client_may_want_nothing_but_what_is_stored() {
    let only = [("cache-control", "only-if-cached")];
    let bench = stored("max-age=10", 9).await;
    assert_eq!(bench.get_with("/", &only).await.cache_status(), "hit; ttl=1");
    bench.pass_s(1);
    for target in ["/", "/never"] {
        let none = bench.get_with(target, &only).await;
        assert_eq!((none.status, none.cache_status()), (504, "detail=generated"), "{target}");
        assert_eq!(none.field("content-type"), Some("application/problem+json"));
        assert!(none.text().contains("not-stored"), "{}", none.text());
    }
    let either = [("cache-control", "only-if-cached, max-stale=5")];
    assert_eq!(bench.get_with("/", &either).await.text(), "one");
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn clients_steer_only_where_the_operator_lets_them() {
    let bench = stored_by(Options { heeds_clients: false, ..Options::default() }, "max-age=10", 5).await;
    for wish in ["no-cache", "max-age=0", "min-fresh=9"] {
        let answer = bench.get_with("/", &[("cache-control", wish)]).await;
        assert_eq!((answer.text(), answer.cache_status()), ("one", "hit; ttl=5"), "{wish}");
    }
    assert_eq!(bench.get_with("/", &[("pragma", "no-cache")]).await.text(), "one");
    assert_eq!(bench.get_with("/never", &[("cache-control", "only-if-cached")]).await.status, 200);
    bench.pass_s(6);
    assert_eq!(bench.get_with("/", &[("cache-control", "max-stale")]).await.text(), "two");
}
