//! What a host of this kind owns.

use std::future::Future;
use std::net::IpAddr;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use stepwell_shared::time::Timestamp;

use crate::body::{BodyError, Sent};

/// One request's host: its store, its origin, its clock. Clones are of the same request.
pub trait Host: Clone + 'static {
    /// A body as the host streams it, of a client's request or of an origin's answer.
    type Body: Body<Data = Bytes, Error = BodyError> + Unpin + 'static;

    /// The time.
    fn now(&self) -> Timestamp;

    /// Who sends the request.
    fn client(&self) -> Client;

    /// What the store has under a key: whatever [`Host::keep`] was given last, or nothing. It may forget at any time.
    fn look_up(&self, key: &str) -> impl Future<Output = Option<Bytes>>;

    /// Stores bytes under a key, for so many milliseconds: after them they are of no use. What cannot be stored is not;
    /// nobody waits for the reason.
    fn keep(&self, key: &str, bytes: Bytes, keep_for_ms: u64) -> impl Future<Output = ()>;

    /// Forgets what is stored under a key.
    fn forget(&self, key: &str) -> impl Future<Output = ()>;

    /// Asks the origin, and waits for the head of its answer, at most for
    /// [`stepwell_shared::limits::ORIGIN_TIMEOUT_MS`]. The target is a path with query, or the `*` of `OPTIONS`. The
    /// header goes as it is, but for the framing; redirects come back as they are, and nothing is cached on the way.
    fn ask(
        &self,
        request: Request<Sent<Self::Body>>,
    ) -> impl Future<Output = Result<Response<Self::Body>, Unanswered>>;

    /// Does this behind the answer, for as long as the host lets it.
    fn behind(&self, work: impl Future<Output = ()> + 'static);

    /// Tells whoever runs the edge. Never holds anything of a client's.
    fn warn(&self, what: &str);
}

/// Who sends a request, as the host knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The address of the other end.
    pub address: Option<IpAddr>,
    /// Whether it came by TLS.
    pub is_secure: bool,
}

/// No answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// It could not be asked, or broke off.
    #[error("the origin cannot be reached")]
    Broken,
    /// It takes too long.
    #[error("the origin does not answer")]
    Late,
}
