//! In front of a Stepwell origin.

use std::cell::Cell;
use std::rc::Rc;

use http::{Method, StatusCode};

use crate::testing::{NOTE, POST, Tested, World, answer, read};

const ADA: &str = "0000000000007";
const BOB: &str = "0000000000008";

/// Where a record is at its `n`th version, which every change raises.
fn world() -> (Rc<World>, Rc<Cell<u32>>) {
    let version = Rc::new(Cell::new(1));
    let made = World::new({
        let version = version.clone();
        move |head| {
            let text = format!("version {}", version.get());
            let policy = ("cdn-cache-control", "max-age=600, stale-if-error=600");
            let position = ("stepwell-position", "1-0");
            match (head.method.as_str(), head.uri.path()) {
                ("PATCH", _) => {
                    version.set(version.get() + 1);
                    answer(200, &[("stepwell-bookmark", "1-1")], "changed")
                }
                (_, NOTE) => {
                    answer(200, &[policy, position, ("stepwell-readers", &format!("account/{ADA}"))], &text)
                }
                _ => answer(
                    200,
                    &[
                        policy,
                        ("stepwell-position", &format!("1-{:x}", version.get() - 1)),
                        ("cache-tag", "record/posts/7"),
                    ],
                    &text,
                ),
            }
        }
    });
    (made, version)
}

#[test]
fn what_was_asked_for_once_is_stored_and_served() {
    let (world, _) = world();
    let edge = Tested::new(&world);
    let (status, cache, content) = edge.get(POST, &[]);
    assert_eq!((status, &*cache, &*content), (StatusCode::OK, "stepwell; fwd=uri-miss; stored", "version 1"));
    let (_, cache, content) = edge.get(POST, &[]);
    assert_eq!((&*cache, &*content), ("stepwell; hit; ttl=600", "version 1"));
    // Another instance has the same store, and nothing else.
    assert!(Tested::new(&world).get(POST, &[]).1.contains("hit"));
    assert_eq!(world.asked(), 1);
}

#[test]
fn the_log_is_asked_once_a_second_and_behind_the_answer() {
    let (world, _) = world();
    let edge = Tested::new(&world);
    for _ in 0..3 {
        edge.get(POST, &[]);
        world.wait_ms(300);
    }
    world.finish();
    assert_eq!(world.polls(), 1);
    world.wait_ms(100);
    for _ in 0..3 {
        edge.get(POST, &[]);
    }
    assert_eq!(world.polls(), 1, "the answers did not wait");
    world.finish();
    assert_eq!(world.polls(), 2);
}

#[test]
fn a_purge_is_obeyed_once_it_is_heard_of_and_nothing_is_served_that_could_not_be_heard_of() {
    let (world, version) = world();
    let edge = Tested::new(&world);
    edge.get(POST, &[]);
    version.set(2);
    world.purge("record/posts/7");
    assert_eq!(edge.get(POST, &[]).2, "version 1", "it has not been heard of");
    world.wait_ms(1801);
    let (_, cache, content) = edge.get(POST, &[]);
    assert_eq!((&*cache, &*content), ("stepwell; fwd=stale; stored; detail=purged", "version 2"));
}

#[test]
fn who_changes_something_makes_its_edge_hear_of_it() {
    let (world, _) = world();
    let edge = Tested::new(&world);
    edge.get(POST, &[]);
    world.purge("record/posts/7");
    let bearer = format!("Bearer {}", world.token(ADA));
    let changed = edge.ask(&Method::PATCH, POST, &[("authorization", &bearer)]);
    assert_eq!((changed.status(), &*read(changed)), (StatusCode::OK, "changed"));
    assert_eq!(edge.get(POST, &[]).2, "version 2");
}

#[test]
fn what_is_for_some_is_served_to_them_alone() {
    let (world, _) = world();
    let edge = Tested::new(&world);
    let as_whom = |account: &str| format!("Bearer {}", world.token(account));
    assert_eq!(edge.get(NOTE, &[]).0, StatusCode::UNAUTHORIZED);
    assert_eq!(edge.get(NOTE, &[("authorization", &as_whom(ADA))]).2, "version 1");
    assert!(edge.get(NOTE, &[("authorization", &as_whom(ADA))]).1.contains("hit"));
    assert_eq!(edge.get(NOTE, &[("authorization", &as_whom(BOB))]).0, StatusCode::NOT_FOUND);
    assert_eq!(world.asked(), 1);
}

#[test]
fn a_token_that_was_revoked_is_refused_also_by_an_instance_that_starts() {
    let (world, _) = world();
    let edge = Tested::new(&world);
    let bearer = format!("Bearer {}", world.token(ADA));
    edge.get(NOTE, &[("authorization", &bearer)]);
    world.purge(&format!("account/{ADA}"));
    world.wait_ms(1801);
    assert_eq!(edge.get(NOTE, &[("authorization", &bearer)]).0, StatusCode::UNAUTHORIZED);
    assert_eq!(Tested::new(&world).get(NOTE, &[("authorization", &bearer)]).0, StatusCode::UNAUTHORIZED);
}

#[test]
fn an_origin_that_is_down_is_stood_in_for_within_its_bound_and_no_further() {
    let (world, _) = world();
    let edge = Tested::new(&world);
    edge.get(POST, &[]);
    world.go_down();
    world.wait_ms(5000);
    let (status, cache, content) = edge.get(POST, &[]);
    assert_eq!((status, &*content), (StatusCode::OK, "version 1"));
    assert!(cache.contains("stale-if-error"), "{cache}");
    world.wait_ms(1_300_000);
    assert_eq!(edge.get(POST, &[]).0, StatusCode::BAD_GATEWAY);
}

#[test]
fn an_instance_that_was_told_nothing_answers_nothing_from_the_store() {
    let (world, _) = world();
    Tested::new(&world).get(POST, &[]);
    world.go_down();
    assert_eq!(Tested::new(&world).get(POST, &[]).0, StatusCode::BAD_GATEWAY);
}

#[test]
fn another_declaration_is_asked_for_before_anything_more_is_served() {
    let (world, _) = world();
    let edge = Tested::new(&world);
    edge.get(POST, &[]);
    world.declare_anew();
    world.wait_ms(1801);
    assert_eq!(edge.get(POST, &[]).0, StatusCode::NOT_FOUND);
    let before = world.polls();
    edge.get(NOTE, &[]);
    assert_eq!(world.polls(), before, "the new name is known now");
}

#[test]
fn what_is_too_large_for_the_store_is_passed_on_whole() {
    let large = "x".repeat(5 * 1024 * 1024);
    let world = World::new(move |_| {
        answer(200, &[("cdn-cache-control", "max-age=600"), ("stepwell-position", "1-0")], &large)
    });
    let (_, cache, content) = Tested::new(&world).get(POST, &[]);
    assert_eq!(content.len(), 5 * 1024 * 1024);
    assert!(cache.contains("not-stored-size"), "{cache}");
}
