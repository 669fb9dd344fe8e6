//! What the log says while a request is answered names the request's trace.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use stepwell_edge_core::trace::id_of;
use tracing::Instrument as _;

/// Answers a request inside its trace. The edge in front has given it one; a request without is of the edge's own.
pub async fn traced(request: Request, next: Next) -> Response {
    let Some(id) = id_of(request.headers()) else { return next.run(request).await };
    // Of the level of errors, so that also a log of errors alone names the trace.
    let span = tracing::error_span!("request", trace_id = format!("{id:032x}"));
    next.run(request).instrument(span).await
}
