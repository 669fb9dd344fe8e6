//! What each class of route does with answers.

use super::support::{Bench, public};
use bytes::Bytes;
use http::{Method, Response, StatusCode};

#[tokio::test]
async fn a_public_answer_is_stored_and_served() {
    let bench = Bench::start().await;
    let miss = bench.get("/public").await;
    assert_eq!(miss.cache_status(), "stepwell; fwd=uri-miss; stored");
    bench.pass_ms(500);
    let hit = bench.get("/public").await;
    assert_eq!(hit.cache_status(), "stepwell; hit; ttl=10");
    assert_eq!((hit.body, bench.asked()), (miss.body, 1));
    let unchanged = bench.request(Method::GET, "/public", &[("if-none-match", "\"one\"")]).await;
    assert_eq!((unchanged.status, unchanged.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let head = bench.request(Method::HEAD, "/public", &[]).await;
    assert_eq!(
        (head.headers["content-length"].to_str().unwrap(), head.body.len(), bench.asked()),
        ("3", 0, 1)
    );
    // Only edges read the position.
    assert!(!hit.headers.contains_key("stepwell-position") && hit.headers.contains_key("server-timing"));
}

#[tokio::test]
async fn nothing_of_the_client_reaches_the_origin_of_a_public_route() {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let bench = Bench::start().await;
    let parent = format!("cc-{TRACE}-00f067aa0ba902b7-03-evil");
    let headers = [
        ("x-forwarded-host", "evil"),
        ("cookie", "a=b"),
        ("authorization", "Bearer x"),
        ("accept", "x/y"),
        ("traceparent", &parent),
        ("tracestate", "evil=1"),
    ];
    bench.request(Method::GET, "/public?q=%61", &headers).await;
    let head = bench.origin.heads.lock().unwrap().pop_front().unwrap();
    assert_eq!(head.uri(), "/public?q=a");
    // But for the id of the trace, with a span of the edge's own: on it no answer may depend.
    assert_eq!(head.headers().len(), 1, "{:?}", head.headers());
    let handed_on = head.headers()["traceparent"].to_str().unwrap();
    assert!(handed_on.starts_with(&format!("00-{TRACE}-")) && handed_on.ends_with("-01"), "{handed_on}");
    assert!(!handed_on.contains("00f067aa0ba902b7"), "{handed_on}");
}

#[tokio::test]
async fn no_store_and_pass_ask_every_time() {
    let bench = Bench::start().await;
    for target in ["/no-store", "/pass"] {
        for _ in 0..2 {
            assert_eq!(bench.get(target).await.cache_status(), "stepwell; fwd=bypass");
        }
    }
    assert_eq!(bench.asked(), 4);
    let no_store = bench.get("/no-store").await;
    assert_eq!(no_store.headers["cache-control"], "private, no-store");
    assert!(!no_store.headers.contains_key("cdn-cache-control"));
    assert!(bench.get("/pass").await.headers.contains_key("cdn-cache-control"), "its own headers stand");
}

#[tokio::test]
async fn an_immutable_answer_outlives_the_logs_silence() {
    let bench = Bench::start().await;
    for target in ["/immutable", "/public"] {
        bench.get(target).await;
    }
    bench.pass_ms(1001);
    assert!(bench.get("/immutable").await.cache_status().contains("; hit"));
    let silent = bench.get("/public").await;
    assert!(silent.cache_status().contains("detail=log-silent"), "{}", silent.cache_status());
}

#[tokio::test]
async fn what_the_origin_does_not_allow_is_not_stored() {
    let bench = Bench::start().await;
    for (name, value) in [("set-cookie", "a=b"), ("vary", "cookie"), ("cdn-cache-control", "no-store")] {
        bench.origin.answer(move |_| {
            let mut response = public("one", 0);
            response.headers_mut().insert(name, value.parse().unwrap());
            Ok(response)
        });
        for _ in 0..2 {
            let answer = bench.get("/public").await;
            assert!(answer.cache_status().contains("detail=not-stored"), "{name}: {}", answer.cache_status());
            assert_eq!(answer.headers["cache-control"], "private, no-store");
        }
    }
    assert_eq!(bench.asked(), 6);
}

#[tokio::test]
async fn a_refusal_is_remembered_for_a_short_time() {
    let bench = Bench::start().await;
    bench.origin.answer(|_| {
        let mut response = public("none", 0);
        *response.status_mut() = StatusCode::NOT_FOUND;
        Ok(response)
    });
    bench.get("/public").await;
    let again = bench.get("/public").await;
    assert_eq!((again.status, bench.asked()), (StatusCode::NOT_FOUND, 1));
    bench.purge(1, &["t"]).await;
    bench.get("/public").await;
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn an_answer_too_large_for_the_store_passes_through_whole() {
    const SIZE: usize = 5 * 1024 * 1024;
    let bench = Bench::start().await;
    bench.origin.answer(|_| {
        let (head, _) = public("", 0).into_parts();
        Ok(Response::from_parts(head, Bytes::from(vec![7; SIZE])))
    });
    for asked in 1..=2 {
        let answer = bench.get("/public").await;
        assert_eq!((answer.body.len(), bench.asked()), (SIZE, asked));
        assert!(answer.cache_status().contains("not-stored-size"));
    }
}

#[tokio::test]
async fn the_edge_asks_for_a_token_before_the_origin_is_asked() {
    let bench = Bench::start().await;
    let answer = bench.get("/signed-in").await;
    assert_eq!((answer.status, bench.asked()), (StatusCode::UNAUTHORIZED, 0));
    assert_eq!(answer.headers["content-type"], "application/problem+json");
}
