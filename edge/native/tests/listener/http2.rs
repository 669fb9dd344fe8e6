//! HTTP/2 inside TLS.

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use stepwell_shared::limits::HTTP2_STREAMS_MAX;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::bench::{Bench, Identity};

/// A client's connection preface: the magic words, and settings without any.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
const GOAWAY: u8 = 7;
const ENHANCE_YOUR_CALM: u8 = 11;

async fn client(identity: &Identity, bench: &Bench) -> SendRequest<Full<Bytes>> {
    let stream = identity.connect(bench, &["h2", "http/1.1"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (client, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    client
}

/// A frame (RFC 9113 §4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// The header of `GET https://a/held/N`, as HPACK has it (RFC 7541).
fn request(stream: u32) -> Vec<u8> {
    let path = format!("/held/{stream}");
    let length = u8::try_from(path.len()).unwrap();
    // :method GET and :scheme https of the static table, then :path and :authority as literals.
    let block = [&[0x82, 0x87, 0x04, length], path.as_bytes(), &[0x01, 1, b'a']].concat();
    frame(1, 0x5, stream, &block)
}

/// Reads frames until one of a kind comes, and returns its payload; `None` at the end of the stream.
async fn until(stream: &mut (impl tokio::io::AsyncRead + Unpin), kind: u8) -> Option<Vec<u8>> {
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        stream.read_exact(&mut payload).await.ok()?;
        if head[3] == kind {
            return Some(payload);
        }
    }
}

#[tokio::test]
async fn a_request_reaches_the_origin_as_one_of_http1_would() {
    let identity = Identity::new();
    let bench = Bench::start(identity.listening()).await;
    let mut client = client(&identity, &bench).await;
    let request = Request::post("https://a.example/x?y=1").header("cookie", "a=1").header("cookie", "b=2");
    let response = client.send_request(request.body(Full::from("body")).unwrap()).await.unwrap();
    assert_eq!((response.status().as_u16(), response.version()), (200, Version::HTTP_2));
    let told = response.into_body().collect().await.unwrap().to_bytes();
    let told = std::str::from_utf8(&told).unwrap();
    assert!(told.starts_with("POST /x?y=1 4\n"), "{told}");
    for line in ["host: a.example", "cookie: a=1; b=2", "via: 2 stepwell", "x-forwarded-proto: https"] {
        assert!(told.contains(&format!("\n{line}\n")), "{line} is not in {told}");
    }
}

#[tokio::test]
async fn requests_of_one_connection_do_not_wait_for_each_other() {
    let identity = Identity::new();
    let bench = Bench::start(identity.listening()).await;
    let mut client = client(&identity, &bench).await;
    let get = |path: &str| Request::get(format!("https://a{path}")).body(Full::default()).unwrap();
    let held = client.send_request(get("/held/1"));
    let held = tokio::spawn(held);
    bench.asked(1).await;
    assert_eq!(client.send_request(get("/quick")).await.unwrap().status(), 200);
    bench.origin.permits.add_permits(1);
    assert_eq!(held.await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn a_connection_has_so_many_requests_at_the_same_time_and_no_more() {
    let identity = Identity::new();
    let bench = Bench::start(identity.listening()).await;
    let mut stream = identity.connect(&bench, &["h2"]).await.unwrap();
    stream.write_all(PREFACE).await.unwrap();
    let settings = until(&mut stream, 4).await.unwrap();
    let value = |id: u8| {
        let setting = settings.chunks(6).find(|setting| setting[..2] == [0, id]).unwrap();
        u32::from_be_bytes(setting[2..].try_into().unwrap())
    };
    // SETTINGS_MAX_CONCURRENT_STREAMS, SETTINGS_MAX_HEADER_LIST_SIZE.
    assert_eq!((value(3), value(6)), (HTTP2_STREAMS_MAX, 32 * 1024));
    stream.write_all(&frame(4, 1, 0, &[])).await.unwrap();
    for number in 0..=HTTP2_STREAMS_MAX {
        stream.write_all(&request(number * 2 + 1)).await.unwrap();
    }
    stream.flush().await.unwrap();
    // REFUSED_STREAM: the origin has not seen it.
    let reset = until(&mut stream, 3).await.unwrap();
    assert_eq!(reset, [0, 0, 0, 7]);
    bench.asked(HTTP2_STREAMS_MAX as usize).await;
}

#[tokio::test]
async fn a_client_that_takes_its_requests_back_in_one_go_is_shown_the_door() {
    let identity = Identity::new();
    let bench = Bench::start(identity.listening()).await;
    let mut stream = identity.connect(&bench, &["h2"]).await.unwrap();
    let mut flood = PREFACE.to_vec();
    for number in 0..1000 {
        flood.extend(request(number * 2 + 1));
        flood.extend(frame(3, 0, number * 2 + 1, &[0, 0, 0, 8]));
    }
    // It may be gone before it has read all.
    let _ = stream.write_all(&flood).await;
    let away = until(&mut stream, GOAWAY).await.unwrap();
    assert_eq!(away[7], ENHANCE_YOUR_CALM);
    assert!(bench.origin.asked.load(std::sync::atomic::Ordering::SeqCst) < 100);
}

#[tokio::test]
async fn neither_does_it_help_to_take_them_back_one_by_one() {
    let identity = Identity::new();
    let bench = Bench::start(identity.listening()).await;
    let mut stream = identity.connect(&bench, &["h2"]).await.unwrap();
    stream.write_all(PREFACE).await.unwrap();
    let mut sent = 0;
    for number in 0..1000 {
        let taken_back =
            [request(number * 2 + 1), frame(3, 0, number * 2 + 1, &[0, 0, 0, 8]), frame(6, 0, 0, &[0; 8])];
        // Each is looked at before the next is sent: it answers the ping.
        if stream.write_all(&taken_back.concat()).await.is_err() || until(&mut stream, 6).await.is_none() {
            break;
        }
        sent += 1;
    }
    assert!((200..400).contains(&sent), "{sent}");
}
