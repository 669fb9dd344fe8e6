//! Paths that one reader takes for another place, or for a file that anybody may have: cache deception.

use stepwell_tests::edge::Edge;
use stepwell_tests::origin::{Origin, page};
use stepwell_tests::raw::{ask, say};

use crate::world::{SECRET, World, closing, told};

/// What is put behind a path so that a cache takes it for something static, and an origin for the same.
const SUFFIXES: [&str; 22] = [
    "/x.css",
    "/x.js",
    "/..%2fx.css",
    "/%2e%2e/x.css",
    "/../x.css",
    "/./",
    "//",
    ".css",
    ".ico",
    "%2fx.css",
    "%2Fx.css",
    "%5cx.css",
    "\\x.css",
    ";x.css",
    "%3bx.css",
    "%3fx.css",
    "%23x.css",
    "%00x.css",
    "%0ax.css",
    "%0d%0ax.css",
    "%252fx.css",
    "%",
];

#[tokio::test]
async fn a_private_record_has_no_other_name_under_which_it_could_be_kept_for_all() {
    let world = World::start().await;
    let token = format!("Authorization: Bearer {}", world.ada.token);
    let behind = SUFFIXES.iter().map(|suffix| format!("{}{suffix}", world.note.path));
    let before = ["/static/..%2f..", "/static/%2e%2e", "/static/..", "/.", "/", "/%2f", "/static;/.."];
    let before = before.iter().map(|prefix| format!("{prefix}{}", world.note.path));
    for target in behind.chain(before) {
        let answers = say(world.address(), closing(&format!("GET {target}"), &[&token])).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        assert!(matches!(statuses[..], [400 | 404]), "{target}: {statuses:?}");
        assert!(!told(&answers[0]).contains(SECRET), "{target}");
        world.hides(&target).await;
    }
    world.hides(&world.note.path).await;
    world.serves_the_post().await;
}

/// Other spellings of the very same path mean it, and are guarded as it is.
#[tokio::test]
async fn a_private_record_in_another_spelling_is_as_private() {
    let world = World::start().await;
    let token = format!("Authorization: Bearer {}", world.ada.token);
    for target in [
        world.note.path.replace("notes", "%6e%6Ftes"),
        world.note.path.replace("/v1", "/%76%31"),
        format!("{}?", world.note.path),
        format!("{}#x.css", world.note.path),
        format!("http://cdn.example{}", world.note.path),
    ] {
        let hers = ask(world.address(), closing(&format!("GET {target}"), &[&token])).await.expect(200);
        assert_eq!(
            hers.headers.get("cache-control").map(http::HeaderValue::as_bytes),
            Some(&b"private, no-cache"[..])
        );
        world.hides(&target).await;
    }
}

/// An origin that takes any path below `/account` for the page of whoever asks, as many frameworks do.
#[tokio::test]
async fn what_looks_static_is_kept_only_where_the_origin_says_so() {
    let origin = Origin::start(async |request: http::Request<_>| {
        let who = request.headers().get("cookie").map(|value| format!("{value:?}")).unwrap_or_default();
        match request.uri().path().split('/').nth(1) {
            Some("silent") => page(&[], &who),
            Some("private") => page(&[("cache-control", "private, max-age=60")], &who),
            Some("no-store") => page(&[("cache-control", "no-store")], &who),
            _ => page(&[("cache-control", "no-cache")], &who),
        }
    })
    .await;
    let edge = Edge::before(origin.address());
    for place in ["silent", "private", "no-store", "no-cache"] {
        for suffix in SUFFIXES.iter().filter(|suffix| !suffix.contains('\\')) {
            let target = format!("GET /{place}/account{suffix}");
            let hers = ask(edge.address(), closing(&target, &["Cookie: ada"])).await;
            assert!(!hers.cache_status().hit, "{target}");
            let others = ask(edge.address(), closing(&target, &[])).await;
            assert!(!others.cache_status().hit && !told(&others).contains("ada"), "{target}: {others:?}");
        }
    }
}

#[tokio::test]
async fn paths_that_an_origin_may_tell_apart_share_no_entry() {
    let origin = Origin::start(async |request: http::Request<_>| {
        page(&[("cache-control", "max-age=3600")], &request.uri().to_string())
    })
    .await;
    let edge = Edge::before(origin.address());
    for _ in 0..2 {
        for target in [
            "/a/b",
            "/a%2fb",
            "/a%2Fb",
            "/a//b",
            "/a/./b",
            "/a/../a/b",
            "/a/b/",
            "/a/b;x",
            "/a/b%3bx",
            "/a/b%00",
            "/a/b%23",
            "/a/b%3f",
            "/a/b?",
            "/A/b",
            "/%61/b",
        ] {
            let answer = ask(edge.address(), closing(&format!("GET {target}"), &[])).await.expect(200);
            assert_eq!(answer.text(), target);
        }
    }
    let cut = ask(edge.address(), closing("GET /a/b#x", &[])).await.expect(200);
    assert_eq!(cut.text(), "/a/b", "what no request holds is cut off before anything is keyed");
}
