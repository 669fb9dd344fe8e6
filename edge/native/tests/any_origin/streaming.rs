//! Bodies on their way, in both directions.

use bytes::Bytes;
use http::Method;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use stepwell_edge_native::body::whole;
use tokio::net::TcpSocket;
use tokio::time::timeout;

use crate::bench::{Bench, HOST};
use crate::line::{Line, PATIENCE};
use crate::origin::{answer, in_pieces, with_body};

const TEN_S: &[(&str, &str)] = &[("cache-control", "max-age=10")];

/// The next piece of a body; `None` at its end.
async fn next(body: &mut Incoming) -> Option<Result<Bytes, hyper::Error>> {
    let frame = timeout(PATIENCE, body.frame()).await.expect("nothing comes")?;
    Some(frame.map(|frame| frame.into_data().unwrap()))
}

#[tokio::test]
async fn the_first_bytes_of_an_answer_come_before_the_last_are_sent() {
    for fields in [TEN_S, &[("cache-control", "no-store")]] {
        let bench = Bench::start().await;
        let opening = bench.opening("/");
        let (pieces, body) = in_pieces();
        bench.origin.next().await.answer(with_body(200, fields, body));
        let mut body = opening.await.unwrap().into_body();
        for piece in ["first", "second"] {
            pieces.send(piece);
            assert_eq!(next(&mut body).await.unwrap().unwrap(), piece);
        }
        drop(pieces);
        assert!(next(&mut body).await.is_none());
    }
}

#[tokio::test]
async fn who_has_read_the_end_of_an_answer_finds_it_stored() {
    let bench = Bench::start().await;
    let opening = bench.opening("/");
    let (pieces, body) = in_pieces();
    bench.origin.next().await.answer(with_body(200, TEN_S, body));
    pieces.send("on");
    pieces.send("e");
    drop(pieces);
    assert_eq!(opening.await.unwrap().into_body().collect().await.unwrap().to_bytes(), "one");
    assert_eq!(bench.get("/").await.cache_status(), "hit; ttl=10");
}

#[tokio::test]
async fn an_answer_that_breaks_off_breaks_off_for_the_client_and_is_not_stored() {
    for fields in [TEN_S, &[("cache-control", "no-store")]] {
        let bench = Bench::start().await;
        let opening = bench.opening("/");
        let (pieces, body) = in_pieces();
        bench.origin.next().await.answer(with_body(200, fields, body));
        let mut body = opening.await.unwrap().into_body();
        pieces.send("fir");
        assert_eq!(next(&mut body).await.unwrap().unwrap(), "fir");
        pieces.fail();
        assert!(next(&mut body).await.unwrap().is_err());
        bench.origin.says(200, TEN_S, "whole");
        let again = bench.get("/").await;
        assert_eq!((again.text(), again.cache_status()), ("whole", "fwd=uri-miss; stored"));
    }
}

#[tokio::test]
async fn an_answer_is_stored_although_its_client_hangs_up() {
    let bench = Bench::start().await;
    let mut first = bench.dial().await;
    first.write(&format!("GET / HTTP/1.1\r\nhost: {HOST}\r\n\r\n")).await;
    let (pieces, body) = in_pieces();
    bench.origin.next().await.answer(with_body(200, TEN_S, body));
    pieces.send("first,");
    first.until("first,").await;
    drop(first);
    let other = bench.asking(Method::GET, "/", &[]);
    bench.until_waiting("/", 1).await;
    for piece in ["second,", "third"] {
        pieces.send(piece);
        // A later event of the network: by its answer, the edge has seen that the first is gone.
        assert_eq!(bench.get_with("/x", &[("cache-control", "only-if-cached")]).await.status, 504);
    }
    drop(pieces);
    let other = other.await.unwrap();
    assert_eq!((other.text(), other.cache_status()), ("first,second,third", "fwd=uri-miss; collapsed"));
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn a_client_that_does_not_read_keeps_nobody_from_the_answer() {
    // More than the kernel takes in for a client with so small a window.
    const BYTES: usize = 4_000_000;
    let bench = Bench::start().await;
    bench.origin.script(|_| {
        let (pieces, body) = in_pieces();
        (0..BYTES / 10_000).for_each(|_| pieces.send(vec![b'a'; 10_000]));
        Some(with_body(200, TEN_S, body))
    });
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut slow = Line::new(socket.connect(bench.address()).await.unwrap());
    slow.write(&format!("GET / HTTP/1.1\r\nhost: {HOST}\r\n\r\n")).await;
    slow.head().await;
    let other = bench.get("/").await;
    assert_eq!((other.body.len(), bench.asked()), (BYTES, 1));
    assert!(bench.get("/").await.cache_status().starts_with("hit"));
    assert_eq!(slow.until("\r\n0\r\n\r\n").await.matches('a').count(), BYTES);
}

#[tokio::test]
async fn the_first_bytes_of_a_request_come_before_the_last_are_sent() {
    let bench = Bench::start().await;
    let mut client = bench.dial().await;
    for (method, target) in [("POST", "/"), ("PUT", "/a"), ("GET", "/with-body"), ("BREW", "/pot")] {
        let head =
            format!("{method} {target} HTTP/1.1\r\nhost: {HOST}\r\ntransfer-encoding: chunked\r\n\r\n");
        client.write(&head).await;
        let mut question = bench.origin.next().await;
        assert_eq!((question.head.method().as_str(), question.head.uri().path()), (method, target));
        for piece in ["first", "again"] {
            client.write(&format!("5\r\n{piece}\r\n")).await;
            let frame = timeout(PATIENCE, question.body.frame()).await.expect("nothing comes").unwrap();
            assert_eq!(frame.unwrap().into_data().unwrap(), piece);
        }
        client.write("0\r\n\r\n").await;
        assert!(timeout(PATIENCE, question.body.frame()).await.expect("no end comes").is_none());
        question.answer(answer(200, &[("content-length", "4")], "done"));
        assert!(client.until("done").await.starts_with("HTTP/1.1 200 OK"));
    }
}

#[tokio::test]
async fn an_origin_may_answer_before_it_has_read_the_request() {
    let bench = Bench::start().await;
    let mut client = bench.dial().await;
    client.write(&format!("PUT / HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: 10\r\n\r\nfirst")).await;
    let mut question = bench.origin.next().await;
    let _unread = std::mem::replace(&mut question.body, whole(Bytes::new()));
    question.answer(answer(403, &[("content-length", "2")], "no"));
    assert!(client.until("no").await.starts_with("HTTP/1.1 403 "));
}

#[tokio::test]
async fn a_request_that_breaks_off_breaks_off_for_the_origin() {
    let bench = Bench::start().await;
    let mut client = bench.dial().await;
    client.write(&format!("PUT / HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: 10\r\n\r\nfirst")).await;
    let mut question = bench.origin.next().await;
    let frame = timeout(PATIENCE, question.body.frame()).await.expect("nothing comes").unwrap();
    assert_eq!(frame.unwrap().into_data().unwrap(), "first");
    drop(client);
    assert!(timeout(PATIENCE, question.body.frame()).await.expect("no end comes").unwrap().is_err());
}

#[tokio::test]
async fn more_than_any_upload_is_refused_before_the_origin_is_asked() {
    let bench = Bench::start().await;
    let mut client = bench.dial().await;
    let bytes = stepwell_shared::limits::UPLOAD_BYTES_MAX + 1;
    client.write(&format!("PUT / HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: {bytes}\r\n\r\n")).await;
    assert!(client.head().await.starts_with("HTTP/1.1 413 "));
    assert_eq!(bench.asked(), 0);
}
