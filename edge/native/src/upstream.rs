//! The origin, as an edge sees it.

use std::future::Future;
use std::pin::Pin;

use http::{Request, Response};

use crate::body::Body;

/// A request under way.
pub type Sending = Pin<Box<dyn Future<Output = Result<Response<Body>, UpstreamError>> + Send>>;

/// Whatever answers the requests that an edge cannot: an origin in the same process, or one over HTTP.
pub trait Upstream: Send + Sync + 'static {
    /// Sends a request. Its target is a path with query; bodies stream both ways.
    fn send(&self, request: Request<Body>) -> Sending;
}

/// No answer came.
#[derive(Debug, thiserror::Error)]
#[error("the origin did not answer: {0}")]
pub struct UpstreamError(#[source] pub Box<dyn std::error::Error + Send + Sync>);
