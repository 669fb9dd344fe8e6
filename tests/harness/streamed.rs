//! Messages piece by piece, for bodies that are too large to hold and answers that a test holds up.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Frame, Incoming};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

/// A body of a request or an answer.
pub type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Pieces of a body that may be under way, unread.
const UNREAD_MAX: usize = 4;

/// A body that is there already.
pub fn whole(content: impl Into<Bytes>) -> Body {
    Full::new(content.into()).boxed_unsync()
}

/// A body that goes on as long as its [`Pieces`] are held.
pub fn piecewise() -> (Pieces, Body) {
    let (pieces, arriving) = mpsc::channel(UNREAD_MAX);
    (Pieces(pieces), Arriving(arriving).boxed_unsync())
}

/// `count` times the same piece, as fast as it is read.
pub fn repeated(piece: &'static [u8], count: usize) -> Body {
    let (pieces, body) = piecewise();
    tokio::spawn(async move {
        for _ in 0..count {
            if !pieces.send(piece).await {
                break;
            }
        }
    });
    body
}

/// The writing end of a body.
#[derive(Debug)]
pub struct Pieces(mpsc::Sender<Frame<Bytes>>);

impl Pieces {
    /// Adds a piece, once there is room; `false` when nobody reads any more.
    pub async fn send(&self, piece: impl Into<Bytes>) -> bool {
        self.0.send(Frame::data(piece.into())).await.is_ok()
    }

    /// Ends the body with trailers.
    pub async fn end_with(self, trailers: HeaderMap) {
        // Whoever reads may have left.
        let _ = self.0.send(Frame::trailers(trailers)).await;
    }
}

struct Arriving(mpsc::Receiver<Frame<Bytes>>);

impl hyper::body::Body for Arriving {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|frame| frame.map(Ok))
    }
}

/// Sends a request on a connection of its own; the answer's body is yet to be read.
pub async fn exchange(server: SocketAddr, mut request: Request<Body>) -> Response<Incoming> {
    let stream = TcpStream::connect(server).await.expect("it accepts connections");
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.expect("a connection has been made");
    tokio::spawn(connection);
    let host = server.to_string().parse().expect("an address is a host");
    request.headers_mut().entry(http::header::HOST).or_insert(host);
    sender.send_request(request).await.expect("an answer comes")
}

/// Reads a body that consists of nothing but `piece`, over and over, and counts its bytes.
pub async fn count_repeated(body: &mut Incoming, piece: &[u8]) -> usize {
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.expect("the body goes on").into_data() else { continue };
        for part in data.chunks(piece.len()) {
            let at = bytes % piece.len();
            let expected = [&piece[at..], &piece[..at]].concat();
            assert_eq!(part, &expected[..part.len()], "after {bytes} bytes");
            bytes += part.len();
        }
    }
    bytes
}
