//! Bodies, trailers and interim responses between an edge and an origin.

use std::sync::mpsc;

use http::{HeaderMap, HeaderName, HeaderValue, Request};

use crate::origin::{Played, get, read, send, streamed};

fn trailers() -> HeaderMap {
    HeaderMap::from_iter([(HeaderName::from_static("x-sum"), HeaderValue::from_static("3"))])
}

#[tokio::test]
async fn a_body_streams_to_the_origin_with_its_trailers() {
    let origin = Played::start().await;
    let client = origin.client();
    let request = Request::post("/").header("trailer", "x-sum");
    let _asking = send(&client, request.body(streamed(&["ab", "c"], Some(trailers()))).unwrap());
    let mut line = origin.accept().await;
    assert!(line.head().await.contains("\r\ntransfer-encoding: chunked\r\n"));
    assert_eq!(line.until("\r\n\r\n").await, "2\r\nab\r\n1\r\nc\r\n0\r\nx-sum: 3\r\n\r\n");
}

#[tokio::test]
async fn a_get_keeps_a_body_of_unknown_length() {
    let origin = Played::start().await;
    let client = origin.client();
    let _asking = send(&client, get("/").map(|_| streamed(&["ab"], None)));
    let mut line = origin.accept().await;
    assert!(line.head().await.contains("\r\ntransfer-encoding: chunked\r\n"));
    assert_eq!(line.until("\r\n\r\n").await, "2\r\nab\r\n0\r\n\r\n");
}

#[tokio::test]
async fn an_answer_streams_with_its_trailers() {
    let origin = Played::start().await;
    let client = origin.client();
    let asking = send(&client, get("/"));
    let mut line = origin.accept().await;
    line.head().await;
    line.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n2\r\nab\r\n").await;
    // The head is here before the body is whole.
    let answer = asking.await.unwrap().unwrap();
    line.write("1\r\nc\r\n0\r\nX-Sum: 3\r\n\r\n").await;
    assert_eq!(read(answer).await, ("abc".to_owned(), Some(trailers())));
}

#[tokio::test]
async fn an_old_origins_answer_is_passed_on_in_our_version_and_form() {
    let origin = Played::start().await;
    let client = origin.client();
    let asking = send(&client, get("/"));
    let mut line = origin.accept().await;
    line.head().await;
    line.write("HTTP/1.0 200 OK\r\nSpaced : 1\r\nFolded: a\r\n b\r\n\r\nto the end").await;
    drop(line);
    let answer = asking.await.unwrap().unwrap();
    assert_eq!(answer.version(), http::Version::HTTP_11);
    assert_eq!(answer.headers()["spaced"], "1");
    let folded = answer.headers()["folded"].to_str().unwrap().split_whitespace().collect::<Vec<_>>();
    assert_eq!(folded, ["a", "b"]);
    assert_eq!(read(answer).await.0, "to the end");
}

#[tokio::test]
async fn interim_responses_reach_who_asked_for_them() {
    let origin = Played::start().await;
    let client = origin.client();
    let (seen, interims) = mpsc::channel();
    let mut request = get("/");
    hyper::ext::on_informational(&mut request, move |response| {
        seen.send((response.status().as_u16(), response.headers().clone())).unwrap();
    });
    let asking = send(&client, request);
    let mut line = origin.accept().await;
    line.head().await;
    line.write("HTTP/1.1 103 Early Hints\r\nX-Sum: 3\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n").await;
    line.write("HTTP/1.1 204 No Content\r\n\r\n").await;
    assert_eq!(asking.await.unwrap().unwrap().status(), 204);
    assert_eq!(interims.iter().collect::<Vec<_>>(), [(103, trailers()), (102, HeaderMap::new())]);
}
