//! An origin whose answers are counted, timed and told of.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use http::{Method, Request, Response};

use super::{EdgesOwn, Full, Place, Sending, Upstream};
use crate::body::Body;
use crate::metrics::{Metrics, micros};
use crate::spans::{Side, Span};
use crate::traces::Traces;

/// An origin whose answers are timed.
pub(crate) struct Measured {
    pub(crate) upstream: Arc<dyn Upstream>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) traces: Arc<Traces>,
}

/// Counts a request while it waits, also one that nobody waits for any more.
struct Waiting(Arc<Metrics>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.upstream_waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Upstream for Measured {
    fn send(&self, mut request: Request<Body>) -> Sending {
        // The log's stream answers at once and then goes on for ever.
        let is_log = request.extensions().get::<EdgesOwn>().is_some() && request.uri().path() == "/v1/purges";
        if is_log {
            return self.upstream.send(request);
        }
        let recorded = self.traces.within(request.headers());
        let recorded = recorded.map(|(trace, observer)| {
            trace.put_on(request.headers_mut());
            (trace, observer, request.method().clone())
        });
        let sending = self.upstream.send(request);
        let waiting = Waiting(self.metrics.clone());
        waiting.0.upstream_waiting.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            let began = Instant::now();
            let answer = sending.await;
            if let Some((trace, observer, method)) = recorded {
                let status = answer.as_ref().ok().map(Response::status);
                let span = Span::ending(trace, Side::Client, began.elapsed(), method);
                observer.ended(Span { status, ..span });
            }
            match &answer {
                Ok(_) => waiting.0.upstream.observe(micros(began.elapsed())),
                Err(_) => drop(waiting.0.upstream_failures.fetch_add(1, Ordering::Relaxed)),
            }
            answer
        })
    }

    fn enter(&self, method: &Method, path: &str) -> Result<Place, Full> {
        self.upstream.enter(method, path)
    }
}
