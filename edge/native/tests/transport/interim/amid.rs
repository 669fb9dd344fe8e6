//! The one case in which hyper hands out a request while it still has to write most of the answer before.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Response};
use http_body_util::{BodyExt as _, Full};
use stepwell_edge_native::interim::Interim;
use tokio::io::DuplexStream;
use tokio::sync::{Notify, mpsc};

use super::{ANSWER, HINT, REQUEST, hint, narrow, ok, serve};
use crate::line::Line;

/// An answer in a header, so that hyper takes the next request while it still has to write most of this one.
fn long_head() -> (Response<Full<Bytes>>, String) {
    let long = "x".repeat(4_000);
    let response = Response::builder().header("x-long", &long).body(Full::default()).unwrap();
    (response, format!("HTTP/1.1 200 OK\r\nx-long: {long}\r\ncontent-length: 0\r\n\r\n"))
}

/// Brings a connection to the point where the second request is with the service while the first answer is stuck in
/// hyper's buffer. The service then does what `second` says.
async fn amid_an_answer<F>(
    second: impl Fn(Interim) -> F + Clone + Send + Sync + 'static,
) -> Line<DuplexStream>
where
    F: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
    let (mut client, server) = narrow(256);
    let (called, mut calls) = mpsc::unbounded_channel();
    serve(server, move |request, interims| {
        let (second, called) = (second.clone(), called.clone());
        async move {
            called.send(()).unwrap();
            if request.method() == Method::POST {
                // Answered before its body is there.
                tokio::spawn(request.into_body().collect());
                return long_head().0;
            }
            second(interims.open(request.version()).unwrap()).await
        }
    });
    client.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nab").await;
    calls.recv().await.unwrap();
    assert_eq!(client.until("HTTP/1.1").await, "HTTP/1.1");
    client.write(&format!("cd{REQUEST}")).await;
    calls.recv().await.unwrap();
    client
}

#[tokio::test]
async fn a_hint_waits_for_the_end_of_an_earlier_answer() {
    let known = Arc::new(Notify::new());
    let knows = known.clone();
    let mut client = amid_an_answer(move |interim| {
        let known = knows.clone();
        async move {
            assert!(hint(&interim));
            known.notified().await;
            ok()
        }
    })
    .await;
    assert_eq!(client.head().await, long_head().1["HTTP/1.1".len()..]);
    assert_eq!(client.head().await, HINT);
    known.notify_one();
    assert_eq!(client.until("ok").await, ANSWER);
}

#[tokio::test]
async fn a_hint_for_which_there_is_no_place_is_dropped() {
    let mut client = amid_an_answer(|interim| async move {
        assert!(hint(&interim));
        ok()
    })
    .await;
    assert_eq!(client.head().await, long_head().1["HTTP/1.1".len()..]);
    assert_eq!(client.until("ok").await, ANSWER);
}
