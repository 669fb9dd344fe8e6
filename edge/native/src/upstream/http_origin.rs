//! An origin over HTTP/1.1: pooled connections, in clear or by TLS.
//!
//! A request that may change something is sent once: hyper-util sends it again only when a pooled connection turns out to
//! be closed before the first byte was written. One that only looks is sent once more when its connection closes as it
//! is sent (`exchange`).
//!
//! What belongs to one hop is the caller's to remove or to set, `Connection`, `TE` and `Upgrade` included: what the header
//! holds is what the origin gets, but for the framing, which is ours. Trailers stream both ways as frames of the bodies.
//! Those of a request are sent if it names them in `Trailer` and has no `Content-Length`; an origin sends its own to
//! those who ask by `TE: trailers` (RFC 9110 §6.5.1). Interim responses go to the callback that the caller put into the
//! request by `hyper::ext::on_informational`, and are dropped where there is none.

mod connect;
mod connection;
mod url;

use std::error::Error;
use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use stepwell_shared::limits::{
    ORIGIN_CONNECT_TIMEOUT_MS, ORIGIN_IDLE_CONNECTIONS_MAX, ORIGIN_IDLE_TIMEOUT_MS,
};

use super::{Sending, Upstream, UpstreamError};
use crate::body::{Body, whole};
use connect::Connector;
pub use connect::TlsError;
use connection::Taken;
pub use url::{BadOriginUrl, OriginUrl};

/// How an origin is spoken to.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long a connection may take to be made, name resolution and TLS included.
    pub connect_timeout: Duration,
    /// A file of PEM certificates to be trusted beside those of the machine.
    pub ca_file: Option<PathBuf>,
    /// Which name the origin is called by; `None` leaves it to the scheme, see [`HostHeader`].
    pub host: Option<HostHeader>,
}

impl Default for Settings {
    fn default() -> Self {
        let connect_timeout = Duration::from_millis(ORIGIN_CONNECT_TIMEOUT_MS);
        Self { connect_timeout, ca_file: None, host: None }
    }
}

/// The `Host` of requests to the origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostHeader {
    /// What the client asked for; the default of `http`, where the origin is most often the same site, one hop behind.
    /// A request without one (HTTP/1.0) gets the origin's own.
    Client,
    /// The origin's own name, as in its URL; the default of `https`, where a name that the certificate does not show is
    /// most often refused.
    Origin,
    /// Always this.
    Fixed(Authority),
}

/// An origin over HTTP. Its pool lives as long as it does.
pub struct HttpOrigin {
    client: Client<Connector, Body>,
    url: OriginUrl,
    /// What `Host` is set to.
    host: HeaderValue,
    /// Whether a client's `Host` goes before ours.
    keeps_host: bool,
}

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No connection, so that the origin has seen nothing of the request.
    #[error("no connection: {}", causes(.0))]
    Connect(#[source] hyper_util::client::legacy::Error),
    /// The exchange broke off, or what came is no HTTP; the origin may have acted on the request.
    #[error("the exchange broke off: {}", causes(.0))]
    Exchange(#[source] hyper_util::client::legacy::Error),
    /// `101 Switching Protocols` (RFC 9110 §15.2.2), which nobody asked for: an edge speaks HTTP alone.
    #[error("the origin wants to switch protocols")]
    Switched,
    /// A transfer coding that no request of ours accepts (RFC 9112 §7.4). Whoever passed it on without decoding it would
    /// pass on something else.
    #[error("the origin sends a transfer coding that was not asked for")]
    Coded,
    /// `CONNECT`, which would make a tunnel through the origin.
    #[error("CONNECT is never sent to an origin")]
    Tunnel,
    /// The target under the origin's prefix is no URI, or too long for one.
    #[error("the target makes no URI: {0}")]
    Target(#[source] http::Error),
}

impl HttpOrigin {
    /// An origin at `url`; nothing is connected before the first request. Reads certificates for `https`.
    pub fn new(url: OriginUrl, settings: &Settings) -> Result<Self, TlsError> {
        let connector = connect::connector(&url, settings.connect_timeout, settings.ca_file.as_deref())?;
        let mut builder = Client::builder(TokioExecutor::new());
        builder
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_millis(ORIGIN_IDLE_TIMEOUT_MS))
            .pool_max_idle_per_host(ORIGIN_IDLE_CONNECTIONS_MAX)
            // Required of a proxy (RFC 9112 §5.1), and one of its two choices (§5.2).
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .set_host(false);
        let by_scheme = if url.is_https() { HostHeader::Origin } else { HostHeader::Client };
        let (host, keeps_host) = match settings.host.as_ref().unwrap_or(&by_scheme) {
            HostHeader::Client => (url.host(), true),
            HostHeader::Origin => (url.host(), false),
            HostHeader::Fixed(name) => (host_of(name), false),
        };
        Ok(Self { client: builder.build(connector), url, host, keeps_host })
    }

    /// The request as it goes to the origin.
    fn prepare(&self, mut request: Request<Body>) -> Result<Request<Body>, SendError> {
        if request.method() == Method::CONNECT {
            return Err(SendError::Tunnel);
        }
        *request.uri_mut() = self.url.absolute(request.uri()).map_err(SendError::Target)?;
        // A version is a property of a connection, not of a message that is passed on (RFC 9110 §2.5).
        *request.version_mut() = Version::HTTP_11;
        frame(&mut request);
        if !(self.keeps_host && request.headers().contains_key(HOST)) {
            request.headers_mut().insert(HOST, self.host.clone());
        }
        Ok(request)
    }
}

impl Upstream for HttpOrigin {
    fn send(&self, request: Request<Body>) -> Sending {
        let request = self.prepare(request);
        let client = self.client.clone();
        Box::pin(async move {
            let answer = match request {
                Ok(request) => exchange(&client, request).await,
                Err(error) => Err(error),
            };
            answer.and_then(take).map_err(|error| UpstreamError(Box::new(error)))
        })
    }
}

/// Sends a request, and once more where RFC 9112 §9.3.1 lets a proxy: where it changes nothing, has no body, and met a
/// connection that had carried answers before and was closed without one to this. An origin closes idle connections
/// when it likes, and must not be blamed for it.
async fn exchange(
    client: &Client<Connector, Body>,
    mut request: Request<Body>,
) -> Result<Response<hyper::body::Incoming>, SendError> {
    let mut again = again(&request);
    loop {
        let taken = Taken::by(&mut request);
        match client.request(request).await {
            Ok(response) => {
                taken.has_answered();
                return Ok(response);
            }
            Err(error) => match again.take() {
                Some(spare) if taken.was_used() && was_closed(&error) => request = spare,
                _ => return Err(error.into()),
            },
        }
    }
}

/// The same request, if it may be sent twice.
fn again(request: &Request<Body>) -> Option<Request<Body>> {
    let may_repeat = request.method().is_safe() && request.body().is_end_stream();
    may_repeat.then(|| {
        let mut spare = Request::new(whole(Bytes::new()));
        spare.method_mut().clone_from(request.method());
        spare.uri_mut().clone_from(request.uri());
        spare.headers_mut().clone_from(request.headers());
        spare.extensions_mut().clone_from(request.extensions());
        spare
    })
}

/// Whether the connection was closed before anything of an answer came.
fn was_closed(error: &hyper_util::client::legacy::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        let closed = error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_incomplete_message);
        let broken = error.downcast_ref::<io::Error>().is_some_and(|error| {
            matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
        });
        if closed || broken {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The answer as it goes on.
fn take(response: Response<hyper::body::Incoming>) -> Result<Response<Body>, SendError> {
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        return Err(SendError::Switched);
    }
    if is_coded(response.headers()) {
        return Err(SendError::Coded);
    }
    let mut response = response.map(|body| body.map_err(Into::into).boxed_unsync());
    *response.version_mut() = Version::HTTP_11;
    Ok(response)
}

/// Whether a body is, or may be, in a transfer coding that nobody here undoes: one that is registered (RFC 9112 §7.2), or
/// one without meaning beside a length, so that readers could disagree where the body ends. A word without meaning
/// alone codes nothing: the body ends with the connection, and the field goes no further.
fn is_coded(header: &HeaderMap) -> bool {
    const REGISTERED: [&str; 5] = ["compress", "deflate", "gzip", "x-compress", "x-gzip"];
    header.get_all(TRANSFER_ENCODING).iter().any(|line| {
        let Ok(line) = line.to_str() else { return true };
        line.split(',').map(|coding| coding.split(';').next().unwrap_or_default().trim()).any(|coding| {
            let is_registered = REGISTERED.iter().any(|name| coding.eq_ignore_ascii_case(name));
            let is_chunked = coding.eq_ignore_ascii_case("chunked");
            is_registered || (!is_chunked && header.contains_key(CONTENT_LENGTH))
        })
    })
}

/// Says how a body is delimited where hyper would guess: it takes a `GET` of unknown length for one without a body and
/// would drop what there is.
fn frame(request: &mut Request<Body>) {
    let body = request.body();
    let is_unbounded = !body.is_end_stream() && body.size_hint().exact().is_none();
    let headers = request.headers_mut();
    headers.remove(TRANSFER_ENCODING);
    if is_unbounded && !headers.contains_key(CONTENT_LENGTH) {
        headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
}

/// The name alone; `Host` has no place for a user.
fn host_of(name: &Authority) -> HeaderValue {
    let host = name.as_str().rsplit('@').next().unwrap_or_default();
    // An authority consists of characters that a header may hold.
    HeaderValue::from_str(host).unwrap_or_else(|_| HeaderValue::from_static(""))
}

impl From<hyper_util::client::legacy::Error> for SendError {
    fn from(error: hyper_util::client::legacy::Error) -> Self {
        if error.is_connect() { Self::Connect(error) } else { Self::Exchange(error) }
    }
}

/// An error and what it comes from, down to the system's own words: the client's say only at which step it failed.
fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {cause}");
        next = cause.source();
    }
    text
}
