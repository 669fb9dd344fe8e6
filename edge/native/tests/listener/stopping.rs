//! How it stops: nothing is cut off before its time, and after it everything is.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};
use stepwell_edge_native::{Drain, Listening};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::bench::{Bench, Identity};

const HELD: &[u8] = b"GET /held HTTP/1.1\r\nhost: a\r\n\r\n";
const QUICK: &[u8] = b"GET /quick HTTP/1.1\r\nhost: a\r\n\r\n";

async fn rest(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn requests_under_way_and_on_their_way_are_answered_and_told_that_it_was_the_last() {
    let mut bench = Bench::start(Listening::default()).await;
    let (mut held, mut resting) = (bench.connect().await, bench.connect().await);
    held.write_all(HELD).await.unwrap();
    bench.asked(1).await;
    bench.stop();
    // The listener is gone as soon as nobody can connect.
    while TcpStream::connect(bench.address).await.is_ok() {}
    resting.write_all(QUICK).await.unwrap();
    for (stream, permits) in [(&mut resting, 0), (&mut held, 1)] {
        bench.origin.permits.add_permits(permits);
        let answer = rest(stream).await;
        assert!(
            answer.starts_with("HTTP/1.1 200 ") && answer.contains("\r\nconnection: close\r\n"),
            "{answer}"
        );
    }
    bench.served.await.unwrap();
}

#[tokio::test]
async fn it_goes_on_accepting_for_as_long_as_balancers_need() {
    let drain = Drain { delay: Duration::from_mins(10), ..Drain::default() };
    let mut bench = Bench::start(Listening { drain, ..Listening::default() }).await;
    let mut old = bench.connect().await;
    bench.stop();
    // Until it has heard, answers do not say that the connection ends.
    loop {
        let mut new = bench.connect().await;
        new.write_all(QUICK).await.unwrap();
        let mut answer = vec![0; 4096];
        let read = new.read(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        if answer.contains("\r\nconnection: close\r\n") {
            break;
        }
    }
    old.write_all(QUICK).await.unwrap();
    assert!(rest(&mut old).await.contains("\r\nconnection: close\r\n"));
    bench.served.abort();
}

#[tokio::test]
async fn what_does_not_finish_is_cut_off_in_the_end() {
    let drain = Drain { timeout: Duration::from_millis(50), ..Drain::default() };
    let mut bench = Bench::start(Listening { drain, ..Listening::default() }).await;
    let mut held = bench.connect().await;
    held.write_all(HELD).await.unwrap();
    bench.asked(1).await;
    bench.stop();
    assert_eq!(rest(&mut held).await, "");
    bench.served.await.unwrap();
}

#[tokio::test]
async fn http2_is_told_to_go_and_finishes_what_is_under_way() {
    let identity = Identity::new();
    let mut bench = Bench::start(identity.listening()).await;
    let stream = identity.connect(&bench, &["h2"]).await.unwrap();
    let (mut client, connection) = hyper::client::conn::http2::handshake::<_, _, Full<Bytes>>(
        TokioExecutor::new(),
        TokioIo::new(stream),
    )
    .await
    .unwrap();
    let connection = tokio::spawn(connection);
    let get = |path: &str| Request::get(format!("https://a{path}")).body(Full::default()).unwrap();
    let held = tokio::spawn(client.send_request(get("/held")));
    bench.asked(1).await;
    bench.stop();
    // Once GOAWAY has reached the client, it sends no more on this connection.
    while client.send_request(get("/quick")).await.is_ok() {}
    bench.origin.permits.add_permits(1);
    assert_eq!(held.await.unwrap().unwrap().status(), 200);
    connection.await.unwrap().unwrap();
    bench.served.await.unwrap();
}
