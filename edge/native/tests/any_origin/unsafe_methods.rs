//! What requests that change something take from the store.

use http::Method;

use crate::bench::{Bench, HOST};
use crate::origin::{answer, in_pieces, with_body};

const TEN_S: &[(&str, &str)] = &[("cache-control", "max-age=10"), ("etag", "\"one\"")];

/// Sends a request that the origin answers so, while all reads are answered with `two`.
async fn change(bench: &Bench, method: &str, target: &str, status: u16, fields: &[(&str, &str)]) {
    bench.origin.says(status, fields, "");
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    assert_eq!(bench.send(method, target, &[]).await.status, status);
    bench.origin.says(200, TEN_S, "two");
}

/// Has what is at the targets stored.
async fn store(bench: &Bench, targets: &[&str]) {
    bench.origin.says(200, TEN_S, "one");
    for target in targets {
        bench.get(target).await;
    }
}

/// Whether what is stored at the target is still served.
async fn stands(bench: &Bench, target: &str) -> bool {
    let answer = bench.get(target).await;
    assert!(["hit; ttl=10", "fwd=stale; stored; detail=purged"].contains(&answer.cache_status()));
    answer.text() == "one"
}

#[tokio::test]
async fn what_succeeds_takes_its_target() {
    for method in ["POST", "PUT", "PATCH", "DELETE", "NEVERHEARD"] {
        for status in [200, 201, 204, 303] {
            let bench = Bench::start().await;
            store(&bench, &["/a", "/a?b", "/b"]).await;
            change(&bench, method, "/a", status, &[]).await;
            assert!(!stands(&bench, "/a").await, "{method} {status}");
            assert!(stands(&bench, "/a?b").await && stands(&bench, "/b").await, "{method} {status}");
        }
    }
}

#[tokio::test]
async fn what_fails_takes_nothing() {
    let bench = Bench::start().await;
    store(&bench, &["/a", "/b"]).await;
    for status in [400, 404, 409, 500, 503] {
        change(&bench, "PUT", "/a", status, &[("location", "/b")]).await;
        assert!(stands(&bench, "/a").await && stands(&bench, "/b").await, "{status}");
    }
    bench.origin.goes_away();
    assert_eq!(bench.send(Method::PUT, "/a", &[]).await.status, 502);
    assert!(stands(&bench, "/a").await);
}

#[tokio::test]
async fn what_is_safe_takes_nothing() {
    let bench = Bench::start().await;
    store(&bench, &["/a", "/b"]).await;
    for method in ["OPTIONS", "PROPFIND", "REPORT", "SEARCH", "HEAD"] {
        change(&bench, method, "/b", 200, &[("location", "/a"), ("cache-group-invalidation", "\"g\"")]).await;
        assert!(stands(&bench, "/a").await && stands(&bench, "/b").await, "{method}");
    }
}

#[tokio::test]
async fn what_an_answer_refers_to_goes_too() {
    for name in ["location", "content-location"] {
        for (reference, goes) in [
            ("/a", true),
            ("a#part", true),
            ("./x/../a", true),
            (&*format!("http://{HOST}/a"), true),
            ("//shop.EXAMPLE/a", true),
            ("http://other.example/a", false),
            ("//shop.example:81/a", false),
            ("/a/", false),
        ] {
            let bench = Bench::start().await;
            store(&bench, &["/a"]).await;
            change(&bench, "POST", "/orders", 201, &[(name, reference)]).await;
            assert_eq!(stands(&bench, "/a").await, !goes, "{name}: {reference}");
        }
    }
}

#[tokio::test]
async fn an_answer_of_one_host_takes_nothing_of_another() {
    let bench = Bench::start().await;
    store(&bench, &["/a"]).await;
    bench.origin.says(201, &[("location", &format!("http://{HOST}/a"))], "");
    bench.send(Method::POST, "/a", &[("host", "other.example")]).await;
    assert!(stands(&bench, "/a").await);
}

#[tokio::test]
async fn a_group_goes_together() {
    let bench = Bench::start().await;
    let fields = [TEN_S, &[("cache-groups", "\"g\", \"h\"")]].concat();
    bench.origin.says(200, &fields, "one");
    for host in [HOST, "other.example"] {
        bench.get_with("/a", &[("host", host)]).await;
        bench.get_with("/b", &[("host", host)]).await;
    }
    store(&bench, &["/c"]).await;
    change(&bench, "POST", "/orders", 500, &[("cache-group-invalidation", "\"g\"")]).await;
    change(&bench, "POST", "/orders", 200, &[("cache-group-invalidation", "\"x\"")]).await;
    assert!(stands(&bench, "/a").await);
    change(&bench, "POST", "/orders", 200, &[("cache-group-invalidation", "\"h\"")]).await;
    assert!(!stands(&bench, "/a").await && !stands(&bench, "/b").await);
    assert!(stands(&bench, "/c").await);
    let other = bench.get_with("/a", &[("host", "other.example")]).await;
    assert_eq!(other.text(), "one", "a group is one origin's");
}

#[tokio::test]
async fn an_answer_that_was_under_way_at_a_change_is_not_served_after_it() {
    for changes in [true, false] {
        let bench = Bench::start().await;
        let before = bench.asking(Method::GET, "/", &[]);
        let question = bench.origin.next().await;
        if changes {
            change(&bench, "PUT", "/", 200, &[]).await;
        }
        // It began after the change, and finds the other one under way.
        let after = bench.asking(Method::GET, "/", &[]);
        bench.until_waiting("/", 1).await;
        question.answer(answer(200, TEN_S, "one"));
        assert_eq!(before.await.unwrap().text(), "one", "who asked before the change may have it");
        let text = if changes { "two" } else { "one" };
        assert_eq!((after.await.unwrap().text(), bench.get("/").await.text()), (text, text));
    }
}

#[tokio::test]
async fn an_answer_whose_content_came_over_a_change_is_not_served_after_it() {
    let bench = Bench::start().await;
    let before = bench.asking(Method::GET, "/", &[]);
    let (pieces, body) = in_pieces();
    bench.origin.next().await.answer(with_body(200, TEN_S, body));
    pieces.send("o");
    change(&bench, "PUT", "/", 200, &[]).await;
    pieces.send("ne");
    drop(pieces);
    assert_eq!(before.await.unwrap().text(), "one");
    assert_eq!(bench.get("/").await.text(), "two");
}

#[tokio::test]
async fn a_confirmation_that_was_under_way_at_a_change_confirms_nothing_after_it() {
    let bench = Bench::start().await;
    store(&bench, &["/"]).await;
    bench.pass_s(10);
    bench.origin.by_hand();
    let before = bench.asking(Method::GET, "/", &[]);
    let question = bench.origin.next().await;
    change(&bench, "PUT", "/", 200, &[]).await;
    question.answer(answer(304, TEN_S, ""));
    assert_eq!(before.await.unwrap().text(), "one");
    assert_eq!(bench.get("/").await.text(), "two");
}

#[tokio::test]
async fn what_was_taken_does_not_stand_in() {
    let bench = Bench::start().await;
    store(&bench, &["/"]).await;
    change(&bench, "PUT", "/", 200, &[]).await;
    bench.origin.goes_away();
    assert_eq!(bench.get("/").await.status, 504);
}

#[tokio::test]
async fn an_answer_to_post_that_says_it_is_its_targets_is_reused() {
    let bench = Bench::start().await;
    let fields = [TEN_S, &[("content-location", "/a")]].concat();
    for (target, is_reused) in [("/a", true), ("/b", false)] {
        bench.origin.says(200, &fields, "posted");
        bench.send(Method::POST, target, &[]).await;
        bench.origin.says(200, TEN_S, "read");
        let read = bench.get(target).await;
        assert_eq!((read.text() == "posted", read.cache_status() == "hit; ttl=10"), (is_reused, is_reused));
    }
    bench.origin.says(200, TEN_S, "again");
    assert_eq!(bench.send(Method::POST, "/a", &[]).await.text(), "again", "a POST is the origin's");
}
