//! What happens while the origin is asked counts for what becomes of its answer.

use http::Method;

use crate::bench::Bench;
use crate::origin::{Question, answer};

const TEN_S: &[(&str, &str)] = &[("cache-control", "max-age=10")];

/// A bench that has an answer stored which has been stale for two of the five seconds for which it may stand in.
async fn covered() -> Bench {
    let bench = Bench::start().await;
    bench.origin.says(200, &[("cache-control", "max-age=10, stale-if-error=5")], "one");
    bench.get("/").await;
    bench.pass_s(12);
    bench.origin.by_hand();
    bench
}

/// A change of what is at the target, from its beginning to its end.
async fn change(bench: &Bench, target: &str) {
    bench.origin.says(204, &[], "");
    assert_eq!(bench.send(Method::PUT, target, &[]).await.status, 204);
}

fn down(question: Question) {
    question.answer(answer(503, &[("cache-control", "no-store")], "down"));
}

#[tokio::test]
async fn what_a_change_takes_while_the_origin_is_asked_does_not_stand_in_for_its_answer() {
    for (changed, expected) in [("/", (503, "down")), ("/other", (200, "one"))] {
        let bench = covered().await;
        let asking = bench.asking(Method::GET, "/", &[]);
        let question = bench.origin.next().await;
        change(&bench, changed).await;
        down(question);
        let answer = asking.await.unwrap();
        assert_eq!((answer.status, answer.text()), expected, "after a change of {changed}");
    }
}

#[tokio::test]
async fn nor_does_it_where_the_origin_gives_no_answer() {
    for (changed, expected) in [("/", 504), ("/other", 200)] {
        let bench = covered().await;
        let asking = bench.asking(Method::GET, "/", &[]);
        let question = bench.origin.next().await;
        change(&bench, changed).await;
        question.fail();
        assert_eq!(asking.await.unwrap().status, expected, "after a change of {changed}");
    }
}

#[tokio::test]
async fn what_becomes_too_old_while_the_origin_is_asked_does_not_stand_in() {
    for (passed_s, expected) in [(2, "one"), (3, "down")] {
        let bench = covered().await;
        let asking = bench.asking(Method::GET, "/", &[]);
        let question = bench.origin.next().await;
        bench.pass_s(passed_s);
        down(question);
        assert_eq!(asking.await.unwrap().text(), expected, "after {passed_s} s more");
    }
}

#[tokio::test]
async fn an_answer_to_a_change_is_not_kept_where_another_change_was_answered_meanwhile() {
    for (changed, is_kept) in [("/a", false), ("/b", true)] {
        let bench = Bench::start().await;
        let posting = bench.asking(Method::POST, "/a", &[]);
        let question = bench.origin.next().await;
        change(&bench, changed).await;
        let fields = [TEN_S, &[("content-location", "/a")]].concat();
        question.answer(answer(200, &fields, "posted"));
        assert_eq!(posting.await.unwrap().text(), "posted");
        bench.origin.says(200, TEN_S, "read");
        assert_eq!(bench.get("/a").await.text() == "posted", is_kept, "after a change of {changed}");
    }
}
