//! The origin, as an edge sees it.

pub mod http_origin;

use std::future::Future;
use std::pin::Pin;

use http::{Request, Response};

use crate::body::Body;

/// A request under way.
pub type Sending = Pin<Box<dyn Future<Output = Result<Response<Body>, UpstreamError>> + Send>>;

/// A request extension: the edge asks for itself (it follows the log, it answers a census) and not for a client. An
/// upstream vouches for such requests in its own way: by a mark in the process, or by a signature.
#[derive(Clone, Copy, Debug)]
pub struct EdgesOwn;

/// Whatever answers the requests that an edge cannot: an origin in the same process, or one over HTTP.
pub trait Upstream: Send + Sync + 'static {
    /// Sends a request. Its target is a path with query; bodies stream both ways.
    fn send(&self, request: Request<Body>) -> Sending;
}

/// No answer came.
#[derive(Debug, thiserror::Error)]
#[error("the origin did not answer: {0}")]
pub struct UpstreamError(#[source] pub Box<dyn std::error::Error + Send + Sync>);
