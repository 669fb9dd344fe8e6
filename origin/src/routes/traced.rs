//! What is told of a request while it is answered names the request's trace: lines of the log, and the span of a trace that
//! is recorded.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use stepwell_edge_core::trace::{self, Trace};
use stepwell_edge_native::spans::{Side, Span};
use tracing::Instrument as _;

use crate::app::App;
use crate::telemetry::{Telemetry, Tier};

/// Answers a request inside its trace. The edge in front has given it one; a request without is of the edge's own.
pub async fn traced(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let Some(id) = trace::id_of(request.headers()) else { return next.run(request).await };
    // Of the level of errors, so that also a log of errors alone names the trace.
    let logged = tracing::error_span!("request", trace_id = format!("{id:032x}"));
    let telemetry = app.telemetry.as_ref().filter(|_| trace::is_sampled(request.headers()));
    let Some(telemetry) = telemetry else { return next.run(request).instrument(logged).await };
    let began = Instant::now();
    let trace = Trace::of(request.headers(), id, Telemetry::new_span());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let response = next.run(request).instrument(logged).await;
    let status = Some(response.status());
    telemetry.record(
        Tier::Origin,
        Span { route, status, ..Span::ending(trace, Side::Server, began.elapsed(), method) },
    );
    response
}
