//! Stored answers that the origin confirms, or does not.

use http::Method;

use crate::bench::Bench;
use crate::origin::answer;

const ONE: &[(&str, &str)] =
    &[("cache-control", "max-age=10"), ("etag", "\"one\""), ("x-old", "1"), ("x-new", "1")];

/// A bench with a stored answer that has just become stale.
async fn stale() -> Bench {
    let bench = Bench::start().await;
    bench.origin.says(200, ONE, "one");
    bench.get("/").await;
    bench.pass_s(10);
    bench
}

#[tokio::test]
async fn a_304_freshens_header_and_lifetime() {
    let bench = stale().await;
    let date = bench.date_s_ago(0);
    let fields = [
        ("etag", "\"one\""),
        ("cache-control", "max-age=20"),
        ("x-new", "2"),
        ("date", &date),
        ("content-length", "99"),
    ];
    bench.origin.says(304, &fields, "");
    for (status, age) in [("fwd=stale; fwd-status=304; stored", None), ("hit; ttl=15", Some("5"))] {
        let answer = bench.get("/").await;
        assert_eq!((answer.status, answer.text(), answer.cache_status()), (200, "one", status));
        assert_eq!((answer.field("x-old"), answer.field("x-new")), (Some("1"), Some("2")));
        assert_eq!((answer.field("date"), answer.field("age")), (Some(&*date), age));
        assert_eq!(answer.field("content-length"), Some("3"));
        bench.pass_s(5);
    }
    assert_eq!(bench.origin.last().headers()["if-none-match"], "\"one\"");
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn a_date_of_change_confirms_where_there_is_no_tag() {
    let bench = Bench::start().await;
    let changed = bench.date_s_ago(5);
    bench.origin.says(200, &[("cache-control", "max-age=10"), ("last-modified", &changed)], "one");
    bench.get("/").await;
    bench.pass_s(10);
    bench.origin.says(304, &[], "");
    assert_eq!(bench.get("/").await.cache_status(), "fwd=stale; fwd-status=304; stored");
    let asked = bench.origin.last();
    assert_eq!(asked.headers()["if-modified-since"], *changed);
    assert!(!asked.headers().contains_key("if-none-match"));
    assert_eq!(bench.get("/").await.cache_status(), "hit; ttl=10", "what a 304 does not say stays");
}

#[tokio::test]
async fn a_304_of_another_content_leads_to_a_plain_question() {
    let bench = stale().await;
    bench.origin.script(|head| {
        let is_conditional = head.headers().contains_key("if-none-match");
        let fields = [("etag", "\"two\""), ("cache-control", "max-age=10")];
        Some(if is_conditional { answer(304, &fields, "") } else { answer(200, &fields, "two") })
    });
    let two = bench.get("/").await;
    assert_eq!((two.status, two.text(), two.cache_status()), (200, "two", "fwd=stale; stored"));
    assert_eq!((bench.asked(), bench.get("/").await.text()), (3, "two"));
}

#[tokio::test]
async fn an_origin_that_confirms_what_nobody_asked_about_is_not_believed() {
    let bench = stale().await;
    // Even the plain question that follows gets a 304.
    bench.origin.says(304, &[("etag", "\"two\"")], "");
    assert_eq!((bench.get("/").await.status, bench.asked()), (502, 3));
    assert_eq!((bench.get("/never").await.status, bench.asked()), (502, 4));
}

#[tokio::test]
async fn a_new_answer_takes_the_place_of_the_old() {
    let bench = stale().await;
    bench.origin.says(200, &[("cache-control", "max-age=10"), ("etag", "\"two\"")], "two");
    assert_eq!(bench.get("/").await.cache_status(), "fwd=stale; stored");
    let two = bench.get("/").await;
    assert_eq!((two.text(), two.field("etag"), two.field("x-old")), ("two", Some("\"two\""), None));
}

#[tokio::test]
async fn what_may_not_be_reused_unasked_is_confirmed_each_time() {
    let bench = Bench::start().await;
    bench.origin.says(200, &[("cache-control", "no-cache, max-age=10"), ("etag", "\"one\"")], "one");
    bench.get("/").await;
    bench.origin.says(304, &[("etag", "\"one\"")], "");
    for asked in 2..4 {
        let confirmed = bench.get("/").await;
        assert_eq!(
            (confirmed.text(), confirmed.cache_status()),
            ("one", "fwd=stale; fwd-status=304; stored")
        );
        assert_eq!(bench.asked(), asked);
    }
}

#[tokio::test]
async fn a_client_may_want_what_is_fresh_confirmed() {
    let bench = Bench::start().await;
    bench.origin.says(200, ONE, "one");
    bench.get("/").await;
    bench.origin.says(304, &[("etag", "\"one\"")], "");
    for field in [("cache-control", "no-cache"), ("pragma", "no-cache")] {
        let confirmed = bench.get_with("/", &[field]).await;
        assert_eq!(
            (confirmed.text(), confirmed.cache_status()),
            ("one", "fwd=request; fwd-status=304; stored")
        );
    }
    bench.pass_s(1);
    assert_eq!(bench.get_with("/", &[("cache-control", "max-age=1")]).await.cache_status(), "hit; ttl=9");
    bench.pass_s(1);
    let confirmed = bench.get_with("/", &[("cache-control", "max-age=1")]).await;
    assert_eq!((confirmed.cache_status(), bench.asked()), ("fwd=request; fwd-status=304; stored", 4));
}

#[tokio::test]
async fn the_cache_asks_by_its_own_validator_and_answers_the_clients() {
    for (has, status) in [("\"one\"", 304), ("\"other\"", 200)] {
        let bench = stale().await;
        bench.origin.says(304, &[("etag", "\"one\"")], "");
        let fields = [("if-none-match", has), ("if-modified-since", "Thu, 01 Jan 1970 00:00:00 GMT")];
        let answer = bench.get_with("/", &fields).await;
        assert_eq!((answer.status, answer.text()), (status, if status == 200 { "one" } else { "" }), "{has}");
        let asked = bench.origin.last();
        assert_eq!(asked.headers()["if-none-match"], "\"one\"");
        assert!(!asked.headers().contains_key("if-modified-since"));
    }
}

#[tokio::test]
async fn head_freshens_what_is_stored_of_get() {
    let bench = stale().await;
    let fields =
        [("etag", "\"one\""), ("cache-control", "max-age=20"), ("content-length", "3"), ("x-new", "2")];
    bench.origin.says(200, &fields, "");
    let head = bench.send(Method::HEAD, "/", &[]).await;
    assert_eq!((head.status, bench.origin.last().method()), (200, &Method::HEAD));
    bench.pass_s(5);
    let get = bench.get("/").await;
    assert_eq!((get.text(), get.cache_status(), get.field("x-new")), ("one", "hit; ttl=15", Some("2")));
}

#[tokio::test]
async fn head_that_tells_of_another_content_makes_what_is_stored_invalid() {
    for field in [("etag", "\"two\""), ("content-length", "4")] {
        let bench = Bench::start().await;
        bench.origin.says(200, ONE, "one");
        bench.get("/").await;
        bench.origin.says(200, &[field], "");
        bench.send(Method::HEAD, "/", &[("cache-control", "no-cache")]).await;
        bench.origin.says(200, &[("cache-control", "max-age=10")], "two");
        let two = bench.get("/").await;
        assert_eq!(
            (two.text(), two.cache_status()),
            ("two", "fwd=stale; stored; detail=purged"),
            "{field:?}"
        );
    }
}

#[tokio::test]
async fn head_that_fails_tells_nothing() {
    let bench = Bench::start().await;
    bench.origin.says(200, ONE, "one");
    bench.get("/").await;
    bench.origin.says(503, &[("etag", "\"two\"")], "");
    let head = bench.send(Method::HEAD, "/", &[("cache-control", "no-cache")]).await;
    assert_eq!(head.status, 503);
    assert_eq!(bench.get("/").await.cache_status(), "hit; ttl=10");
}
