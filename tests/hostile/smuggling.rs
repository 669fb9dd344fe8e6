//! Requests inside requests: messages whose end two readers would see in different places (RFC 9112 §11.2). What is
//! ambiguous is refused, and what is inside a body never becomes a request, neither here nor at the origin.

use stepwell_tests::edge::Edge;
use stepwell_tests::raw::{RawOrigin, say, say_and_end};

use crate::world::World;

/// A request that must stay what it is: the content of another.
const INNER: &str = "GET /smuggled HTTP/1.1\r\nHost: a\r\nX: ";

/// Framings that are refused, and after which nothing more on the connection is read.
const REFUSED: [&str; 20] = [
    // Lengths that say two things, or nothing.
    "Content-Length: 0\r\nContent-Length: 44\r\n",
    "Content-Length: 0, 44\r\n",
    "Content-Length: +0\r\n",
    "Content-Length: -1\r\n",
    "Content-Length: 0x2c\r\n",
    "Content-Length: 4 4\r\n",
    "Content-Length: 4e1\r\n",
    "Content-Length: \r\n",
    "Content-Length: 18446744073709551617\r\n",
    "Content-Length: 99999999999999999999999999999999\r\n",
    // Codings that are none, or do not end the message.
    "Transfer-Encoding: xchunked\r\n",
    "Transfer-Encoding: chunked, identity\r\n",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    "Transfer-Encoding: \"chunked\"\r\n",
    "Transfer-Encoding: identity\r\nContent-Length: 0\r\n",
    // Names and lines that only some read as names and lines.
    "Content-Length : 0\r\n",
    "Transfer-Encoding : chunked\r\n",
    "X: a\r\n Transfer-Encoding: chunked\r\n",
    "X: a\rTransfer-Encoding: chunked\r\n",
    "X\0: a\r\n",
];

fn post(framing: &str, body: &str) -> String {
    format!("POST /v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{framing}\r\n{body}")
}

#[tokio::test]
async fn a_message_without_one_end_is_refused_and_ends_its_connection() {
    let world = World::start().await;
    for framing in REFUSED {
        let answers = say_and_end(world.address(), post(framing, INNER)).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        assert_eq!(statuses, [400], "{framing:?}");
    }
    world.serves_the_post().await;
}

#[tokio::test]
async fn a_message_without_one_end_never_reaches_an_origin() {
    let origin = RawOrigin::start(|_| b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_vec()).await;
    let edge = Edge::before(origin.address());
    for framing in REFUSED {
        let answers = say_and_end(edge.address(), post(framing, INNER)).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        assert_eq!(statuses, [400], "{framing:?}");
    }
    assert!(origin.heard().is_empty(), "{:?}", origin.heard());
    edge.client().get("/").send().await.expect(200);
}

/// Both framings at once: chunks decide, the length goes, and the connection ends (RFC 9112 §6.1). To the origin goes one
/// message of one framing.
#[tokio::test]
async fn of_two_framings_one_is_passed_on_and_the_connection_ends() {
    let origin = RawOrigin::start(|_| b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_vec()).await;
    let edge = Edge::before(origin.address());
    let chunked = format!("{:x}\r\n{INNER}\r\n0\r\n\r\n", INNER.len());
    for framing in [
        "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n",
        "Transfer-Encoding: Chunked\r\nContent-Length: 400\r\n",
    ] {
        let before = origin.heard().len();
        let answers = say_and_end(edge.address(), post(framing, &chunked)).await;
        assert_eq!(answers.len(), 1, "{framing:?}: nothing after it is read");
        let heard = origin.heard().split_off(before);
        for request in &heard {
            let head = request.split("\r\n\r\n").next().unwrap_or_default().to_lowercase();
            let framings = [head.contains("content-length:"), head.contains("transfer-encoding:")];
            assert_eq!(framings.iter().filter(|is_there| **is_there).count(), 1, "{request}");
            assert!(request.starts_with("POST /v1/sessions "), "{request}");
        }
        assert!(answers[0].status == 400 || heard.len() == 1, "{framing:?}: {heard:?}");
    }
}

/// The classic pair: a front that ends the message early, or late, would take the rest for the next client's request.
#[tokio::test]
async fn what_follows_an_early_end_is_no_request_of_the_next_client() {
    let world = World::start().await;
    let cl_te = post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", &format!("0\r\n\r\n{INNER}"));
    let te_cl = post(
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        &format!("{:x}\r\n{INNER}\r\n0\r\n\r\n", INNER.len()),
    );
    for bytes in [cl_te, te_cl] {
        let answers = say_and_end(world.address(), &bytes).await;
        assert_eq!(answers.len(), 1, "{bytes:?}");
        assert!(answers[0].status.is_client_error(), "{}", answers[0].status);
        world.serves_the_post().await;
    }
}

/// Chunks that only some readers take for chunks.
#[tokio::test]
async fn chunks_that_can_be_read_in_two_ways_are_refused() {
    let origin = RawOrigin::start(|_| b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_vec()).await;
    let edge = Edge::before(origin.address());
    let long_extension = format!("1;{}\r\nx\r\n0\r\n\r\n", "e".repeat(64 * 1024));
    for chunks in [
        "-1\r\nx\r\n0\r\n\r\n",
        "+1\r\nx\r\n0\r\n\r\n",
        "0x1\r\nx\r\n0\r\n\r\n",
        "g\r\nx\r\n0\r\n\r\n",
        "\r\nx\r\n0\r\n\r\n",
        "fffffffffffffffff\r\nx\r\n0\r\n\r\n",
        "10000000000000001\r\nx\r\n0\r\n\r\n",
        "1\rx\r\n0\r\n\r\n",
        "1\nx\r\n0\r\n\r\n",
        "1\r\nxy\r\n0\r\n\r\n",
        "1;a\nb\r\nx\r\n0\r\n\r\n",
        "1 1\r\nx\r\n0\r\n\r\n",
        &long_extension,
    ] {
        let shown: String = chunks.chars().take(24).collect();
        let answers = say_and_end(edge.address(), post("Transfer-Encoding: chunked\r\n", chunks)).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        assert_eq!(statuses, [400], "{shown:?}");
    }
    let heard = origin.heard();
    assert!(heard.is_empty(), "no such message is whole: {heard:?}");
    edge.client().get("/").send().await.expect(200);
}

/// A version of HTTP that frames differently, a line that is none, and a preface of HTTP/2 amid HTTP/1.
#[tokio::test]
async fn lines_that_are_no_request_are_refused() {
    let world = World::start().await;
    for bytes in [
        "GET /healthz\r\n\r\n",
        "GET /healthz HTTP/1.1 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET  /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /healthz HTTP/1.2\r\nHost: a\r\n\r\n",
        "GET /healthz HTTP/9.9\r\nHost: a\r\n\r\n",
        "GET\t/healthz\tHTTP/1.1\r\nHost: a\r\n\r\n",
        "G\0T /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /hea\0lthz HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /v1/sessions HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "\u{16}\u{3}\u{1}\0\u{5}hello, TLS\r\n\r\n",
    ] {
        let answers = say(world.address(), bytes).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        assert!(matches!(statuses[..], [] | [400 | 505]), "{bytes:?}: {statuses:?}");
    }
    world.serves_the_post().await;
}
