//! Many who ask for the same at once.

use http::Method;

use crate::bench::{Bench, HOST};
use crate::origin::{Question, answer, in_pieces, with_body};

const TEN_S: &[(&str, &str)] = &[("cache-control", "max-age=10")];
const UNSTORED: &[(&str, &str)] = &[("cache-control", "no-store")];

/// So many questions of the origin, none of them answered.
async fn questions(bench: &Bench, count: usize) -> Vec<Question> {
    let mut questions = Vec::new();
    for _ in 0..count {
        questions.push(bench.origin.next().await);
    }
    questions
}

#[tokio::test]
async fn many_requests_for_one_cold_key_ask_once() {
    let bench = Bench::start().await;
    let clients: Vec<_> = (0..200).map(|_| bench.asking(Method::GET, "/", &[])).collect();
    bench.until_waiting("/", 199).await;
    bench.origin.next().await.answer(answer(200, TEN_S, "one"));
    let mut statuses = Vec::new();
    for client in clients {
        let answer = client.await.unwrap();
        assert_eq!(answer.text(), "one");
        assert_eq!(answer.field("age"), answer.cache_status().contains("collapsed").then_some("0"));
        statuses.push(answer.cache_status().to_owned());
    }
    statuses.sort_unstable();
    assert_eq!(statuses.iter().filter(|status| *status == "fwd=uri-miss; collapsed").count(), 199);
    assert_eq!((statuses[199].as_str(), bench.asked()), ("fwd=uri-miss; stored", 1));
}

#[tokio::test]
async fn requests_for_one_stale_key_confirm_once() {
    let bench = Bench::start().await;
    bench.origin.says(200, &[("cache-control", "max-age=10"), ("etag", "\"one\"")], "one");
    bench.get("/").await;
    bench.pass_s(10);
    bench.origin.by_hand();
    let clients: Vec<_> = (0..10).map(|_| bench.asking(Method::GET, "/", &[])).collect();
    bench.until_waiting("/", 9).await;
    bench.origin.next().await.answer(answer(304, &[("etag", "\"one\"")], ""));
    for client in clients {
        assert_eq!(client.await.unwrap().text(), "one");
    }
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn those_who_wait_for_what_cannot_be_shared_then_ask_side_by_side() {
    for (fields, forgets) in [
        (UNSTORED, false),
        (&[("cache-control", "no-cache, max-age=10"), ("etag", "\"one\"")], false),
        (&[], true),
    ] {
        let bench = Bench::start().await;
        let status = if forgets { 500 } else { 200 };
        let clients: Vec<_> = (0..50).map(|_| bench.asking(Method::GET, "/", &[])).collect();
        bench.until_waiting("/", 49).await;
        bench.origin.next().await.answer(answer(status, fields, "own"));
        // All of them ask before any is answered.
        for question in questions(&bench, 49).await {
            question.answer(answer(status, fields, "own"));
        }
        for client in clients {
            let answer = client.await.unwrap();
            assert_eq!((answer.status, answer.text()), (status, "own"));
        }
        // Later ones do not wait at all; only an error says nothing of what comes next.
        let later: Vec<_> = (0..2).map(|_| bench.asking(Method::GET, "/", &[])).collect();
        for question in questions(&bench, if forgets { 1 } else { 2 }).await {
            if forgets {
                bench.until_waiting("/", 1).await;
            }
            question.answer(answer(200, TEN_S, "later"));
        }
        for client in later {
            assert_eq!(client.await.unwrap().text(), "later");
        }
    }
}

#[tokio::test]
async fn a_key_that_was_not_shared_is_given_another_chance_after_a_while() {
    let bench = Bench::start().await;
    bench.origin.says(200, UNSTORED, "own");
    bench.get("/").await;
    for (passed_s, asking_at_once) in [(59, 2), (1, 1)] {
        bench.pass_s(passed_s);
        bench.origin.by_hand();
        let clients: Vec<_> = (0..2).map(|_| bench.asking(Method::GET, "/", &[])).collect();
        let questions = questions(&bench, asking_at_once).await;
        bench.until_waiting("/", 2 - asking_at_once).await;
        for question in questions {
            let fields = if asking_at_once == 2 { UNSTORED } else { TEN_S };
            question.answer(answer(200, fields, "own"));
        }
        for client in clients {
            client.await.unwrap();
        }
    }
    assert_eq!(bench.asked(), 4);
}

#[tokio::test]
async fn a_key_that_has_become_shareable_is_shared_at_once() {
    let bench = Bench::start().await;
    bench.origin.says(200, UNSTORED, "own");
    bench.get("/").await;
    bench.origin.says(200, &[("cache-control", "max-age=1")], "one");
    assert_eq!(bench.get("/").await.cache_status(), "fwd=uri-miss; stored");
    assert_eq!(bench.get("/").await.cache_status(), "hit; ttl=1");
    bench.pass_s(1);
    bench.origin.by_hand();
    let clients: Vec<_> = (0..2).map(|_| bench.asking(Method::GET, "/", &[])).collect();
    bench.until_waiting("/", 1).await;
    bench.origin.next().await.answer(answer(200, TEN_S, "two"));
    for client in clients {
        assert_eq!(client.await.unwrap().text(), "two");
    }
}

#[tokio::test]
async fn whoever_asked_first_may_hang_up_without_harm_to_the_others() {
    let bench = Bench::start().await;
    let mut first = bench.dial().await;
    first.write(&format!("GET / HTTP/1.1\r\nhost: {HOST}\r\n\r\n")).await;
    let question = bench.origin.next().await;
    let others: Vec<_> = (0..5).map(|_| bench.asking(Method::GET, "/", &[])).collect();
    bench.until_waiting("/", 5).await;
    drop(first);
    // A later event of the network: by its answer, the edge has seen the earlier one.
    assert_eq!(bench.get_with("/x", &[("cache-control", "only-if-cached")]).await.status, 504);
    question.answer(answer(200, TEN_S, "one"));
    for other in others {
        assert_eq!(other.await.unwrap().text(), "one");
    }
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn a_failure_of_the_origin_is_shared() {
    let bench = Bench::start().await;
    for status in [502, 504] {
        bench.origin.by_hand();
        let clients: Vec<_> = (0..20).map(|_| bench.asking(Method::GET, "/", &[])).collect();
        bench.until_waiting("/", 19).await;
        bench.origin.next().await.fail();
        for client in clients {
            assert_eq!(client.await.unwrap().status, status);
        }
        // From now on something is stored that must not stand in.
        bench.origin.says(200, &[("cache-control", "max-age=1, must-revalidate")], "one");
        bench.get("/").await;
        bench.pass_s(1);
    }
    assert_eq!(bench.asked(), 4);
}

#[tokio::test]
async fn what_stands_in_for_a_failing_origin_stands_in_for_all_who_wait() {
    let bench = Bench::start().await;
    bench.origin.says(200, &[("cache-control", "max-age=1, stale-if-error=10")], "one");
    bench.get("/").await;
    bench.pass_s(1);
    bench.origin.by_hand();
    let clients: Vec<_> = (0..20).map(|_| bench.asking(Method::GET, "/", &[])).collect();
    bench.until_waiting("/", 19).await;
    bench.origin.next().await.answer(answer(503, &[], "down"));
    for client in clients {
        assert_eq!(client.await.unwrap().text(), "one");
    }
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_none_to_those_who_wait() {
    let bench = Bench::start().await;
    let _first = bench.opening("/");
    let (pieces, body) = in_pieces();
    bench.origin.next().await.answer(with_body(200, TEN_S, body));
    let other = bench.asking(Method::GET, "/", &[]);
    bench.until_waiting("/", 1).await;
    pieces.fail();
    bench.origin.next().await.answer(answer(200, TEN_S, "one"));
    assert_eq!(other.await.unwrap().text(), "one");
}

#[tokio::test]
async fn two_variants_asked_for_at_once_each_get_their_own() {
    let bench = Bench::start().await;
    let [german, english] =
        ["de", "en"].map(|language| bench.asking(Method::GET, "/", &[("accept-language", language)]));
    bench.until_waiting("/", 1).await;
    for _ in 0..2 {
        let question = bench.origin.next().await;
        let language = question.head.headers()["accept-language"].to_str().unwrap().to_owned();
        question.answer(answer(200, &[TEN_S, &[("vary", "accept-language")]].concat(), language));
    }
    assert_eq!((german.await.unwrap().text(), english.await.unwrap().text()), ("de", "en"));
    for language in ["de", "en"] {
        let again = bench.get_with("/", &[("accept-language", language)]).await;
        assert_eq!((again.text(), again.cache_status()), (language, "hit; ttl=10"));
    }
}

#[tokio::test]
async fn what_is_for_one_client_alone_waits_for_nobody() {
    let bench = Bench::start().await;
    let _first = bench.asking(Method::GET, "/", &[]);
    let _question = bench.origin.next().await;
    for field in [("authorization", "Basic eA=="), ("range", "bytes=0-1"), ("cache-control", "no-cache")] {
        let own = bench.asking(Method::GET, "/", &[field]);
        bench.origin.next().await.answer(answer(500, &[], "own"));
        assert_eq!(own.await.unwrap().text(), "own", "{field:?}");
    }
    let head = bench.asking(Method::HEAD, "/", &[]);
    bench.origin.next().await.answer(answer(200, UNSTORED, ""));
    assert_eq!(head.await.unwrap().status, 200);
}
