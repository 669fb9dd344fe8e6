//! How often clients may ask for what reaches the origin.

use std::num::NonZero;

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use stepwell_edge_core::rate::Limits;
use stepwell_edge_core::rate::gcra::Quota;

use super::support::{Answer, Bench, public, restricted, token};

const ADA: &str = "0000000000007";
const BOB: &str = "0000000000008";

/// So many of each kind in ten seconds.
async fn limited(requests: u32) -> Bench {
    let quota = Quota { requests: NonZero::new(requests).unwrap(), window_s: NonZero::new(10).unwrap() };
    let quota = Some(quota);
    Bench::limited(Limits { reads: quota, writes: quota, sign_ins: quota, http: quota }).await
}

async fn change(bench: &Bench, token: &str) -> Answer {
    bench.request(Method::POST, "/change", &[("authorization", &format!("Bearer {token}"))]).await
}

async fn sign_in(bench: &Bench) -> u16 {
    bench.request(Method::POST, "/sign-in", &[]).await.status.as_u16()
}

#[tokio::test]
async fn what_the_store_answers_is_not_counted_and_what_reaches_the_origin_is() {
    let bench = limited(2).await;
    for _ in 0..9 {
        let answer = bench.get("/public").await;
        // What others may get from caches behind this one says nothing of one client.
        assert!(answer.status == 200 && !answer.headers.contains_key("ratelimit"));
    }
    assert_eq!(bench.get("/public?q=1").await.status, 200);
    let refused = bench.get("/public?q=2").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let field = |name: &str| refused.headers[name].to_str().unwrap().to_owned();
    assert_eq!((field("retry-after"), field("cache-control")), ("5".into(), "private, no-store".into()));
    assert_eq!(field("ratelimit-policy"), "\"reads\";q=2;w=10");
    assert_eq!(field("ratelimit"), "\"reads\";r=0;t=5");
    assert_eq!(bench.asked(), 2);
    assert_eq!(
        (bench.get("/public").await.status, bench.get("/public?q=1").await.status),
        (StatusCode::OK, StatusCode::OK)
    );
    bench.pass_ms(5000);
    bench.purge(0, &[]).await;
    assert_eq!(bench.get("/public?q=2").await.status, 200);
}

#[tokio::test]
async fn each_account_has_a_limit_of_its_own_and_hears_of_it() {
    let bench = limited(2).await;
    bench.origin.answer(|_| Ok(Response::new(Bytes::new())));
    let (ada, bob) = (token(ADA, 0, &[]), token(BOB, 0, &[]));
    for left in ["r=1", "r=0"] {
        let answer = change(&bench, &ada).await;
        assert_eq!(
            (answer.status, &answer.headers["ratelimit-policy"]),
            (StatusCode::OK, &"\"writes\";q=2;w=10".parse().unwrap())
        );
        assert_eq!(answer.headers["ratelimit"], format!("\"writes\";{left};t=5"));
    }
    assert_eq!(change(&bench, &ada).await.status, StatusCode::TOO_MANY_REQUESTS);
    // Another token of the same account is no other account.
    assert_eq!(change(&bench, &token(ADA, 0, &["editor"])).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(change(&bench, &bob).await.status, StatusCode::OK);
    assert_eq!(bench.get_as(&ada, "/signed-in").await.status, StatusCode::OK);
    assert_eq!(bench.asked(), 4);
}

#[tokio::test]
async fn a_private_answer_says_what_is_left_where_the_origin_was_asked_for_it() {
    let bench = limited(2).await;
    bench.origin.answer(|_| Ok(restricted("secret", 0, "account/0000000000007")));
    let ada = token(ADA, 0, &[]);
    assert_eq!(bench.get_as(&ada, "/shared").await.headers["ratelimit"], "\"reads\";r=1;t=5");
    assert!(!bench.get_as(&ada, "/shared").await.headers.contains_key("ratelimit"));
}

#[tokio::test]
async fn who_is_over_the_limit_cannot_tell_what_is_others_from_what_is_not_there() {
    let bench = limited(2).await;
    bench.origin.answer(|_| Ok(restricted("secret", 0, "account/0000000000007")));
    let (ada, bob) = (token(ADA, 0, &[]), token(BOB, 0, &[]));
    assert_eq!(bench.get_as(&ada, "/shared").await.status, 200);
    bench.origin.answer(|_| Ok(Response::builder().status(404).body(Bytes::new()).unwrap()));
    let mut statuses = Vec::new();
    for target in ["/shared", "/shared", "/shared", "/own"] {
        statuses.push(bench.get_as(&bob, target).await.status.as_u16());
    }
    assert_eq!(statuses, [404, 404, 429, 429]);
    assert_eq!((bench.get_as(&ada, "/shared").await.status, bench.asked()), (StatusCode::OK, 1));
}

#[tokio::test]
async fn who_signs_in_too_often_reads_on() {
    let bench = limited(3).await;
    bench.origin.answer(|_| Ok(public("one", 0)));
    for _ in 0..3 {
        assert_eq!(sign_in(&bench).await, 200);
    }
    // Whatever a client says of itself: nobody vouches for it.
    let claims = [("x-forwarded-for", "203.0.113.9"), ("forwarded", "for=203.0.113.9")];
    let of_account = [("authorization", &*format!("Bearer {}", token(ADA, 0, &[])))];
    for headers in [&claims[..], &claims[..1], &of_account, &[]] {
        let answer = bench.request(Method::POST, "/sign-in", headers).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{headers:?}");
    }
    assert_eq!(bench.get("/public").await.status, StatusCode::OK);
    assert_eq!(bench.edge.metrics().rate_refused[2].load(std::sync::atomic::Ordering::Relaxed), 4);
}

#[tokio::test]
async fn keys_that_are_made_up_count_with_their_network_and_one_that_is_taken_for_itself() {
    let bench = limited(3).await;
    bench.origin.answer(|request| {
        let is_good = request.headers()["authorization"] == "Bearer swk_good";
        let status = if is_good { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
        Ok(Response::builder().status(status).body(Bytes::new()).unwrap())
    });
    assert_eq!(change(&bench, "swk_good").await.status, StatusCode::OK);
    for made_up in ["swk_1", "swk_1"] {
        assert_eq!(change(&bench, made_up).await.status, StatusCode::UNAUTHORIZED);
    }
    for made_up in ["swk_1", "swk_2"] {
        assert_eq!(change(&bench, made_up).await.status, StatusCode::TOO_MANY_REQUESTS);
    }
    for _ in 0..3 {
        assert_eq!(change(&bench, "swk_good").await.status, StatusCode::OK);
    }
    assert_eq!(change(&bench, "swk_good").await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(bench.asked(), 6);
}

#[tokio::test]
async fn a_key_is_not_taken_where_nobody_asks_for_one() {
    let bench = limited(2).await;
    bench.origin.answer(|_| Ok(Response::new(Bytes::new())));
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(bench.get_as("swk_1", "/no-store").await.status.as_u16());
    }
    assert_eq!(statuses, [200, 200, 429]);
}
