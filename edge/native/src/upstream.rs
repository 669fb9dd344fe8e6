//! The origin, as an edge sees it.

pub mod http_origin;
pub(crate) mod measured;
pub mod signed;

use std::future::Future;
use std::pin::Pin;

use http::{Extensions, Method, Request, Response};

use crate::body::Body;

/// A request under way.
pub type Sending = Pin<Box<dyn Future<Output = Result<Response<Body>, UpstreamError>> + Send>>;

/// A request extension: the edge asks for itself (it follows the log, it answers a census) and not for a client. An
/// upstream vouches for such requests in its own way: by a mark in the process, or by a signature.
#[derive(Clone, Copy, Debug)]
pub struct EdgesOwn;

/// A place that is held for a request: to be put among the extensions of that request, which an upstream in the same
/// process finds it in. Given back when it is dropped. Empty where nothing needs one.
pub type Place = Extensions;

/// There is no place at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// Whatever answers the requests that an edge cannot: an origin in the same process, or one over HTTP.
pub trait Upstream: Send + Sync + 'static {
    /// Sends a request. Its target is a path with query, or the `*` of `OPTIONS`; bodies stream both ways.
    ///
    /// Trailers are the last frame of a body. Those of an answer need nothing but to be passed on with it: hyper writes
    /// them to clients of HTTP/1.1 that sent `TE: trailers`, those alone that the answer's `Trailer` names, without
    /// fields that frame or route a message (RFC 9110 §6.5.1), and only where no `Content-Length` ends the body. Other
    /// clients get the body without them.
    fn send(&self, request: Request<Body>) -> Sending;

    /// Takes a place for a request of this method and path. An upstream in the same process has so many; with [`Full`] it
    /// has refused the request, and counted that. Others say so in their answers.
    ///
    /// The place is taken here, and not only looked for: of all that come while one is free, one finds it. The others would
    /// else be refused at a many times higher cost behind.
    fn enter(&self, _method: &Method, _path: &str) -> Result<Place, Full> {
        Ok(Place::new())
    }
}

/// No answer came.
#[derive(Debug, thiserror::Error)]
#[error("the origin did not answer: {0}")]
pub struct UpstreamError(#[source] pub Box<dyn std::error::Error + Send + Sync>);
