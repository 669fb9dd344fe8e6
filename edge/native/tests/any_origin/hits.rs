//! What is stored and what clients get of it.

use http::Method;

use crate::bench::Bench;
use crate::origin::answer;

const TEN_S: &[(&str, &str)] =
    &[("cache-control", "max-age=10"), ("etag", "\"one\""), ("content-type", "x/y")];

#[tokio::test]
async fn an_answer_is_stored_and_served_with_its_age() {
    let bench = Bench::start().await;
    // A date is of a whole second, which may have ended just before the answer came.
    let date = bench.date_s_ago(1);
    bench.origin.says(200, &[("cache-control", "max-age=10"), ("date", &date), ("x-a", "1")], "one");
    let miss = bench.get("/").await;
    assert_eq!((miss.cache_status(), miss.field("age"), miss.text()), ("fwd=uri-miss; stored", None, "one"));
    bench.pass_ms(3500);
    let hit = bench.get("/").await;
    assert_eq!((hit.cache_status(), hit.field("age"), hit.text()), ("hit; ttl=7", Some("3"), "one"));
    assert_eq!((hit.field("date"), hit.field("x-a")), (Some(&*date), Some("1")));
    assert_eq!(hit.field("content-length"), Some("3"));
    assert_eq!(bench.asked(), 1);
    bench.pass_ms(6500);
    assert_eq!(bench.get("/").await.cache_status(), "fwd=stale; stored");
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn an_answer_is_as_old_as_it_says_and_as_it_was_under_way() {
    let bench = Bench::start().await;
    let asking = bench.asking(Method::GET, "/", &[]);
    let question = bench.origin.next().await;
    bench.pass_s(1);
    question.answer(answer(200, &[("cache-control", "max-age=10"), ("age", "4")], "one"));
    assert_eq!(asking.await.unwrap().field("age"), Some("4"), "what is passed on is not ours to age");
    bench.pass_s(2);
    let hit = bench.get("/").await;
    assert_eq!((hit.field("age"), hit.cache_status()), (Some("7"), "hit; ttl=3"));
}

#[tokio::test]
async fn an_answer_without_a_date_gets_that_of_its_coming() {
    let bench = Bench::start().await;
    bench.origin.says(200, TEN_S, "one");
    bench.get("/").await;
    let date = bench.date_s_ago(0);
    bench.pass_s(5);
    assert_eq!(bench.get("/").await.field("date"), Some(&*date));
}

#[tokio::test]
async fn head_is_answered_from_a_stored_get() {
    let bench = Bench::start().await;
    bench.origin.says(200, TEN_S, "one");
    bench.get("/").await;
    bench.pass_s(1);
    let head = bench.send(Method::HEAD, "/", &[]).await;
    assert_eq!((head.status, head.text(), head.cache_status()), (200, "", "hit; ttl=9"));
    assert_eq!((head.field("content-length"), head.field("age")), (Some("3"), Some("1")));
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn an_answer_to_head_is_none_to_get() {
    let bench = Bench::start().await;
    bench.origin.says(200, TEN_S, "");
    bench.send(Method::HEAD, "/", &[]).await;
    bench.origin.says(200, TEN_S, "one");
    assert_eq!(bench.get("/").await.text(), "one");
}

#[tokio::test]
async fn a_client_that_has_the_answer_is_told_so() {
    let bench = Bench::start().await;
    let (changed, date) = (bench.date_s_ago(100), bench.date_s_ago(0));
    let (before, after) = (bench.date_s_ago(101), bench.date_s_ago(99));
    let dated = [TEN_S, &[("last-modified", &changed), ("date", &date)]].concat();
    bench.origin.says(200, &dated, "one");
    bench.get("/").await;
    for (fields, status) in [
        (&[("if-none-match", "\"one\"")][..], 304),
        (&[("if-none-match", "\"x\", W/\"one\"")], 304),
        (&[("if-none-match", "\"x\""), ("if-none-match", "\"one\"")], 304),
        (&[("if-none-match", "*")], 304),
        (&[("if-none-match", "\"x\"")], 200),
        (&[("if-modified-since", &*changed)], 304),
        (&[("if-modified-since", &*after)], 304),
        (&[("if-modified-since", &*before)], 200),
        (&[("if-modified-since", "yesterday")], 200),
        (&[("if-none-match", "\"x\""), ("if-modified-since", &*changed)], 200),
        (&[("if-none-match", "\"one\""), ("if-modified-since", &*before)], 304),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let answer = bench.send(method.clone(), "/", fields).await;
            assert_eq!(answer.status, status, "{fields:?}");
            let body = if status == 200 && method == Method::GET { "one" } else { "" };
            assert_eq!((answer.text(), answer.field("etag")), (body, Some("\"one\"")), "{fields:?}");
            assert_eq!(answer.headers.contains_key("content-type"), status == 200, "{fields:?}");
            assert!(answer.cache_status().starts_with("hit"), "{fields:?}");
        }
    }
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn an_answer_that_its_first_client_has_is_stored_whole_for_others() {
    let bench = Bench::start().await;
    bench.origin.says(200, TEN_S, "one");
    let first = bench.get_with("/", &[("if-none-match", "\"one\"")]).await;
    assert_eq!((first.status, first.text(), first.cache_status()), (304, "", "fwd=uri-miss; stored"));
    assert!(
        !bench.origin.last().headers().contains_key("if-none-match"),
        "the answer is not the client's alone"
    );
    let other = bench.get("/").await;
    assert_eq!((other.status, other.text(), other.cache_status()), (200, "one", "hit; ttl=10"));
}

#[tokio::test]
async fn cache_status_says_why_the_origin_was_asked() {
    let bench = Bench::start().await;
    bench.origin.says(200, &[TEN_S, &[("vary", "accept-language")]].concat(), "one");
    let german = [("accept-language", "de")];
    assert_eq!(bench.get_with("/", &german).await.cache_status(), "fwd=uri-miss; stored");
    assert_eq!(bench.get("/").await.cache_status(), "fwd=vary-miss; stored");
    assert!(bench.get_with("/", &german).await.cache_status().starts_with("hit"));
    let again = bench.get_with("/", &[("cache-control", "no-cache")]).await;
    assert_eq!(again.cache_status(), "fwd=request; stored");
    assert_eq!(bench.send(Method::POST, "/other", &[]).await.cache_status(), "fwd=method");
    // It asks about the state of the resource, which the origin alone knows.
    assert_eq!(bench.get_with("/", &[("if-match", "\"one\"")]).await.cache_status(), "fwd=bypass");
    bench.origin.says(200, &[("cache-control", "no-store")], "none");
    assert_eq!(bench.get("/not").await.cache_status(), "fwd=uri-miss; detail=not-stored-no-store");
    assert_eq!(bench.asked(), 6);
}

#[tokio::test]
async fn what_caches_before_this_one_did_stays_to_be_seen() {
    let bench = Bench::start().await;
    bench.origin.says(200, &[TEN_S, &[("cache-status", "Inner; hit")]].concat(), "one");
    for ours in ["stepwell; fwd=uri-miss; stored", "stepwell; hit; ttl=10"] {
        let answer = bench.get("/").await;
        let lines: Vec<_> = answer.headers.get_all("cache-status").iter().collect();
        assert_eq!(lines, ["Inner; hit", ours]);
    }
}

#[tokio::test]
async fn a_key_is_the_target_as_it_was_sent() {
    let bench = Bench::start().await;
    bench.origin.script(|head| Some(answer(200, TEN_S, head.uri().to_string())));
    let targets = ["/a", "/a/", "/A", "/a?", "/a?b=1&a=2", "/a?a=2&b=1", "/%61", "//a", "/a;b", "/x/../a"];
    for round in 0..2 {
        for target in targets {
            let answer = bench.get(target).await;
            assert_eq!((answer.text(), answer.cache_status().starts_with("hit")), (target, round == 1));
        }
    }
    assert_eq!(bench.asked(), targets.len());
}
