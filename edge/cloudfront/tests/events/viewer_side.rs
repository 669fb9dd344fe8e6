//! What comes before the cache.

use serde_json::json;
use stepwell_shared::tags::Tag;

use crate::support::{NOW, World, field, id, page};

#[test]
fn one_thing_has_one_target_and_one_key_whoever_asks() {
    let world = World::new();
    let plain = world.viewer("GET", "/posts?limit=3&sort=a", &[]);
    assert_eq!(
        (plain["uri"].as_str(), plain["querystring"].as_str()),
        (Some("/posts"), Some("limit=3&sort=a"))
    );
    let dressed = [
        ("authorization", "Bearer nonsense"),
        ("cookie", "a=b"),
        ("x-forwarded-host", "evil"),
        ("stepwell-key", "mine"),
        ("stepwell-readers", "signed-in"),
        ("if-none-match", "\"1\""),
    ];
    let mut other = world.viewer("GET", "/posts?sort=a&limit=%33", &dressed);
    // A read-only field, which CloudFront answers itself.
    assert_eq!(
        other["headers"].as_object_mut().unwrap().remove("if-none-match").unwrap()[0]["value"],
        "\"1\""
    );
    assert_eq!(plain, other);
    assert_eq!(field(&plain, "stepwell-key"), Some("-.-"));
    let after_a_write = world.viewer("GET", "/posts?limit=3&sort=a", &[("stepwell-bookmark", "1-c")]);
    assert_eq!(field(&after_a_write, "stepwell-key"), Some("-.1-c"));
}

#[test]
fn what_is_for_some_is_kept_for_each_apart() {
    let world = World::new();
    let keys = [1, 2].map(|account| {
        let token = format!("Bearer {}", world.token(account));
        let request = world.viewer("GET", "/notes/0000000000007", &[("authorization", &token)]);
        assert_eq!(field(&request, "stepwell-credentials"), Some(&*token));
        assert_eq!(field(&request, "authorization"), None);
        field(&request, "stepwell-key").unwrap().to_owned()
    });
    assert_eq!(keys, [1, 2].map(|account| format!("{}.-", id(account))));
}

#[test]
fn who_may_not_is_answered_before_the_cache() {
    let world = World::new();
    for (method, target, fields, status) in [
        ("GET", "/notes/0000000000007", vec![], "401"),
        ("GET", "/notes/0000000000007", vec![("authorization", "Bearer a.b.c")], "401"),
        ("GET", "/nothing", vec![], "404"),
        ("GET", "/posts/../notes", vec![], "400"),
        ("GET", "/posts?utm=1", vec![], "400"),
        ("DELETE", "/posts", vec![], "405"),
    ] {
        let answer = world.viewer(method, target, &fields);
        assert_eq!(answer["status"], status, "{method} {target}");
        assert_eq!(field(&answer, "content-type"), Some("application/problem+json"));
        assert_eq!(field(&answer, "cache-control"), Some("private, no-store"));
        assert!(field(&answer, "strict-transport-security").is_some());
        assert!(answer["body"].as_str().unwrap().contains("\"code\""));
    }
}

#[test]
fn a_revoked_token_is_refused_as_soon_as_the_log_says_so() {
    let mut world = World::new();
    let token = format!("Bearer {}", world.token(1));
    let asks = |world: &World| world.viewer("GET", "/notes/0000000000007", &[("authorization", &token)]);
    assert!(asks(&world).get("status").is_none());
    let tag = serde_json::to_value(Tag::account(id(1)).hash()).unwrap();
    let purges = json!([{"sequence": 11, "tags": [tag], "revoked": [tag]}]);
    let later = NOW.plus_ms(1000);
    assert_eq!(world.function.question(later).unwrap().target, "/v1/purges?after=10");
    assert_eq!(world.function.question(later), None, "once a second");
    world.function.take("", &page(&purges, 10, 11), later).unwrap();
    assert_eq!(asks(&world)["status"], "401");
}

#[test]
fn an_instance_that_does_not_know_the_log_gives_nothing_private_from_the_cache() {
    let mut world = World::new();
    let token = format!("Bearer {}", world.token(1));
    let silent = NOW.plus_ms(60_000);
    assert!(world.function.question(silent).is_some());
    // The page that would have come is lost; the clock of this test stands still, so the log is made a later one's.
    world.function.take("", &page(&json!([]), 50, 60), NOW).unwrap();
    let request = world.viewer("GET", "/notes/0000000000007", &[("authorization", &token)]);
    assert!(field(&request, "stepwell-key").unwrap().starts_with("alone."), "{request}");
}

#[test]
fn what_is_ones_own_is_found_by_nobody_else() {
    let world = World::new();
    let token = format!("Bearer {}", world.token(1));
    let own = [("authorization", &*token), ("content-type", "application/json"), ("x-real-ip", "1")];
    let request = world.viewer("GET", "/me", &own);
    assert_eq!(field(&request, "stepwell-key"), Some("alone.4TyzHTaYWb1GX1qTfsHhEq=="));
    let write = world.viewer("POST", "/notes", &own);
    assert_eq!(field(&write, "stepwell-credentials"), Some(&*token));
    assert_eq!(field(&write, "content-type"), Some("application/json"));
    assert_eq!((field(&write, "x-real-ip"), field(&write, "via")), (None, Some("2.0 x (CloudFront)")));
}
