//! What comes behind the cache.

use crate::support::{NOW, World, field, id, page};

const PUBLIC: [(&str, &str); 4] = [
    ("cdn-cache-control", "max-age=600, stale-while-revalidate=60, stale-if-error=3600"),
    ("cache-tag", "set/posts,record/posts/1"),
    ("stepwell-position", "1-a"),
    ("content-length", "9"),
];

#[test]
fn a_public_answer_is_kept_for_as_long_as_the_origin_says() {
    let world = World::new();
    let sent = world.miss(&world.viewer("GET", "/posts?limit=3", &[]));
    let answer = world.answer(&sent, "200", &PUBLIC);
    let policy = "public, max-age=0, s-maxage=600, stale-while-revalidate=60, stale-if-error=3600";
    assert_eq!(field(&answer, "cache-control"), Some(policy));
    assert_eq!(field(&answer, "cache-tag"), Some("set/posts,record/posts/1"));
    assert_eq!(field(&answer, "content-length"), Some("9"));
    assert_eq!((field(&answer, "stepwell-position"), field(&answer, "cache-status")), (None, None));
    assert!(answer.get("body").is_none());
    // A confirmation renews it alike.
    assert_eq!(field(&world.answer(&sent, "304", &PUBLIC), "cache-control"), Some(policy));
}

#[test]
fn what_speaks_against_storing_is_kept_by_nobody() {
    let world = World::new();
    let sent = world.miss(&world.viewer("GET", "/posts", &[]));
    let with = |name, value| [&PUBLIC[..], &[(name, value)]].concat();
    for (status, fields) in [
        ("200", vec![]),
        ("500", PUBLIC.to_vec()),
        ("200", with("set-cookie", "a=b")),
        ("200", with("vary", "cookie")),
        ("200", with("stepwell-readers", "signed-in")),
        ("200", PUBLIC[..2].to_vec()),
        ("not a status", PUBLIC.to_vec()),
    ] {
        let answer = world.answer(&sent, status, &fields);
        assert_eq!(field(&answer, "cache-control"), Some("private, no-store"), "{status} {fields:?}");
        for name in ["cache-tag", "cdn-cache-control", "stepwell-position", "stepwell-readers"] {
            assert_eq!(field(&answer, name), None, "{name}");
        }
    }
}

#[test]
fn a_private_answer_is_kept_under_its_readers_key_alone() {
    let world = World::new();
    let token = format!("Bearer {}", world.token(1));
    let viewed = world.viewer("GET", "/notes/0000000000007", &[("authorization", &token)]);
    let sent = world.miss(&viewed);
    assert_eq!(field(&sent, "authorization"), Some(&*token));
    assert_eq!(field(&sent, "stepwell-credentials"), None);
    let readers = format!("account/{}", id(1));
    let private = [&PUBLIC[..], &[("stepwell-readers", &*readers)]].concat();
    assert!(field(&world.answer(&sent, "200", &private), "cache-control").unwrap().contains("s-maxage=600"));

    // Another's key, none, and an answer that names other readers.
    let mut moved = sent.clone();
    moved["headers"]["stepwell-key"][0]["value"] = format!("{}.-", id(2)).into();
    let mut open = sent.clone();
    open["headers"].as_object_mut().unwrap().remove("stepwell-key");
    let others = [&PUBLIC[..], &[("stepwell-readers", "role/editor")]].concat();
    for answer in [
        world.answer(&moved, "200", &private),
        world.answer(&open, "200", &private),
        world.answer(&sent, "200", &others),
        world.answer(&sent, "404", &private),
        world.answer(&sent, "200", &PUBLIC),
    ] {
        assert_eq!(field(&answer, "cache-control"), Some("private, no-store"));
    }
}

#[test]
fn behind_an_open_behaviour_nothing_of_the_viewers_is_believed() {
    let world = World::new();
    // As CloudFront hands it on where no function ran before the cache.
    let raw = serde_json::json!({"clientIp": "203.0.113.9", "method": "GET", "uri": "/posts", "querystring": "sort=a&limit=3",
        "origin": {"custom": {"domainName": "origin.example"}},
        "headers": {"host": [{"key": "Host", "value": "origin.example"}], "stepwell-readers": [{"value": "signed-in"}],
            "x-forwarded-host": [{"value": "evil"}], "cookie": [{"value": "a=b"}], "authorization": [{"value": "Bearer x"}]}});
    let sent = world.miss(&raw);
    assert_eq!(sent["querystring"], "limit=3&sort=a");
    assert_eq!(sent["origin"]["custom"]["domainName"], "origin.example");
    for name in ["stepwell-readers", "x-forwarded-host", "cookie", "authorization"] {
        assert_eq!(field(&sent, name), None, "{name}");
    }
    let mut unknown = raw;
    unknown["querystring"] = "utm=1".into();
    assert_eq!(world.miss(&unknown)["status"], "400");
}

#[test]
fn what_goes_to_the_origin_is_signed_as_it_goes() {
    let world = World::new();
    let token = format!("Bearer {}", world.token(1));
    let private = world.miss(&world.viewer("GET", "/notes/0000000000007", &[("authorization", &token)]));
    let write = [("authorization", &*token), ("content-length", "2"), ("content-type", "application/json")];
    let write = world.miss(&world.viewer("POST", "/notes", &write));
    for (request, purpose) in [(&private, Some("edge")), (&write, None)] {
        assert_eq!(World::verified(request).unwrap().as_str(), "cdn");
        assert_eq!(field(request, "stepwell-purpose"), purpose);
        assert!(field(request, "forwarded").unwrap().starts_with("for=203.0.113.178;"));
    }
    let mut changed = write;
    changed["headers"]["content-type"][0]["value"] = "text/plain".into();
    assert!(World::verified(&changed).is_err());
}

#[test]
fn another_state_of_the_origin_is_asked_for_and_obeyed() {
    let mut world = World::new();
    let later = NOW.plus_ms(1000);
    let log = world.function.question(later).unwrap().target;
    let mut news: serde_json::Value = serde_json::from_str(&page(&serde_json::json!([]), 10, 10)).unwrap();
    news["revision"] = "two".into();
    assert!(world.function.take(&log, &news.to_string(), later).unwrap());
    let question = world.function.question(later).unwrap();
    assert_eq!(question.target, "/v1/edge");
    assert_eq!(question.headers["stepwell-purpose"], "edge");
    let briefing = serde_json::json!({"revision": "two", "routes": {"routes": []}, "audience": "here",
        "jwks": {"keys": []}, "position": {"epoch": 1, "sequence": 10}});
    assert!(!world.function.take(&question.target, &briefing.to_string(), later).unwrap());
    assert_eq!(world.viewer("GET", "/posts", &[])["status"], "404");
    assert_eq!(world.function.question(later), None);
}
