//! What is stored stands in for an origin that fails.

use stepwell_edge_core::cache::rfc9111::options::Options;

use crate::bench::Bench;

const DAY_S: u64 = 24 * 3600;

/// A bench that has an answer with this `Cache-Control` stored, since so many seconds.
async fn stored(cache_control: &str, since_s: u64) -> Bench {
    let bench = Bench::start().await;
    store(&bench, cache_control, since_s).await;
    bench
}

async fn store(bench: &Bench, cache_control: &str, since_s: u64) {
    bench.origin.says(200, &[("cache-control", cache_control)], "one");
    bench.get("/").await;
    bench.pass_s(since_s);
}

#[tokio::test]
async fn stale_covers_an_error_within_its_window() {
    for (status, since_s, covers) in [
        (500, 12, true),
        (502, 12, true),
        (503, 14, true),
        (504, 12, true),
        (503, 15, false),
        (404, 12, false),
        (501, 12, false),
    ] {
        let bench = stored("max-age=10, stale-if-error=5", since_s).await;
        bench.origin.says(status, &[("cache-control", "no-store")], "down");
        let answer = bench.get("/").await;
        let age = since_s.to_string();
        let expected = if covers { (200, "one", Some(&*age)) } else { (status, "down", None) };
        assert_eq!(
            (answer.status, answer.text(), answer.field("age")),
            expected,
            "{status} after {since_s} s"
        );
        if covers {
            assert_eq!(
                answer.cache_status(),
                format!("fwd=stale; fwd-status={status}; detail=stale-if-error")
            );
        }
        assert_eq!(bench.asked(), 2);
    }
}

#[tokio::test]
async fn a_client_may_prefer_what_is_stale_to_an_error() {
    let bench = stored("max-age=10", 12).await;
    bench.origin.says(503, &[("cache-control", "no-store")], "down");
    assert_eq!(bench.get("/").await.text(), "down");
    assert_eq!(bench.get_with("/", &[("cache-control", "stale-if-error=5")]).await.text(), "one");
    assert_eq!(bench.get_with("/", &[("cache-control", "stale-if-error=2")]).await.text(), "down");
}

#[tokio::test]
async fn stale_covers_no_error_where_that_is_forbidden() {
    for directive in ["must-revalidate", "proxy-revalidate", "s-maxage=10"] {
        let bench = stored(&format!("max-age=10, stale-if-error=5, {directive}"), 12).await;
        bench.origin.says(503, &[("cache-control", "no-store")], "down");
        assert_eq!(bench.get("/").await.text(), "down", "{directive}");
    }
}

#[tokio::test]
async fn what_is_stored_stands_in_for_an_origin_that_cannot_be_reached() {
    let bench = stored("max-age=10", DAY_S).await;
    bench.origin.goes_away();
    let stale = bench.get("/").await;
    assert_eq!((stale.status, stale.text(), stale.field("age")), (200, "one", Some(&*DAY_S.to_string())));
    assert_eq!(stale.cache_status(), "fwd=stale; detail=origin-unreachable");
    assert_eq!(bench.get_with("/", &[("range", "bytes=1-1")]).await.text(), "n");

    bench.pass_s(10);
    let too_old = bench.get("/").await;
    assert_eq!((too_old.status, too_old.cache_status()), (504, "detail=generated"));
    assert!(too_old.text().contains("origin-silent"), "{}", too_old.text());
}

#[tokio::test]
async fn nothing_stands_in_where_that_is_forbidden() {
    for directive in ["must-revalidate", "proxy-revalidate", "s-maxage=10", "no-cache"] {
        let bench = Bench::start().await;
        let fields = [("cache-control", &*format!("max-age=10, {directive}")), ("etag", "\"one\"")];
        bench.origin.says(200, &fields, "one");
        bench.get("/").await;
        bench.pass_s(11);
        bench.origin.goes_away();
        assert_eq!(bench.get("/").await.status, 504, "{directive}");
    }
}

#[tokio::test]
async fn an_operator_may_want_nothing_to_stand_in() {
    let bench = Bench::with(Options { unreachable_stale_ms: 0, ..Options::default() }).await;
    store(&bench, "max-age=10", 11).await;
    bench.origin.goes_away();
    assert_eq!(bench.get("/").await.status, 504);
    let bench = Bench::with(Options { unreachable_stale_ms: 0, ..Options::default() }).await;
    store(&bench, "max-age=10, stale-if-error=5", 11).await;
    bench.origin.goes_away();
    assert_eq!(bench.get("/").await.text(), "one", "the origin's own word counts");
}

#[tokio::test]
async fn with_nothing_stored_the_client_hears_of_it() {
    let bench = Bench::start().await;
    bench.origin.goes_away();
    let answer = bench.get("/").await;
    assert_eq!((answer.status, answer.field("content-type")), (502, Some("application/problem+json")));
    assert!(answer.text().contains("origin-unreachable"), "{}", answer.text());
    assert_eq!(answer.field("cache-control"), Some("private, no-store"));
    bench.origin.says(200, &[("cache-control", "max-age=10")], "one");
    assert_eq!(bench.get("/").await.text(), "one", "a failure is not remembered");
}
