//! Answers for some alone: stored once, and held against each caller.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use stepwell_shared::api::purges::LogLine;

use super::support::{Answer, Bench, page, public, restricted, token};

const ADA: &str = "0000000000007";
const BOB: &str = "0000000000008";

#[tokio::test]
async fn who_may_read_it_is_served_from_the_store_and_to_others_nothing_is_there() {
    let bench = Bench::start().await;
    bench.origin.answer(|_| Ok(restricted("secret", 0, "account/0000000000007, role/editor")));
    let (ada, bob, editor) = (token(ADA, 0, &[]), token(BOB, 0, &[]), token(BOB, 0, &["editor"]));
    assert_eq!(bench.get_as(&ada, "/shared").await.cache_status(), "stepwell; fwd=uri-miss; stored");
    for (who, expected) in [(&ada, 200), (&editor, 200), (&bob, 404), (&ada, 200)] {
        let answer = bench.get_as(who, "/shared").await;
        assert_eq!(answer.status, expected);
        assert_eq!(answer.body.windows(6).any(|window| window == b"secret"), expected == 200);
    }
    assert_eq!(bench.get("/shared").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn no_cache_behind_the_edge_may_keep_it() {
    let bench = Bench::start().await;
    bench.origin.answer(|_| Ok(restricted("secret", 0, "account/0000000000007")));
    let ada = token(ADA, 0, &[]);
    for _ in 0..2 {
        let answer = bench.get_as(&ada, "/shared").await;
        assert_eq!(answer.headers["cache-control"], "private, no-cache");
        for name in ["cdn-cache-control", "cache-tag", "stepwell-readers", "stepwell-position"] {
            assert!(!answer.headers.contains_key(name), "{name}");
        }
    }
}

#[tokio::test]
async fn the_origin_hears_who_asks_for_the_first_time() {
    let bench = Bench::start().await;
    bench.origin.answer(|_| Ok(restricted("secret", 0, "account/0000000000007")));
    let ada = token(ADA, 0, &[]);
    bench.get_as(&ada, "/shared").await;
    let head = bench.origin.heads.lock().unwrap().pop_front().unwrap();
    assert_eq!(head.headers()["authorization"], format!("Bearer {ada}"));
    assert_eq!(head.uri(), "/shared");
}

#[tokio::test]
async fn while_the_origin_fails_nobody_learns_of_what_is_kept_for_another() {
    let bench = Bench::start().await;
    bench.origin.answer(|_| Ok(restricted("secret", 0, "account/0000000000007")));
    let (ada, bob) = (token(ADA, 0, &[]), token(BOB, 0, &[]));
    assert_eq!(bench.get_as(&ada, "/shared").await.status, StatusCode::OK);
    bench.origin.answer(|_| Err(()));
    // Past its freshness and what may be served while it is revalidated, within what covers errors.
    bench.pass_ms(21_000);
    bench.purge(0, &[]).await;
    assert_eq!(bench.get_as(&ada, "/shared").await.status, StatusCode::OK);
    let (kept, absent) = (bench.get_as(&bob, "/shared").await, bench.get_as(&bob, "/own").await);
    assert_eq!((kept.status, &kept.body), (absent.status, &absent.body));
    assert!(kept.status.is_server_error());
}

#[tokio::test]
async fn to_whom_nothing_is_there_it_is_not_told_that_the_origin_had_something_for_another() {
    let bench = Bench::start().await;
    bench.origin.answer(|_| Ok(restricted("secret", 0, "account/0000000000007")));
    let (ada, bob) = (token(ADA, 0, &[]), token(BOB, 0, &[]));
    let hold = Arc::<tokio::sync::Notify>::default();
    *bench.origin.hold.lock().unwrap() = Some(hold.clone());
    let waiting = async |requests| {
        while bench.edge.waiting_requests("/shared") < requests {
            tokio::task::yield_now().await;
        }
    };
    let joining = async {
        waiting(1).await;
        bench.get_as(&bob, "/shared").await
    };
    let answering = async {
        waiting(2).await;
        hold.notify_one();
    };
    let (adas, bobs, ()) = tokio::join!(bench.get_as(&ada, "/shared"), joining, answering);
    assert_eq!((adas.status, bobs.status, bench.asked()), (StatusCode::OK, StatusCode::NOT_FOUND, 1));
    let asked_origin = |answer: &Answer| answer.headers["server-timing"].to_str().unwrap().contains("origin");
    assert!(asked_origin(&adas) && !asked_origin(&bobs));
}

#[tokio::test]
async fn a_refusal_is_for_whoever_was_refused() {
    let bench = Bench::start().await;
    let (ada, bob) = (token(ADA, 0, &[]), token(BOB, 0, &[]));
    let adas = format!("Bearer {ada}");
    bench.origin.answer(move |request| {
        let is_ada = request.headers()["authorization"] == adas;
        let nothing = || Response::builder().status(404).body(Bytes::new()).unwrap();
        Ok(if is_ada { restricted("secret", 0, "account/0000000000007") } else { nothing() })
    });
    let told = |answer: &super::support::Answer| {
        let timing = answer.headers["server-timing"].to_str().unwrap().contains("origin");
        (answer.status, answer.cache_status().to_owned(), timing, answer.body.clone())
    };
    let before = bench.get_as(&bob, "/shared").await;
    assert_eq!(before.status, StatusCode::NOT_FOUND);
    assert_eq!(bench.get_as(&ada, "/shared").await.status, StatusCode::OK);
    // Whether somebody else has read it meanwhile cannot be told.
    assert_eq!(told(&before), told(&bench.get_as(&bob, "/shared").await));
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn an_answer_that_does_not_say_for_whom_is_not_stored() {
    let bench = Bench::start().await;
    bench.origin.answer(|request| {
        Ok(match request.uri().path() {
            "/public" => restricted("secret", 0, "signed-in"),
            _ => public("secret", 0),
        })
    });
    let ada = token(ADA, 0, &[]);
    for _ in 0..2 {
        let answer = bench.get_as(&ada, "/shared").await;
        assert_eq!(answer.cache_status(), "stepwell; fwd=uri-miss; detail=not-stored-readers");
        assert_eq!(answer.headers["cache-control"], "private, no-store");
        let answer = bench.get("/public").await;
        assert_eq!(answer.cache_status(), "stepwell; fwd=uri-miss; detail=not-stored-readers");
    }
    assert_eq!(bench.asked(), 4);
}

#[tokio::test]
async fn each_caller_has_an_answer_of_its_own_where_it_depends_on_who_asks() {
    let bench = Bench::start().await;
    let (ada, bob) = (token(ADA, 0, &[]), token(BOB, 0, &[]));
    let adas = format!("Bearer {ada}");
    bench.origin.answer(move |request| {
        Ok(if request.headers()["authorization"] == adas {
            restricted("adas", 0, "account/0000000000007")
        } else {
            restricted("bobs", 0, "account/0000000000008")
        })
    });
    for _ in 0..2 {
        assert_eq!(bench.get_as(&ada, "/own").await.body, "adas");
        assert_eq!(bench.get_as(&bob, "/own").await.body, "bobs");
    }
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn a_change_of_owner_is_obeyed_at_once() {
    let bench = Bench::start().await;
    let (ada, bob) = (token(ADA, 0, &[]), token(BOB, 0, &[]));
    bench.origin.answer(|_| Ok(restricted("one", 0, "account/0000000000007")));
    assert_eq!(bench.get_as(&ada, "/shared").await.status, 200);
    bench.purge(1, &["t"]).await;
    bench.origin.answer(|_| Ok(restricted("two", 1, "account/0000000000008")));
    assert_eq!(bench.get_as(&bob, "/shared").await.status, 200);
    assert_eq!(bench.get_as(&ada, "/shared").await.status, 404);
}

#[tokio::test]
async fn a_revoked_token_is_refused_without_asking_and_a_later_one_is_good() {
    let bench = Bench::start().await;
    bench.origin.answer(|_| Ok(restricted("secret", 0, "signed-in")));
    let (before, other) = (token(ADA, 0, &[]), token(BOB, 0, &[]));
    assert_eq!(bench.get_as(&before, "/shared").await.status, 200);
    bench.purge(1, &["account/0000000000007"]).await;
    assert_eq!(bench.get_as(&before, "/shared").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(bench.get_as(&before, "/signed-in").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(bench.get_as(&other, "/shared").await.status, 200);
    assert_eq!(bench.get_as(&token(ADA, 1, &[]), "/shared").await.status, 200);
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn an_edge_that_cannot_know_leaves_the_token_to_the_origin() {
    let bench = Bench::start().await;
    bench.origin.answer(|_| Ok(restricted("secret", 0, "signed-in")));
    let ada = token(ADA, 0, &[]);
    bench.get_as(&ada, "/shared").await;
    bench.pass_ms(1001);
    let silent = bench.get_as(&ada, "/shared").await;
    assert_eq!((silent.cache_status(), silent.status), ("stepwell; fwd=bypass", StatusCode::OK));
    assert_eq!(silent.headers["cache-control"], "private, no-store");
    assert!(!silent.headers.contains_key("stepwell-readers"));
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn what_was_made_for_an_older_token_of_the_account_waits_for_the_log_to_say_that_it_stands() {
    let bench = Bench::start().await;
    bench.origin.answer(|_| Ok(restricted("as an editor", 0, "account/0000000000007")));
    let (before, since) = (token(ADA, 0, &["editor"]), token(ADA, 5, &[]));
    bench.get_as(&before, "/own").await;
    // The edge has not heard of what came before the newer token: its roles may have been changed.
    bench.origin.answer(|_| Ok(restricted("as a visitor", 5, "account/0000000000007")));
    let read = bench.get_as(&since, "/own").await;
    let expected = (&b"as a visitor"[..], "stepwell; fwd=request; stored; detail=bookmark");
    assert_eq!((&read.body[..], read.cache_status()), expected);
    let head = bench.origin.heads.lock().unwrap().pop_back().unwrap();
    assert_eq!(head.headers()["stepwell-bookmark"], "1-5");
    bench.purge(5, &["other"]).await;
    let later = token(ADA, 4, &[]);
    assert!(bench.get_as(&later, "/own").await.cache_status().contains("; hit"));
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn the_answer_to_a_change_comes_when_the_edge_has_heard_of_the_change() {
    let bench = Arc::new(Bench::start().await);
    bench.get("/public").await;
    let (answering, mut answered) = tokio::sync::mpsc::unbounded_channel();
    bench.origin.answer(move |_| {
        let _ = answering.send(());
        let changed = Response::builder().status(204).header("stepwell-bookmark", "1-1");
        Ok(changed.body(Bytes::new()).unwrap())
    });
    let changing = bench.clone();
    let change = tokio::spawn(async move {
        let changed = changing.request(Method::POST, "/public", &[]).await;
        (changed.status, changing.edge.log_position().unwrap().sequence)
    });
    answered.recv().await.unwrap();
    // Time in which an answer that waits for nothing would come.
    bench.get("/signed-in").await;
    bench.say(LogLine::Page(page(1, &["t"])));
    assert_eq!(change.await.unwrap(), (StatusCode::NO_CONTENT, 1));

    // A log that comes late does not keep the answer.
    bench.origin.answer(|_| {
        let changed = Response::builder().status(204).header("stepwell-bookmark", "1-9");
        Ok(changed.body(Bytes::new()).unwrap())
    });
    assert_eq!(bench.request(Method::POST, "/public", &[]).await.status, StatusCode::NO_CONTENT);
}
