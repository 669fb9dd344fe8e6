//! Interim responses to clients, on the wire: where they come, and that they never come into a message.

mod amid;

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use stepwell_edge_native::body::Body;
use stepwell_edge_native::interim::{self, Interim, Interims};
use stepwell_edge_native::upstream::Upstream as _;
use stepwell_shared::limits::{INTERIM_BYTES_MAX, INTERIM_RESPONSES_MAX};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};

use crate::line::Line;
use crate::origin::{Played, get};

const HINT: &str = "HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n";
const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const REQUEST: &str = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

/// Serves one connection as the edge does: what was opened is closed before the answer is handed over.
fn serve<S, A, F>(stream: S, answer: A)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A: Fn(Request<Incoming>, Arc<Interims>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
    let (stream, interims) = interim::over(TokioIo::new(stream));
    let interims = Arc::new(interims);
    let service = service_fn(move |request| {
        let (answer, interims) = (answer.clone(), interims.clone());
        async move {
            let response = answer(request, interims.clone()).await;
            interims.close();
            Ok::<_, Infallible>(response)
        }
    });
    let connection = http1::Builder::new().auto_date_header(false).serve_connection(stream, service);
    tokio::spawn(connection);
}

/// The two ends of a connection over a socket.
async fn socket() -> (Line<TcpStream>, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    (Line::new(client), listener.accept().await.unwrap().0)
}

/// The two ends of a connection that holds so few bytes that a client which does not read stops the server at once.
fn narrow(bytes: usize) -> (Line<DuplexStream>, DuplexStream) {
    let (client, server) = duplex(bytes);
    (Line::new(client), server)
}

fn hint(interim: &Interim) -> bool {
    let link = (HeaderName::from_static("link"), HeaderValue::from_static("</a.css>"));
    interim.send(StatusCode::EARLY_HINTS, &HeaderMap::from_iter([link]))
}

fn ok() -> Response<Full<Bytes>> {
    Response::new(Full::new(Bytes::from_static(b"ok")))
}

#[tokio::test]
async fn a_hint_that_comes_together_with_the_answer_goes_before_it() {
    let (mut client, server) = socket().await;
    serve(server, |request, interims| async move {
        assert!(hint(&interims.open(request.version()).unwrap()));
        ok()
    });
    // The second comes on the same connection, and already while the first is answered.
    client.write(&REQUEST.repeat(2)).await;
    for _ in 0..2 {
        assert_eq!(client.head().await, HINT);
        assert_eq!(client.until("ok").await, ANSWER);
    }
}

#[tokio::test]
async fn a_hint_is_with_the_client_before_the_answer_is_known() {
    let (mut client, server) = socket().await;
    let known = Arc::new(Notify::new());
    let (handles, mut opened) = mpsc::unbounded_channel();
    let knows = known.clone();
    serve(server, move |request, interims| {
        handles.send(interims.open(request.version()).unwrap()).unwrap();
        let known = knows.clone();
        async move {
            known.notified().await;
            ok()
        }
    });
    client.write(REQUEST).await;
    let interim = opened.recv().await.unwrap();
    // From outside of the connection's task, and more than once.
    for _ in 0..3 {
        assert!(hint(&interim));
        assert_eq!(client.head().await, HINT);
    }
    known.notify_one();
    assert_eq!(client.until("ok").await, ANSWER);

    // What belongs to an answered request does not come into the next one, which may be under way.
    assert!(!hint(&interim));
    client.write(REQUEST).await;
    assert!(hint(&opened.recv().await.unwrap()) && !hint(&interim));
    assert_eq!(client.head().await, HINT);
    known.notify_one();
    assert_eq!(client.until("ok").await, ANSWER);
}

#[tokio::test]
async fn a_client_of_the_old_protocol_gets_none() {
    let (mut client, server) = socket().await;
    serve(server, |request, interims| async move {
        assert!(interims.open(request.version()).is_none());
        ok()
    });
    client.write("GET / HTTP/1.0\r\n\r\n").await;
    assert_eq!(client.rest().await, "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok");
}

#[tokio::test]
async fn a_hint_that_has_begun_ends_before_the_answer() {
    let (mut client, server) = narrow(8);
    let known = Arc::new(Notify::new());
    let (begin, mut begun) = mpsc::unbounded_channel();
    let knows = known.clone();
    serve(server, move |request, interims| {
        let (known, begin) = (knows.clone(), begin.clone());
        async move {
            hint(&interims.open(request.version()).unwrap());
            begin.send(()).unwrap();
            known.notified().await;
            // Not begun, and the client has not even read the other.
            hint(&interims.open(request.version()).unwrap());
            ok()
        }
    });
    client.write(REQUEST).await;
    begun.recv().await.unwrap();
    assert_eq!(client.until("HTTP").await, "HTTP");
    known.notify_one();
    assert_eq!(client.head().await, HINT["HTTP".len()..]);
    assert_eq!(client.head().await, HINT);
    assert_eq!(client.until("ok").await, ANSWER);
}

#[tokio::test]
async fn pipelined_answers_keep_their_order_for_a_client_that_reads_slowly() {
    let (mut client, server) = narrow(512);
    let body = "x".repeat(20_000);
    let large = Bytes::from(body.clone());
    serve(server, move |request, interims| {
        hint(&interims.open(request.version()).unwrap());
        std::future::ready(Response::new(Full::new(large.clone())))
    });
    client.write(&REQUEST.repeat(3)).await;
    for _ in 0..3 {
        assert_eq!(client.head().await, HINT);
        assert_eq!(client.head().await, "HTTP/1.1 200 OK\r\ncontent-length: 20000\r\n\r\n");
        assert_eq!(client.until(&body).await, body);
    }
}

#[tokio::test]
async fn a_hint_does_not_disturb_an_expected_100() {
    let (mut client, server) = socket().await;
    serve(server, |request, interims| async move {
        hint(&interims.open(request.version()).unwrap());
        let body = request.into_body().collect().await.unwrap().to_bytes();
        Response::new(Full::new(body))
    });
    client.write("POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n").await;
    let mut interims = [client.head().await, client.head().await];
    interims.sort();
    assert_eq!(interims, ["HTTP/1.1 100 Continue\r\n\r\n", HINT]);
    client.write("ok").await;
    assert_eq!(client.until("ok").await, ANSWER);
}

#[tokio::test]
async fn a_request_has_a_share_of_interim_responses_and_no_other_statuses() {
    let (mut client, server) = socket().await;
    serve(server, |request, interims| async move {
        let interim = interims.open(request.version()).unwrap();
        for status in [100, 101, 200] {
            assert!(!interim.send(StatusCode::from_u16(status).unwrap(), &HeaderMap::new()));
        }
        let large = HeaderValue::try_from("x".repeat(INTERIM_BYTES_MAX / 2)).unwrap();
        let large = HeaderMap::from_iter([(HeaderName::from_static("x"), large)]);
        let taken =
            [&large, &large, &HeaderMap::new()].map(|headers| interim.send(StatusCode::PROCESSING, headers));
        assert_eq!(taken, [true, false, true]);
        // Who opens again shares what is there.
        let again = interims.open(request.version()).unwrap();
        let taken = (0..INTERIM_RESPONSES_MAX).filter(|_| hint(&again)).count();
        assert_eq!(taken, INTERIM_RESPONSES_MAX - 2);
        ok()
    });
    client.write(REQUEST).await;
    let mut interims = 0;
    while client.head().await.starts_with("HTTP/1.1 1") {
        interims += 1;
    }
    assert_eq!(interims, INTERIM_RESPONSES_MAX);
}

#[tokio::test]
async fn what_an_origin_hints_reaches_the_client() {
    let origin = Played::start().await;
    let upstream = Arc::new(origin.client());
    let (mut client, server) = socket().await;
    serve(server, move |request, interims| {
        let upstream = upstream.clone();
        async move {
            let mut asking: Request<Body> = get("/");
            interims.open(request.version()).unwrap().relay(&mut asking);
            let answer = upstream.send(asking).await.unwrap();
            Response::new(Full::new(answer.into_body().collect().await.unwrap().to_bytes()))
        }
    });
    client.write(REQUEST).await;
    let mut line = origin.accept().await;
    line.head().await;
    line.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n").await;
    assert_eq!(client.head().await, HINT);
    // One packet, so that hint and answer come in the same moment.
    line.write(
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    )
    .await;
    assert_eq!(client.head().await, HINT);
    assert_eq!(client.until("ok").await, ANSWER);
}
