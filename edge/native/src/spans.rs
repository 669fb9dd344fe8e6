//! Spans: what is told of requests whose trace is recorded, to whoever exports them.
//!
//! A request of a client is one span, and each question to the origin on its behalf is one within it. Nothing is made of a
//! request whose trace nobody records.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use stepwell_edge_core::trace::Trace;
use stepwell_shared::headers::CACHE_STATUS;
use stepwell_shared::normalize;

use crate::service::Noted;
use crate::{Inner, metrics};

/// Who is told of spans.
pub trait Observer: Send + Sync + 'static {
    /// How many in 2^63 of the traces that begin here are recorded.
    fn sampled_of_2_63(&self) -> u64;

    /// Is told of a span that has ended. Requests wait for it: it must not.
    fn ended(&self, span: Span);
}

/// A request, from its head to the head of its answer.
#[derive(Clone, Debug)]
pub struct Span {
    /// Its place in its trace.
    pub trace: Trace,
    /// On which side of the exchange it was seen.
    pub side: Side,
    /// When it came, or was sent.
    pub began: SystemTime,
    /// How long its answer took.
    pub took: Duration,
    /// Its method.
    pub method: Method,
    /// The pattern that its path fits, such as `/v1/accounts/{id}`, where that is known.
    pub route: Option<String>,
    /// The class of its route, as metrics call it, once that was known.
    pub class: Option<&'static str>,
    /// Of the answer; `None` where none came.
    pub status: Option<StatusCode>,
    /// What the cache did: this hop's member of `Cache-Status` (RFC 9211).
    pub cache: Option<HeaderValue>,
}

/// A side of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It was answered here.
    Server,
    /// It was asked here.
    Client,
}

impl Span {
    /// One that ends now, seen on this side, of which only the beginning is known.
    pub fn ending(trace: Trace, side: Side, took: Duration, method: Method) -> Self {
        let now = SystemTime::now();
        let began = now.checked_sub(took).unwrap_or(now);
        Self { trace, side, began, took, method, route: None, class: None, status: None, cache: None }
    }
}

/// A request of a client that will be a span, also where the client leaves before its answer.
pub(crate) struct Seen(Option<Waiting>);

struct Waiting {
    inner: Arc<Inner>,
    observer: Arc<dyn Observer>,
    trace: Trace,
    began: Instant,
    method: Method,
    target: Uri,
}

impl Seen {
    /// Nothing is told where nobody records the trace.
    pub(crate) fn of<B>(inner: &Arc<Inner>, trace: Trace, request: &Request<B>) -> Self {
        Self(inner.traces.observer_of(trace).map(|observer| Waiting {
            inner: inner.clone(),
            observer: observer.clone(),
            trace,
            began: Instant::now(),
            method: request.method().clone(),
            target: request.uri().clone(),
        }))
    }

    /// Tells of it, once it is answered.
    pub(crate) fn answered(
        mut self,
        noted: &Noted,
        (status, header): (StatusCode, &HeaderMap),
        took: Duration,
    ) {
        let Some(waiting) = self.0.take() else { return };
        let cache = header.get_all(CACHE_STATUS).iter().next_back().cloned();
        let class = noted.class.map(metrics::name);
        waiting.tell(took, |span| Span { class, status: Some(status), cache, ..span });
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        if let Some(waiting) = self.0.take() {
            let took = waiting.began.elapsed();
            waiting.tell(took, |span| span);
        }
    }
}

impl Waiting {
    fn tell(self, took: Duration, complete: impl FnOnce(Span) -> Span) {
        let Self { inner, observer, trace, began: _, method, target } = self;
        let path = normalize::path(target.path()).ok();
        let route = path.and_then(|path| inner.core.load().edge.router.pattern(&path).map(str::to_owned));
        observer.ended(complete(Span { route, ..Span::ending(trace, Side::Server, took, method) }));
    }
}
