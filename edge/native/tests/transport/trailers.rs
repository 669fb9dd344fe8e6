//! Trailers of an answer on their way to a client: an edge passes the frames on, and hyper writes those that it may.

use std::convert::Infallible;

use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use stepwell_edge_native::body::EdgeBody;
use tokio::io::{DuplexStream, duplex};

use crate::line::Line;
use crate::origin::streamed;

/// Two trailers, of which the answer announces one.
async fn answer(_request: Request<Incoming>) -> Result<Response<EdgeBody>, Infallible> {
    let trailers =
        ["x-sum", "x-other"].map(|name| (HeaderName::from_static(name), HeaderValue::from_static("3")));
    let body = streamed(&["ab", "c"], Some(HeaderMap::from_iter(trailers)));
    let response = Response::builder().header("trailer", "X-Sum").body(EdgeBody::Streamed(body));
    Ok(response.unwrap())
}

fn connection() -> Line<DuplexStream> {
    let (client, server) = duplex(64 * 1024);
    let mut http = http1::Builder::new();
    tokio::spawn(http.auto_date_header(false).serve_connection(TokioIo::new(server), service_fn(answer)));
    Line::new(client)
}

const HEAD: &str = "HTTP/1.1 200 OK\r\ntrailer: X-Sum\r\ntransfer-encoding: chunked\r\n\r\n";

#[tokio::test]
async fn who_takes_trailers_gets_those_that_were_announced() {
    let mut client = connection();
    for te in ["trailers", "gzip, Trailers;q=1, trailers"] {
        client.write(&format!("GET / HTTP/1.1\r\nhost: a\r\nte: {te}\r\nconnection: te\r\n\r\n")).await;
        assert_eq!(client.head().await, HEAD);
        assert_eq!(client.until("\r\n\r\n").await, "2\r\nab\r\n1\r\nc\r\n0\r\nx-sum: 3\r\n\r\n");
    }
}

#[tokio::test]
async fn who_does_not_take_trailers_gets_the_whole_body_without() {
    let mut client = connection();
    // Twice, since an answer that did not end well would spoil the connection.
    for _ in 0..2 {
        client.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
        assert_eq!(client.head().await, HEAD);
        assert_eq!(client.until("0\r\n\r\n").await, "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
    }
}

#[tokio::test]
async fn a_client_of_the_old_protocol_gets_the_body_to_the_connections_end() {
    let mut client = connection();
    client.write("GET / HTTP/1.0\r\nte: trailers\r\n\r\n").await;
    assert_eq!(client.rest().await, "HTTP/1.0 200 OK\r\n\r\nabc");
}
