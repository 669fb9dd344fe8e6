//! What every request passes, whatever it asks for: the bounds that it is held to, and what is noted of it.

mod log;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, Version};
use hyper::body::Incoming;
use stepwell_edge_core::respond;
use stepwell_shared::problem::{Code, Problem};

use crate::body::EdgeBody;
use crate::connection::Connection;
use crate::requests::log::Named;
use crate::service::Noted;
use crate::spans::Seen;
use crate::upload::Upload;
use crate::{Inner, service, shed};

/// Counts one request while it waits for its answer, whatever becomes of it.
struct UnderWay<'a>(&'a AtomicUsize);

impl<'a> UnderWay<'a> {
    fn begin(count: &'a AtomicUsize, max: usize) -> Option<Self> {
        let begun = Self(count);
        (count.fetch_add(1, Ordering::Relaxed) < max).then_some(begun)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Answers a request.
pub(crate) async fn handle(
    inner: Arc<Inner>,
    connection: Arc<Connection>,
    request: Request<Incoming>,
) -> Result<Response<EdgeBody>, Infallible> {
    let Some(_counted) = UnderWay::begin(&inner.requests, connection.limits.requests_max) else {
        inner.metrics.shed.fetch_add(1, Ordering::Relaxed);
        return Ok(shed::refusal());
    };
    let began = Instant::now();
    let trace = inner.traces.of(request.headers());
    let mut noted = Noted { class: None, trace, client: connection.client(request.headers()) };
    let named = Named::of(&request, connection.log);
    let seen = Seen::of(&inner, noted.trace, &request);
    let version = request.version();
    let (head, body) = request.into_parts();
    let (body, lateness) = Upload::new(body, version, connection.limits.stall_timeout);
    let (response, took) = service::handle(&inner, &connection, (head, body), began, &mut noted).await;
    if let Some(interims) = &connection.interims {
        interims.close();
    }
    let response = if lateness.is_late() { too_late(version) } else { response };
    inner.metrics.answered(noted.class, response.status(), response.headers(), took);
    if let Some(named) = named {
        named.log(&connection, &noted, &response, took);
    }
    seen.answered(&noted, (response.status(), response.headers()), took);
    Ok(response)
}

/// The rest of the body may still come, and is not waited for.
fn too_late(version: Version) -> Response<EdgeBody> {
    let mut response = respond::problem(&Problem::from(Code::RequestTimeout));
    if version < Version::HTTP_2 {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response.map(EdgeBody::from)
}
