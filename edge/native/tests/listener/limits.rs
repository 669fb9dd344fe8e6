//! What connections and requests may take.

use std::time::Duration;

use stepwell_edge_native::{Limits, Listening};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::bench::Bench;

const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_mins(10);

async fn bench(limits: Limits) -> Bench {
    Bench::start(Listening { limits, ..Listening::default() }).await
}

/// All that comes until the server closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_header_that_drips_ends_its_connection_while_one_that_rests_stays() {
    let bench = bench(Limits { header_timeout: SHORT, idle_timeout: LONG, ..Limits::default() }).await;
    let mut resting = bench.connect().await;
    let mut dripping = bench.connect().await;
    dripping.write_all(b"GET / HT").await.unwrap();
    assert_eq!(rest(&mut dripping).await, "");
    // It has rested longer than a header may take.
    resting.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    assert!(rest(&mut resting).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn a_connection_that_rests_too_long_is_let_go() {
    let bench = bench(Limits { header_timeout: LONG, idle_timeout: SHORT, ..Limits::default() }).await;
    let mut resting = bench.connect().await;
    resting.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    assert!(rest(&mut resting).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn a_body_that_stops_is_told_so_and_ends_its_connection() {
    let bench = bench(Limits { stall_timeout: SHORT, ..Limits::default() }).await;
    let mut stream = bench.connect().await;
    stream.write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhalf").await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("\"code\":\"request-timeout\""), "{answer}");
}

#[tokio::test]
async fn more_connections_than_there_is_room_for_are_told_at_once() {
    let bench = bench(Limits { connections_max: 1, ..Limits::default() }).await;
    let mut first = bench.connect().await;
    first.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    assert!(first.read(&mut [0; 8]).await.unwrap() > 0);
    let answer = rest(&mut bench.connect().await).await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("\r\nretry-after: 1\r\n"), "{answer}");
    drop(first);
    // Its place becomes free as soon as the server has noticed.
    loop {
        let mut next = bench.connect().await;
        let _ = next.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
        if rest(&mut next).await.starts_with("HTTP/1.1 200 ") {
            break;
        }
    }
}

#[tokio::test]
async fn more_requests_than_there_is_room_for_are_told_at_once() {
    let bench = bench(Limits { requests_max: 1, ..Limits::default() }).await;
    let mut waiting = bench.connect().await;
    waiting.write_all(b"GET /held/1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    bench.asked(1).await;
    let mut other = bench.connect().await;
    other.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    let answer = rest(&mut other).await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("\r\nretry-after: 1\r\n"), "{answer}");
    bench.origin.permits.add_permits(1);
    assert!(rest(&mut waiting).await.starts_with("HTTP/1.1 200 "));
}
