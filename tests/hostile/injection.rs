//! Answers that an attacker or a broken origin bends: fields inside fields, answers inside answers, cookies for all.

use stepwell_tests::edge::Edge;
use stepwell_tests::origin::{Origin, page};
use stepwell_tests::people::PASSWORD;
use stepwell_tests::raw::{RawOrigin, ask};
use stepwell_tests::records::records;

use crate::world::{World, closing, told};

/// Line ends as they might come out of a decoder.
const LINE_ENDS: [&str; 6] = [
    "%0d%0aSet-Cookie:%20evil=1",
    "%0aSet-Cookie:%20evil=1",
    "%0dSet-Cookie:%20evil=1",
    "%250d%250aSet-Cookie:%20evil=1",
    "%E5%98%8A%E5%98%8DSet-Cookie:%20evil=1",
    "%0d%0a%0d%0aHTTP/1.1%20200%20OK",
];

#[tokio::test]
async fn line_ends_in_a_target_become_no_field_of_an_answer() {
    let world = World::start().await;
    let echo = Origin::start(async |request: http::Request<_>| {
        page(&[("location", &request.uri().to_string()), ("cache-control", "max-age=60")], "page")
    })
    .await;
    let edge = Edge::before(echo.address());
    for end in LINE_ENDS {
        for target in [
            format!("/v1/{end}"),
            format!("{}{end}", world.post.path),
            format!("{}?{end}", world.post.path),
            format!("{}?limit={end}", records("posts")),
            format!("{}?{end}=1", records("posts")),
        ] {
            let answer = ask(world.address(), closing(&format!("GET {target}"), &[])).await;
            assert!(answer.status.is_client_error(), "{target}: {}", answer.status);
            assert!(answer.headers.get("set-cookie").is_none(), "{target}");
            for _ in 0..2 {
                let passed = ask(edge.address(), closing(&format!("GET {target}"), &[])).await.expect(200);
                assert_eq!(passed.header("location"), Some(&*target), "as it was sent");
                assert!(passed.headers.get("set-cookie").is_none(), "{target}");
            }
        }
    }
    world.serves_the_post().await;
}

/// Heads and ends of an answer that two readers would take differently, each an answer to `GET /page`.
const BENT: [(&str, &str); 14] = [
    ("two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 9\r\n\r\nevil"),
    (
        "a length and chunks",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: xchunked\r\n\r\nevil",
    ),
    ("a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\nevil"),
    ("a length with a sign", "HTTP/1.1 200 OK\r\nContent-Length: +4\r\n\r\nevil"),
    ("a control character", "HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 4\r\n\r\nevil"),
    (
        "a bare carriage return",
        "HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: evil=1\r\nContent-Length: 4\r\n\r\nevil",
    ),
    (
        "chunks in another coding",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n4\r\nevil\r\n0\r\n\r\n",
    ),
    ("less than was announced", "HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\nevil"),
    ("chunks without an end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nevil\r\n"),
    (
        "a chunk that is none",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nevilevil\r\n0\r\n\r\n",
    ),
    ("a size that is none", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-4\r\nevil\r\n0\r\n\r\n"),
    ("no status", "HTTP/1.1 evil\r\nContent-Length: 4\r\n\r\nevil"),
    ("no HTTP", "SSH-2.0-evil\r\n\r\n"),
    ("nothing", ""),
];

/// The origin's answer, its first line with a lifetime behind it, so that a cache has every reason to keep it.
fn keepable(answer: &str) -> Vec<u8> {
    answer.replacen("\r\n", "\r\nCache-Control: max-age=3600\r\n", 1).into_bytes()
}

#[tokio::test]
async fn an_answer_with_two_readings_or_half_an_answer_is_never_kept() {
    let origin = RawOrigin::start(|request| {
        let place = request.split(['/', ' ']).nth(2).and_then(|place| place.parse::<usize>().ok());
        match place.and_then(|place| BENT.get(place)) {
            Some((_, answer)) if !request.contains("x-clean") => keepable(answer),
            _ => keepable("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nclean"),
        }
    })
    .await;
    let edge = Edge::before(origin.address());
    let client = edge.client();
    for (place, (name, _)) in BENT.iter().enumerate() {
        let target = format!("/{place}");
        // A broken answer may break off the client's; what matters is what others get.
        if let Ok(bent) = client.get(&target).try_send().await {
            assert!(bent.status == 502, "{name}: {} {}", bent.status, bent.text());
            assert!(bent.headers.get("set-cookie").is_none(), "{name}");
        }
        let clean = client.get(&target).header("x-clean", "1").send().await;
        let clean = clean.expect(200);
        assert!(clean.headers.get("set-cookie").is_none(), "{name}: {:?}", clean.headers);
        assert!(clean.text() == "clean", "{name}: {}", told(&clean));
    }
}

/// Two liberties of origins that a proxy mends (RFC 9112 §5.1, §5.2): a folded line is one field, and a space before the
/// colon is none of its name. Nothing in them is a field of its own.
#[tokio::test]
async fn a_folded_line_of_an_origin_is_one_field() {
    let origin = RawOrigin::start(|_| {
        keepable("HTTP/1.1 200 OK\r\nX-Folded: a\r\n Set-Cookie: evil=1\r\nContent-Length : 4\r\n\r\npage")
    })
    .await;
    let edge = Edge::before(origin.address());
    for _ in 0..2 {
        let answer = edge.client().get("/").send().await.expect(200);
        assert!(answer.headers.get("set-cookie").is_none(), "{:?}", answer.headers);
        assert_eq!((answer.header("x-folded"), &*answer.text()), (Some("a Set-Cookie: evil=1"), "page"));
    }
}

/// What an origin says beyond the end of its answer would be taken for the answer to the next request.
#[tokio::test]
async fn what_follows_an_answer_is_not_the_next_ones() {
    let origin = RawOrigin::start(|_| {
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngoodHTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 4\r\n\r\nevil".to_vec()
    })
    .await;
    let edge = Edge::before(origin.address());
    for place in 0..20 {
        let answer = edge.client().get(&format!("/{place}")).send().await.expect(200);
        assert_eq!(answer.text(), "good");
    }
}

#[tokio::test]
async fn a_cookie_of_the_service_is_for_one_alone() {
    let world = World::start().await;
    let body = format!("{{\"email\":\"{}\",\"password\":\"{PASSWORD}\"}}", world.ada.email);
    let fields = [
        "Content-Type: application/json".to_owned(),
        format!("Content-Length: {}", body.len()),
        "Sec-Fetch-Site: same-origin".to_owned(),
    ];
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    let answer = ask(world.address(), closing("POST /v1/sessions", &fields) + &body).await;
    assert!(answer.status.is_success(), "{}", answer.text());
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    assert!(!answer.cache_status().stored);
    for target in ["/v1/sessions", &*world.post.path, "/v1/openapi.json"] {
        let next = ask(world.address(), closing(&format!("GET {target}"), &[])).await;
        assert!(next.headers.get("set-cookie").is_none(), "{target}");
    }
}

#[tokio::test]
async fn a_cookie_of_an_origin_is_kept_for_nobody_where_the_operator_says_so() {
    let origin = Origin::start(async |request: http::Request<_>| {
        let lifetime = ("cache-control", "public, max-age=3600");
        match request.headers().get("x-first") {
            Some(_) => page(&[lifetime, ("set-cookie", "session=evil")], "page"),
            None => page(&[lifetime], "page"),
        }
    })
    .await;
    let edge = Edge::with(origin.address(), &[("STEPWELL_EDGE_STORE_COOKIES", "false")]);
    let first = ask(edge.address(), closing("GET /", &["X-First: 1"])).await.expect(200);
    assert!(first.headers.get("set-cookie").is_some() && !first.cache_status().stored);
    for _ in 0..2 {
        let next = ask(edge.address(), closing("GET /", &[])).await.expect(200);
        assert!(next.headers.get("set-cookie").is_none(), "{:?}", next.headers);
    }
}
