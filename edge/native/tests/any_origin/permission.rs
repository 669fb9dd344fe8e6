//! What may be stored at all.

use stepwell_edge_core::cache::rfc9111::options::Options;

use crate::bench::{Answer, Bench};

/// Has the origin say this twice to a request with these fields; the answers.
async fn twice(bench: &Bench, request: &[(&str, &str)], fields: &[(&str, &str)]) -> [Answer; 2] {
    bench.origin.says(200, fields, "one");
    [bench.get_with("/", request).await, bench.get_with("/", request).await]
}

/// Why the answer was not stored, neither the first time nor the second; `None` where it was.
async fn refusal(request: &[(&str, &str)], fields: &[(&str, &str)]) -> Option<String> {
    refusal_by(Options::default(), request, fields).await
}

async fn refusal_by(options: Options, request: &[(&str, &str)], fields: &[(&str, &str)]) -> Option<String> {
    let bench = Bench::with(options).await;
    let [first, second] = twice(&bench, request, fields).await;
    if first.cache_status() == "fwd=uri-miss; stored" {
        assert!(second.cache_status().starts_with("hit"), "{}", second.cache_status());
        assert_eq!(bench.asked(), 1);
        return None;
    }
    assert_eq!((first.cache_status(), second.text(), bench.asked()), (second.cache_status(), "one", 2));
    let detail = first.cache_status().strip_prefix("fwd=uri-miss; detail=not-stored-").unwrap();
    Some(detail.to_owned())
}

#[tokio::test]
async fn what_an_origin_keeps_to_itself_is_not_stored() {
    for (policy, why) in [
        ("no-store, max-age=10", "no-store"),
        ("No-Store=\"x\", max-age=10", "no-store"),
        ("private, max-age=10", "private"),
        ("private, public, s-maxage=10", "private"),
    ] {
        assert_eq!(refusal(&[], &[("cache-control", policy)]).await.as_deref(), Some(why), "{policy}");
    }
    assert_eq!(
        refusal(&[], &[("cache-control", "max-age=10"), ("vary", "*")]).await.as_deref(),
        Some("vary")
    );
    assert_eq!(refusal(&[], &[]).await.as_deref(), Some("useless"), "nothing says for how long");
    assert_eq!(refusal(&[], &[("cache-control", "max-age=10")]).await, None);
}

#[tokio::test]
async fn a_policy_for_caches_like_this_one_goes_before_that_for_all() {
    for (general, targeted, why) in [
        ("no-store", "max-age=10", None),
        ("max-age=10", "no-store", Some("no-store")),
        ("max-age=10", "private", Some("private")),
        ("no-store", "max-age=", Some("no-store")),
    ] {
        let fields = [("cache-control", general), ("cdn-cache-control", targeted)];
        assert_eq!(refusal(&[], &fields).await.as_deref(), why, "{fields:?}");
    }
}

#[tokio::test]
async fn fields_that_are_private_are_for_the_first_client_alone() {
    let bench = Bench::start().await;
    let fields = [("cache-control", "max-age=10, private=\"x-mine\""), ("x-mine", "1"), ("x-all", "2")];
    let [first, second] = twice(&bench, &[], &fields).await;
    assert_eq!((first.field("x-mine"), first.field("x-all")), (Some("1"), Some("2")));
    assert_eq!((second.field("x-mine"), second.field("x-all")), (None, Some("2")));
    assert_eq!(second.cache_status(), "hit; ttl=10");
}

#[tokio::test]
async fn fields_that_need_confirming_are_sent_again_when_they_are_confirmed() {
    let bench = Bench::start().await;
    let fields = [
        ("cache-control", "max-age=10, no-cache=\"set-cookie\""),
        ("set-cookie", "a=b"),
        ("etag", "\"one\""),
    ];
    let [first, second] = twice(&bench, &[], &fields).await;
    assert_eq!((first.field("set-cookie"), second.field("set-cookie")), (Some("a=b"), None));
    assert_eq!(second.cache_status(), "hit; ttl=10");
    bench.origin.says(304, &[("etag", "\"one\"")], "");
    let confirmed = bench.get_with("/", &[("cache-control", "no-cache")]).await;
    assert_eq!(confirmed.field("set-cookie"), Some("a=b"));
}

#[tokio::test]
async fn a_client_may_forbid_to_store() {
    let no_store = [("cache-control", "no-store")];
    for heeds_clients in [true, false] {
        let options = Options { heeds_clients, ..Options::default() };
        let why = refusal_by(options, &no_store, &[("cache-control", "max-age=10")]).await;
        assert_eq!(why.as_deref(), Some("request"), "it always counts");
    }
    let bench = Bench::start().await;
    twice(&bench, &[], &[("cache-control", "max-age=10")]).await;
    assert_eq!(
        bench.get_with("/", &no_store).await.cache_status(),
        "hit; ttl=10",
        "what is stored may be served"
    );
}

#[tokio::test]
async fn answers_with_cookies_are_stored_as_the_operator_wants() {
    let fields = [("cache-control", "max-age=10"), ("set-cookie", "a=b")];
    let bench = Bench::start().await;
    let [_, second] = twice(&bench, &[], &fields).await;
    assert_eq!((second.field("set-cookie"), second.cache_status()), (Some("a=b"), "hit; ttl=10"));
    let options = Options { stores_cookies: false, ..Options::default() };
    assert_eq!(refusal_by(options, &[], &fields).await.as_deref(), Some("set-cookie"));
    assert_eq!(refusal_by(options, &[], &fields[..1]).await, None);
}

#[tokio::test]
async fn answers_to_who_shows_credentials_are_stored_where_the_origin_says_so() {
    let credentials = [("authorization", "Basic eA==")];
    for (policy, is_stored) in [
        ("max-age=10", false),
        ("max-age=10, public", true),
        ("max-age=10, must-revalidate", true),
        ("s-maxage=10", true),
        ("max-age=10, proxy-revalidate", false),
        ("max-age=10, no-store, public", false),
    ] {
        let why = refusal(&credentials, &[("cache-control", policy)]).await;
        assert_eq!(why.is_none(), is_stored, "{policy}");
    }
}

#[tokio::test]
async fn what_is_stored_for_all_is_served_to_who_shows_credentials_and_back() {
    for (first, second) in
        [(&[("authorization", "Basic eA==")][..], &[][..]), (&[], &[("authorization", "Basic eA==")])]
    {
        let bench = Bench::start().await;
        bench.origin.says(200, &[("cache-control", "max-age=10, public")], "one");
        bench.get_with("/", first).await;
        assert_eq!(bench.get_with("/", second).await.cache_status(), "hit; ttl=10");
    }
}

#[tokio::test]
async fn statuses_are_stored_when_their_lifetime_is_stated() {
    for (status, is_stored) in
        [(200, true), (404, true), (500, true), (302, true), (418, true), (416, false), (412, false)]
    {
        let bench = Bench::start().await;
        bench.origin.says(status, &[("cache-control", "max-age=10")], "one");
        for asked in [1, if is_stored { 1 } else { 2 }] {
            let answer = bench.get("/").await;
            assert_eq!((answer.status, answer.text(), bench.asked()), (status, "one", asked));
        }
    }
}
