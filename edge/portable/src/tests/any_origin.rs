//! In front of an origin that knows nothing of Stepwell.

use http::{Method, Response};

use crate::testing::{Chunks, Tested, World, answer, read};

const FRESH: (&str, &str) = ("cache-control", "max-age=60");

#[test]
fn an_answer_is_stored_once_it_was_read_to_its_end() {
    let world = World::new(|_| answer(200, &[FRESH], "content"));
    let edge = Tested::of_any(&world);
    drop(edge.ask(&Method::GET, "/a", &[]));
    let (_, cache, content) = edge.get("/a", &[]);
    assert_eq!((&*cache, &*content), ("stepwell; fwd=uri-miss; stored", "content"));
    assert!(edge.get("/a", &[]).1.contains("hit"));
    assert_eq!(world.asked(), 2);
}

#[test]
fn what_broke_off_is_nothing() {
    let world = World::new(|_| {
        let mut response = Response::new(Chunks::broken("cont"));
        response.headers_mut().extend(crate::testing::headers(&[FRESH]));
        response
    });
    let edge = Tested::of_any(&world);
    assert_eq!(edge.get("/a", &[]).2, "cont");
    assert!(edge.get("/a", &[]).1.contains("uri-miss"));
}

#[test]
fn a_change_takes_what_is_stored_here_and_from_other_instances() {
    let world = World::new(|head| match head.method.as_str() {
        "POST" => answer(200, &[], "changed"),
        _ => answer(200, &[FRESH], "content"),
    });
    let (edge, other) = (Tested::of_any(&world), Tested::of_any(&world));
    edge.get("/a", &[]);
    assert!(other.get("/a", &[]).1.contains("hit"));
    assert_eq!(read(edge.ask(&Method::POST, "/a", &[])), "changed");
    assert!(edge.get("/a", &[]).1.contains("uri-miss"));
    // What is filled after a change, within the same millisecond even, is not what the change took.
    assert!(edge.get("/a", &[]).1.contains("hit"));
    edge.ask(&Method::POST, "/a", &[]);
    assert!(other.get("/a", &[]).1.contains("uri-miss"));
    world.wait_ms(10);
    edge.ask(&Method::POST, "/a", &[]);
    world.wait_ms(10);
    other.get("/a", &[]);
    assert!(edge.get("/a", &[]).1.contains("hit"));
}

#[test]
fn variants_lie_side_by_side() {
    let world = World::new(|head| {
        let language = head.headers.get("accept-language").map_or("", |value| value.to_str().unwrap());
        answer(200, &[FRESH, ("vary", "accept-language")], language)
    });
    let edge = Tested::of_any(&world);
    for language in ["de", "fr", "de", "fr"] {
        assert_eq!(edge.get("/a", &[("accept-language", language)]).2, language);
    }
    assert_eq!(world.asked(), 2);
}

#[test]
fn a_stale_answer_is_confirmed_behind_the_one_that_serves_it() {
    let world = World::new(|head| {
        let policy = ("cache-control", "max-age=10, stale-while-revalidate=60");
        let status = if head.headers.contains_key("if-none-match") { 304 } else { 200 };
        answer(status, &[policy, ("etag", "\"a\"")], if status == 200 { "content" } else { "" })
    });
    let edge = Tested::of_any(&world);
    edge.get("/a", &[]);
    world.wait_ms(11_000);
    assert!(edge.get("/a", &[]).1.contains("revalidating"));
    world.finish();
    let (_, cache, content) = edge.get("/a", &[]);
    assert_eq!((&*cache, &*content), ("stepwell; hit; ttl=10", "content"));
}
