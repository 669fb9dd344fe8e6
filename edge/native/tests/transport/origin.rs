//! An origin that a test plays by hand, and what sends to it.

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use stepwell_edge_native::body::{Body, BodyError, whole};
use stepwell_edge_native::upstream::Upstream as _;
use stepwell_edge_native::upstream::http_origin::{HttpOrigin, SendError, Settings};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::line::{Line, PATIENCE};

/// An origin without behaviour of its own.
pub struct Played {
    listener: TcpListener,
}

impl Played {
    pub async fn start() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    /// Host and port.
    pub fn address(&self) -> String {
        self.listener.local_addr().unwrap().to_string()
    }

    pub async fn accept(&self) -> Line<TcpStream> {
        Line::new(timeout(PATIENCE, self.listener.accept()).await.unwrap().unwrap().0)
    }

    /// What sends to this origin, as it does when nobody says otherwise.
    pub fn client(&self) -> HttpOrigin {
        client(&format!("http://{}", self.address()), &Settings::default())
    }
}

pub fn client(url: &str, settings: &Settings) -> HttpOrigin {
    HttpOrigin::new(url.parse().unwrap(), settings).unwrap()
}

/// A request without a body.
pub fn get(target: &str) -> Request<Body> {
    Request::get(target).header("host", "shop.example").body(whole(Bytes::new())).unwrap()
}

/// A body of unknown length that ends with trailers.
pub fn streamed(chunks: &[&'static str], trailers: Option<HeaderMap>) -> Body {
    let data = chunks.iter().map(|chunk| Frame::data(Bytes::from_static(chunk.as_bytes())));
    let frames: Vec<_> = data.chain(trailers.map(Frame::trailers)).map(Ok::<_, BodyError>).collect();
    StreamBody::new(futures_util::stream::iter(frames)).boxed_unsync()
}

/// Sends in a task of its own, so that the test can play the origin meanwhile.
pub fn send(
    client: &HttpOrigin,
    request: Request<Body>,
) -> tokio::task::JoinHandle<Result<Response<Body>, SendError>> {
    let sending = timeout(PATIENCE, client.send(request));
    tokio::spawn(async move { sending.await.unwrap().map_err(|error| *error.0.downcast().unwrap()) })
}

/// The body of an answer as text, and its trailers.
pub async fn read(response: Response<Body>) -> (String, Option<HeaderMap>) {
    let collected = response.into_body().collect().await.unwrap();
    let trailers = collected.trailers().cloned();
    (String::from_utf8(collected.to_bytes().to_vec()).unwrap(), trailers)
}
