//! Answers that are stored in part: served from, put together, completed.

use http::Method;
use stepwell_edge_native::body::Body;

use crate::bench::{Answer, Bench};
use crate::origin::answer;

/// Bytes of `0123456789`, as an origin answers to a range.
fn part(etag: &str, first: usize, last: usize) -> http::Response<Body> {
    let range = format!("bytes {first}-{last}/10");
    let fields = [("cache-control", "max-age=10"), ("etag", etag), ("content-range", &range)];
    answer(206, &fields, "0123456789"[first..=last].to_owned())
}

/// Has a part stored, as a client's own request for it brings it.
async fn store(bench: &Bench, etag: &'static str, first: usize, last: usize) {
    bench.origin.script(move |_| Some(part(etag, first, last)));
    let got = range(bench, &format!("bytes={first}-{last}")).await;
    assert_eq!((got.status, got.text()), (206, &"0123456789"[first..=last]));
    assert!(got.cache_status().ends_with("; stored"), "{}", got.cache_status());
}

async fn range(bench: &Bench, range: &str) -> Answer {
    bench.get_with("/", &[("range", range)]).await
}

#[tokio::test]
async fn a_stored_part_answers_what_lies_in_it() {
    let bench = Bench::start().await;
    store(&bench, "\"one\"", 2, 5).await;
    assert_eq!(bench.origin.last().headers()["range"], "bytes=2-5");
    for (wanted, of, text) in [
        ("bytes=2-5", "bytes 2-5/10", "2345"),
        ("bytes=3-4", "bytes 3-4/10", "34"),
        ("bytes=5-5", "bytes 5-5/10", "5"),
    ] {
        let got = range(&bench, wanted).await;
        assert_eq!((got.status, got.text(), got.field("content-range")), (206, text, Some(of)), "{wanted}");
        assert_eq!(got.cache_status(), "hit; ttl=10", "{wanted}");
    }
    assert_eq!(bench.asked(), 1);
    for wanted in ["bytes=1-2", "bytes=5-6", "bytes=-1", "bytes=5-", "bytes=10-"] {
        bench.origin.says(416, &[], "");
        let got = range(&bench, wanted).await;
        assert_eq!(got.cache_status(), "fwd=partial; detail=not-stored-status", "{wanted}");
        assert_eq!(bench.origin.last().headers()["range"], wanted, "what is not there is asked as it was");
    }
}

#[tokio::test]
async fn two_parts_of_the_same_become_one() {
    let bench = Bench::start().await;
    store(&bench, "\"one\"", 2, 5).await;
    store(&bench, "\"one\"", 4, 7).await;
    assert_eq!(range(&bench, "bytes=2-7").await.text(), "234567");
    store(&bench, "\"one\"", 0, 1).await;
    store(&bench, "\"one\"", 8, 9).await;
    let whole = bench.get("/").await;
    assert_eq!((whole.status, whole.text(), whole.cache_status()), (200, "0123456789", "hit; ttl=10"));
    assert_eq!((whole.field("content-range"), whole.field("content-length")), (None, Some("10")));
    assert_eq!(bench.asked(), 4);
}

#[tokio::test]
async fn parts_that_may_be_of_different_contents_are_kept_apart() {
    for [first, second] in [["\"one\"", "\"two\""], ["W/\"one\"", "W/\"one\""]] {
        let bench = Bench::start().await;
        store(&bench, first, 0, 4).await;
        store(&bench, second, 5, 9).await;
        assert_eq!(range(&bench, "bytes=5-9").await.cache_status(), "hit; ttl=10", "the later stays");
        bench.origin.says(200, &[("cache-control", "max-age=10")], "whole");
        let whole = bench.get("/").await;
        assert_eq!((whole.text(), whole.cache_status()), ("whole", "fwd=partial; stored"), "{first}");
    }
}

#[tokio::test]
async fn a_beginning_is_completed() {
    let bench = Bench::start().await;
    store(&bench, "\"one\"", 0, 3).await;
    bench.origin.script(|_| Some(part("\"one\"", 4, 9)));
    let whole = bench.get("/").await;
    let asked = bench.origin.last();
    assert_eq!(asked.headers()["range"], "bytes=4-");
    assert_eq!(asked.headers()["if-range"], "\"one\"");
    assert_eq!(
        (whole.status, whole.text(), whole.cache_status()),
        (200, "0123456789", "fwd=partial; stored")
    );
    assert_eq!((whole.field("content-range"), whole.field("content-length")), (None, Some("10")));
    assert_eq!(bench.get("/").await.cache_status(), "hit; ttl=10");
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn a_rest_of_something_else_leads_to_a_plain_question() {
    for rest in [("\"two\"", 4, 9), ("\"one\"", 4, 8), ("\"one\"", 5, 9)] {
        let bench = Bench::start().await;
        store(&bench, "\"one\"", 0, 3).await;
        bench.origin.script(move |head| {
            let wants_rest = head.headers().contains_key("range");
            let whole = || answer(200, &[("cache-control", "max-age=10"), ("etag", "\"two\"")], "whole");
            Some(if wants_rest { part(rest.0, rest.1, rest.2) } else { whole() })
        });
        let whole = bench.get("/").await;
        assert_eq!((whole.status, whole.text(), bench.asked()), (200, "whole", 3), "{rest:?}");
        assert!(!bench.origin.last().headers().contains_key("if-range"), "{rest:?}");
        assert_eq!(bench.get("/").await.text(), "whole", "{rest:?}");
    }
}

#[tokio::test]
async fn an_origin_that_has_no_rest_is_asked_plainly() {
    let bench = Bench::start().await;
    store(&bench, "\"one\"", 0, 3).await;
    bench.origin.script(|head| {
        let wants_rest = head.headers().contains_key("range");
        let whole = || answer(200, &[("cache-control", "max-age=10")], "whole");
        Some(if wants_rest { answer(416, &[("content-range", "bytes */4")], "") } else { whole() })
    });
    let whole = bench.get("/").await;
    assert_eq!((whole.status, whole.text(), bench.asked()), (200, "whole", 3));
}

#[tokio::test]
async fn an_origin_that_sends_the_whole_for_the_rest_is_believed() {
    let bench = Bench::start().await;
    store(&bench, "\"one\"", 0, 3).await;
    bench.origin.says(200, &[("cache-control", "max-age=10"), ("etag", "\"two\"")], "whole");
    let whole = bench.get("/").await;
    assert_eq!((whole.status, whole.text(), whole.cache_status()), (200, "whole", "fwd=partial; stored"));
    assert_eq!(bench.get("/").await.text(), "whole");
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn a_stale_beginning_is_not_worth_completing() {
    let bench = Bench::start().await;
    store(&bench, "\"one\"", 0, 3).await;
    bench.pass_s(10);
    bench.origin.says(200, &[("cache-control", "max-age=10")], "whole");
    assert_eq!(bench.get("/").await.text(), "whole");
    assert!(!bench.origin.last().headers().contains_key("range"));
}

#[tokio::test]
async fn a_stale_part_is_confirmed() {
    let bench = Bench::start().await;
    store(&bench, "\"one\"", 2, 5).await;
    bench.pass_s(10);
    bench.origin.says(304, &[("etag", "\"one\""), ("cache-control", "max-age=20")], "");
    let got = range(&bench, "bytes=3-4").await;
    assert_eq!(bench.origin.last().headers()["if-none-match"], "\"one\"");
    assert_eq!((got.status, got.text(), got.field("content-range")), (206, "34", Some("bytes 3-4/10")));
    assert_eq!(range(&bench, "bytes=2-5").await.cache_status(), "hit; ttl=20");
}

#[tokio::test]
async fn a_part_says_nothing_to_head() {
    let bench = Bench::start().await;
    store(&bench, "\"one\"", 0, 3).await;
    bench.origin.says(200, &[("content-length", "10"), ("etag", "\"one\"")], "");
    let head = bench.send(Method::HEAD, "/", &[]).await;
    assert_eq!((head.status, head.field("content-length")), (200, Some("10")));
    assert_eq!((head.cache_status(), bench.asked()), ("fwd=partial; detail=not-stored-method", 2));
}

#[tokio::test]
async fn several_ranges_in_one_body_are_passed_on_alone() {
    let bench = Bench::start().await;
    let fields = [("cache-control", "max-age=10"), ("content-type", "multipart/byteranges; boundary=x")];
    bench.origin.says(206, &fields, "--x ...");
    for _ in 0..2 {
        let got = range(&bench, "bytes=0-1,4-5").await;
        assert_eq!((got.status, got.text()), (206, "--x ..."));
        assert_eq!(got.cache_status(), "fwd=uri-miss; detail=not-stored-partial");
    }
}

#[tokio::test]
async fn a_part_that_nobody_asked_for_is_not_passed_on() {
    let bench = Bench::start().await;
    bench.origin.script(|_| Some(part("\"one\"", 0, 3)));
    assert_eq!(bench.get("/").await.status, 502);
}
