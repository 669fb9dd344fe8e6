//! Requests and answers byte by byte, for what a client library would refuse to send or tidy up.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::answer::Answer;

/// A server that neither answers nor closes by then hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// What ends a head.
const HEAD_END: &[u8] = b"\r\n\r\n";

/// Sends these bytes on a connection of their own, then nothing more, and returns every final answer until the server
/// closes.
///
/// A server may refuse and close before it has read everything; what it said before counts.
pub async fn say(server: SocketAddr, bytes: impl AsRef<[u8]>) -> Vec<Answer> {
    let bytes = bytes.as_ref();
    let what = String::from_utf8_lossy(bytes.get(..200).unwrap_or(bytes)).into_owned();
    let mut stream = TcpStream::connect(server).await.expect("it accepts connections");
    let talking = async {
        // It may stop listening midway.
        let _ = stream.write_all(bytes).await;
        let mut answered = Vec::new();
        let mut buffer = vec![0; 16 * 1024];
        // A reset after an answer is a way to close as well.
        while let Ok(read @ 1..) = stream.read(&mut buffer).await {
            answered.extend_from_slice(&buffer[..read]);
        }
        answered
    };
    let answered = tokio::time::timeout(PATIENCE, talking).await;
    read_answers(&answered.unwrap_or_else(|_| panic!("it neither answers nor closes: {what:?}")), &what)
}

/// Sends these bytes and then a plain request that ends the connection, `GET /healthz`, and returns all answers. As many
/// as there are, as many requests has the server seen.
pub async fn say_and_end(server: SocketAddr, bytes: impl AsRef<[u8]>) -> Vec<Answer> {
    let last = b"GET /healthz HTTP/1.1\r\nHost: last\r\nConnection: close\r\n\r\n";
    say(server, [bytes.as_ref(), last].concat()).await
}

/// The one answer to a request that says `Connection: close`.
pub async fn ask(server: SocketAddr, bytes: impl AsRef<[u8]>) -> Answer {
    let mut answers = say(server, bytes).await;
    assert_eq!(answers.len(), 1, "{answers:?}");
    answers.remove(0)
}

/// Reads what a server said on one connection: answers, one behind the other.
fn read_answers(mut rest: &[u8], what: &str) -> Vec<Answer> {
    let mut answers = Vec::new();
    while let Some(head_bytes) = find(rest, HEAD_END) {
        let head = std::str::from_utf8(&rest[..head_bytes]).expect("heads are text");
        rest = &rest[head_bytes + HEAD_END.len()..];
        let (status, headers) = read_head(head);
        let body;
        (body, rest) = read_body(status, &headers, rest);
        if !status.is_informational() {
            answers.push(Answer { status, headers, body, what: what.to_owned() });
        }
    }
    assert!(rest.is_empty(), "half an answer: {:?}", String::from_utf8_lossy(rest));
    answers
}

fn read_head(head: &str) -> (StatusCode, HeaderMap) {
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let status = first.strip_prefix("HTTP/1.").and_then(|line| line.get(2..5)?.parse().ok());
    let status = status.unwrap_or_else(|| panic!("no status line: {first:?}"));
    let field = |line: &str| {
        let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("no field: {line:?}"));
        let name: HeaderName = name.parse().expect("the server writes names right");
        (name, HeaderValue::from_str(value.trim()).expect("the server writes values right"))
    };
    (status, lines.map(field).collect())
}

fn read_body<'w>(status: StatusCode, headers: &HeaderMap, rest: &'w [u8]) -> (Bytes, &'w [u8]) {
    if status.is_informational() || matches!(status.as_u16(), 204 | 304) {
        return (Bytes::new(), rest);
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if text("transfer-encoding").is_some() {
        return read_chunks(rest);
    }
    let length = text("content-length").and_then(|length| length.parse().ok()).unwrap_or(rest.len());
    assert!(length <= rest.len(), "{length} bytes were announced: {:?}", String::from_utf8_lossy(rest));
    let (body, rest) = rest.split_at(length);
    (Bytes::copy_from_slice(body), rest)
}

fn read_chunks(mut rest: &[u8]) -> (Bytes, &[u8]) {
    let mut body = Vec::new();
    loop {
        let line_bytes = find(rest, b"\r\n").expect("a chunk has its size");
        let size = std::str::from_utf8(&rest[..line_bytes]).ok();
        let size = size.and_then(|size| usize::from_str_radix(size, 16).ok()).expect("sizes are in hex");
        rest = &rest[line_bytes + 2..];
        body.extend_from_slice(&rest[..size]);
        rest = &rest[size + 2..];
        if size == 0 {
            return (body.into(), rest);
        }
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// An origin that answers with bytes of the test's choice and remembers what it was sent, byte by byte. One request a
/// connection.
#[derive(Debug)]
pub struct RawOrigin {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
}

impl RawOrigin {
    /// Answers each request, which it is given as text, on a loopback port.
    pub async fn start(answers: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let (answers, hearing) = (Arc::new(answers), heard.clone());
        let serving = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answers, hearing) = (answers.clone(), hearing.clone());
                tokio::spawn(async move {
                    let Some(request) = hear(&mut stream).await else { return };
                    let answer = answers(&request);
                    hearing.lock().unwrap_or_else(PoisonError::into_inner).push(request);
                    // Whoever asked may have left.
                    let _ = stream.write_all(&answer).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        Self { address, heard, serving }
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every request so far, head and body as they came.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for RawOrigin {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// One request: its head, and as much of a body as the head says.
async fn hear(stream: &mut TcpStream) -> Option<String> {
    let mut heard = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        heard.extend_from_slice(&buffer[..read]);
        let Some(head_bytes) = find(&heard, HEAD_END) else { continue };
        let body = &heard[head_bytes + HEAD_END.len()..];
        let head = String::from_utf8_lossy(&heard[..head_bytes]).to_lowercase();
        let length = head.split("content-length:").nth(1).and_then(|rest| rest.split("\r\n").next());
        let complete = if head.contains("transfer-encoding:") {
            body.ends_with(b"0\r\n\r\n")
        } else {
            length
                .and_then(|length| length.trim().parse().ok())
                .is_none_or(|length: usize| body.len() >= length)
        };
        if complete {
            return Some(String::from_utf8_lossy(&heard).into_owned());
        }
    }
}
