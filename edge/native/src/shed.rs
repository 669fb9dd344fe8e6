//! Requests for which the origin in this process has no place ([`crate::upstream::Upstream::enter`]).
//!
//! Under a flood most requests are these, so that whatever a refusal costs is taken from what could be served. Hence it is
//! given before anything is made of the request, costs what a hit costs, and is itself made once.

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use http::header::{EXPECT, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Response, StatusCode, Version};
use stepwell_edge_core::cache::status::{CacheStatus, Forwarded, Outcome};
use stepwell_edge_core::respond;
use stepwell_shared::headers::SERVER_TIMING;
use stepwell_shared::problem::{Code, Problem};

use crate::Inner;
use crate::body::EdgeBody;
use crate::fetch::{Answered, Fetch, cover};
use crate::upload::Upload;

/// The refusal.
static REFUSAL: LazyLock<Response<Bytes>> = LazyLock::new(|| {
    let mut response = respond::problem(&Problem::from(Code::Overloaded));
    let headers = response.headers_mut();
    headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    // A place for what each answer says anew: a copy of the map that had to grow would cost more than the copy.
    headers.insert(SERVER_TIMING, HeaderValue::from_static(""));
    response
});

/// Bytes of an unread body for whose sake a connection is kept: reading so many costs less than another connection.
const READ_BEHIND_BYTES_MAX: usize = 64 * 1024;

/// How long more of them is waited for. Nobody waits along, and the client has its answer.
const READ_BEHIND: Duration = Duration::from_secs(10);

/// Tells the client to come back.
pub(crate) fn refusal() -> Response<EdgeBody> {
    REFUSAL.clone().map(EdgeBody::from)
}

/// The answer to a read: what is stored, where it may stand in.
pub(crate) fn read(inner: &Inner, fetch: &Fetch, request: &HeaderMap) -> Answered {
    let response = cover(inner, fetch).map_or_else(refusal, |stale| {
        let outcome = Outcome::Covered(StatusCode::SERVICE_UNAVAILABLE);
        let status = CacheStatus::Forwarded(Forwarded { reason: fetch.reason, outcome });
        respond::from_entry(stale, fetch.lookup.caller.as_ref(), status, request, inner.now())
            .map(EdgeBody::from)
    });
    (response, None)
}

/// The answer to a request whose body was not read. Over HTTP/1 the body is in the way of the connection's next request:
/// a short one is read behind the answer. With a longer one the connection closes.
pub(crate) async fn unread(head: &http::request::Parts, mut body: Upload) -> Answered {
    let is_sent = head.version < Version::HTTP_2 && !head.headers.contains_key(EXPECT);
    if is_sent && !body.has_come_at_once().await {
        tokio::spawn(body.pass_over(READ_BEHIND_BYTES_MAX, READ_BEHIND));
    }
    (refusal(), None)
}
