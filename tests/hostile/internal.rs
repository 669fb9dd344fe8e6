//! Fields by which our own tiers speak to each other, said by others: by clients to the edge, and by the edge to clients.

use stepwell_tests::edge::Edge;
use stepwell_tests::origin::{Origin, page};
use stepwell_tests::people::sign_up;
use stepwell_tests::raw::ask;
use stepwell_tests::records::records;

use crate::world::{SECRET, World, closing, told};

/// What an origin of ours would say of an answer, and what one edge would say to another.
const SPOOFED: [&str; 12] = [
    "Stepwell-Position: 1-fffffff",
    "Stepwell-Readers: anyone",
    "Stepwell-Readers: ",
    "Stepwell-Caller: root",
    "Stepwell-Anything: evil",
    "Cache-Tag: evil",
    "Surrogate-Key: evil",
    "CDN-Cache-Control: max-age=31536000",
    "Surrogate-Control: max-age=31536000",
    "Cache-Control: public, max-age=31536000",
    "Cache-Status: evil; hit",
    "Set-Cookie: evil=1",
];

/// Names that only tiers of ours read.
const INTERNAL: [&str; 4] = ["stepwell-position", "stepwell-readers", "cache-tag", "cdn-cache-control"];

fn each_and_all() -> impl Iterator<Item = Vec<&'static str>> {
    SPOOFED.iter().map(|field| vec![*field]).chain([SPOOFED.to_vec()])
}

#[tokio::test]
async fn a_client_cannot_say_who_may_read_or_for_how_long() {
    let world = World::start().await;
    let bob = sign_up(&world.client, "bob").await;
    let tokens = [&bob, &world.ada].map(|person| format!("Authorization: Bearer {}", person.token));
    for spoofed in each_and_all() {
        world.forgets();
        let note = format!("GET {}", world.note.path);
        for (token, status) in [(&tokens[0], 404), (&tokens[1], 200), (&tokens[0], 404)] {
            let fields = [&[&**token], &spoofed[..]].concat();
            let answer = ask(world.address(), closing(&note, &fields)).await;
            assert_eq!(answer.status, status, "{spoofed:?}");
            assert_eq!(told(&answer).contains(SECRET), status == 200, "{spoofed:?}");
        }
        world.hides(&world.note.path).await;
        let post = format!("GET {}", world.post.path);
        World::is_the_post(ask(world.address(), closing(&post, &spoofed)).await);
        world.serves_the_post().await;
    }
}

#[tokio::test]
async fn no_answer_to_a_client_holds_what_only_our_tiers_read() {
    let world = World::start().await;
    let token = format!("Authorization: Bearer {}", world.ada.token);
    let lists = [records("notes"), records("posts")];
    let targets = [&*world.note.path, &lists[0], "/v1/accounts/me", "/v1/sessions", "/v1/evil"];
    for target in targets {
        for fields in [&[&*token][..], &[&token], &[]] {
            let answer = ask(world.address(), closing(&format!("GET {target}"), fields)).await;
            for name in INTERNAL {
                assert!(!answer.headers.contains_key(name), "{target} tells {name}: {:?}", answer.headers);
            }
        }
    }
    // A CDN behind us reads policy and tags of what everybody may have; where it was read and for whom stays here.
    for target in [&*world.post.path, &lists[1], "/v1/openapi.json"] {
        let answer = world.client.get(target).send().await.expect(200);
        assert!(!answer.headers.contains_key("stepwell-position"), "{target}");
        assert!(!answer.headers.contains_key("stepwell-readers"), "{target}");
    }
}

#[tokio::test]
async fn a_client_cannot_have_kept_what_its_origin_does_not_let_be_kept() {
    let origin = Origin::start(async |_| page(&[("cache-control", "private")], "of ada")).await;
    let edge = Edge::before(origin.address());
    for (times, spoofed) in each_and_all().enumerate() {
        let answer = ask(edge.address(), closing("GET /mine", &spoofed)).await.expect(200);
        assert!(!answer.cache_status().hit && !answer.cache_status().stored, "{spoofed:?}");
        assert_eq!(origin.asked("GET /mine"), times + 1, "{spoofed:?}");
    }
}

#[tokio::test]
async fn a_request_that_says_it_goes_in_circles_goes_no_further() {
    let origin = Origin::start(async |_| page(&[("cache-control", "max-age=60")], "page")).await;
    let edge = Edge::before(origin.address());
    let circling = format!("CDN-Loop: {}", ["stepwell"; 50].join(", "));
    let answer = ask(edge.address(), closing("GET /", &[&circling])).await;
    assert_eq!(answer.expect(508).problem(), "loop-detected");
    let clean = ask(edge.address(), closing("GET /", &[])).await.expect(200);
    assert!(clean.cache_status().stored && origin.asked("GET /") == 1);
}
