//! Purges, bookmarks, coalescing, and what is served when it is stale.

use std::sync::Arc;

use super::support::{Bench, public};
use http::{Method, Response, StatusCode};
use stepwell_shared::api::purges::{CensusAnswer, CensusQuestion, LogLine};
use stepwell_shared::tags::TagHash;
use tokio::sync::Notify;

#[tokio::test]
async fn a_purge_of_a_tag_drops_the_entry_and_the_refill_counts_from_its_own_position() {
    let bench = Bench::start().await;
    bench.get("/public").await;
    bench.purge(1, &["other"]).await;
    assert!(bench.get("/public").await.cache_status().contains("; hit"));
    bench.origin.answer(|_| Ok(public("two", 2)));
    bench.purge(2, &["t"]).await;
    let fresh = bench.get("/public").await;
    assert_eq!(
        (fresh.cache_status(), &fresh.body[..]),
        ("stepwell; fwd=stale; stored; detail=purged", &b"two"[..])
    );
    assert!(bench.get("/public").await.cache_status().contains("; hit"));
    for (sequence, tag) in [(3, "path//public"), (4, "all")] {
        bench.purge(sequence, &[tag]).await;
        assert!(bench.get("/public").await.cache_status().contains("detail=purged"), "{tag}");
    }
}

#[tokio::test]
async fn an_answer_that_was_read_before_a_purge_is_stale_when_it_is_stored() {
    let bench = Bench::start().await;
    bench.purge(5, &["t"]).await;
    // The origin read its data at 4, before the purge that the edge knows.
    bench.origin.answer(|_| Ok(public("old", 4)));
    bench.get("/public").await;
    assert!(bench.get("/public").await.cache_status().contains("detail=purged"));
}

#[tokio::test]
async fn a_bookmark_beyond_the_log_passes_over_the_entry() {
    let bench = Bench::start().await;
    bench.get("/public").await;
    bench.origin.answer(|_| Ok(public("two", 7)));
    let read = bench.request(Method::GET, "/public", &[("stepwell-bookmark", "1-7")]).await;
    assert_eq!(
        (&read.body[..], read.cache_status()),
        (&b"two"[..], "stepwell; fwd=request; stored; detail=bookmark")
    );
    let head = bench.origin.heads.lock().unwrap().pop_back().unwrap();
    assert_eq!(head.headers()["stepwell-bookmark"], "1-7", "the origin must know what to wait for");
    let again = bench.request(Method::GET, "/public", &[("stepwell-bookmark", "1-7")]).await;
    assert!(again.cache_status().contains("; hit"));
}

#[tokio::test]
async fn requests_at_once_for_one_cold_key_ask_once() {
    let bench = Arc::new(Bench::start().await);
    let hold = Arc::new(Notify::new());
    *bench.origin.hold.lock().unwrap() = Some(hold.clone());
    let requests: Vec<_> = (0..200)
        .map(|_| {
            let bench = bench.clone();
            tokio::spawn(async move { bench.get("/public").await })
        })
        .collect();
    while bench.edge.waiting_requests("/public") < 200 {
        tokio::task::yield_now().await;
    }
    hold.notify_waiters();
    let mut stored = 0;
    for request in requests {
        let answer = request.await.unwrap();
        assert_eq!(&answer.body[..], b"one");
        stored += usize::from(answer.cache_status().ends_with("; stored"));
    }
    assert_eq!((bench.asked(), stored), (1, 1));
}

#[tokio::test]
async fn stale_is_served_while_one_request_revalidates_behind_it() {
    let bench = Bench::start().await;
    bench.get("/public").await;
    bench.pass_ms(11_000);
    bench.purge(1, &[]).await;
    bench.origin.answer(|request| {
        assert_eq!(request.headers()["if-none-match"], "\"one\"");
        let mut unchanged = public("one", 1);
        *unchanged.status_mut() = StatusCode::NOT_MODIFIED;
        unchanged.body_mut().clear();
        Ok(unchanged)
    });
    let stale = bench.get("/public").await;
    assert_eq!(stale.cache_status(), "stepwell; hit; ttl=-1; detail=revalidating");
    // The revalidation is a task of its own; the entry is fresh again once it is done.
    while !bench.get("/public").await.cache_status().contains("ttl=10") {
        tokio::task::yield_now().await;
    }
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn what_is_purged_while_the_origin_is_asked_covers_no_error() {
    let bench = Bench::start().await;
    assert_eq!(bench.get("/public").await.status, 200);
    // Past its freshness and what may be served while it is revalidated.
    bench.pass_ms(21_000);
    bench.purge(0, &[]).await;
    bench.origin.answer(|_| Err(()));
    let hold = Arc::<Notify>::default();
    *bench.origin.hold.lock().unwrap() = Some(hold.clone());
    let purging = async {
        while bench.asked() < 2 {
            tokio::task::yield_now().await;
        }
        bench.purge(1, &["t"]).await;
        hold.notify_one();
    };
    let (answer, ()) = tokio::join!(bench.get("/public"), purging);
    assert_eq!(answer.status, 502);
}

#[tokio::test]
async fn stale_covers_an_error_unless_it_was_purged() {
    let bench = Bench::start().await;
    bench.get("/public").await;
    bench.pass_ms(30_000);
    bench.purge(1, &[]).await;
    let broken =
        || Response::builder().status(503).header("cache-control", "public").body("down".into()).unwrap();
    bench.origin.answer(move |_| Ok(broken()));
    let covered = bench.get("/public").await;
    assert_eq!((covered.status, &covered.body[..]), (StatusCode::OK, &b"one"[..]));
    assert_eq!(covered.cache_status(), "stepwell; fwd=stale; fwd-status=503; detail=stale-if-error");
    bench.origin.answer(|_| Err(()));
    assert_eq!(bench.get("/public").await.status, StatusCode::OK);

    bench.purge(2, &["t"]).await;
    let purged = bench.get("/public").await;
    assert_eq!(purged.status, StatusCode::BAD_GATEWAY);
    assert_eq!(purged.headers["cache-control"], "private, no-store");
    bench.origin.answer(move |_| Ok(broken()));
    let down = bench.get("/public").await;
    assert_eq!((down.status, &down.body[..]), (StatusCode::SERVICE_UNAVAILABLE, &b"down"[..]));
}

#[tokio::test]
async fn a_census_counts_what_a_purge_would_drop() {
    let bench = Bench::start().await;
    for target in ["/public", "/public?q=1", "/immutable"] {
        bench.get(target).await;
    }
    for (question, tag) in [(1, "t"), (2, "path//public"), (3, "none")] {
        bench.say(LogLine::Census(CensusQuestion { question, tags: vec![TagHash::of(tag)] }));
    }
    while bench.origin.censuses.lock().unwrap().len() < 3 {
        tokio::task::yield_now().await;
    }
    let mut counts: Vec<(u64, u64)> = bench
        .origin
        .censuses
        .lock()
        .unwrap()
        .iter()
        .map(|json| serde_json::from_slice::<CensusAnswer>(json).unwrap())
        .map(|answer| (answer.question, answer.entries))
        .collect();
    counts.sort_unstable();
    assert_eq!(counts, [(1, 3), (2, 2), (3, 0)]);
}
