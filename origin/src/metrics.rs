//! `/metrics` on the operator's address: `OpenMetrics` text, read from what the parts count by themselves.
//!
//! Every label has a closed set of values, so that what is kept of it elsewhere stays bounded.

mod edge;
mod origin;
mod process;
mod telemetry;
mod write;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text;
use prometheus_client::registry::Registry;
use stepwell_edge_native::NativeEdge;

use crate::app::App;
use crate::telemetry::Telemetry;

/// The media type of `OpenMetrics` 1.0.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What is shown of a process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
}

impl Metrics {
    /// Of an edge alone.
    pub fn of_edge(edge: NativeEdge, telemetry: Option<Arc<Telemetry>>) -> Self {
        Self::of([Box::new(edge::Edge(edge)) as Box<dyn Collector>], telemetry)
    }

    /// Of an origin with its edge.
    pub fn of_origin(edge: NativeEdge, app: Arc<App>) -> Self {
        let telemetry = app.telemetry.clone();
        let edge = Box::new(edge::Edge(edge)) as Box<dyn Collector>;
        Self::of([edge, Box::new(origin::Origin(app))], telemetry)
    }

    fn of(
        collectors: impl IntoIterator<Item = Box<dyn Collector>>,
        telemetry: Option<Arc<Telemetry>>,
    ) -> Self {
        let mut registry = Registry::with_prefix("stepwell");
        for collector in collectors {
            registry.register_collector(collector);
        }
        if let Some(telemetry) = telemetry {
            registry.register_collector(Box::new(telemetry::Telemetry(telemetry)));
        }
        registry.register_collector(Box::new(process::Process));
        Self { registry }
    }

    /// `GET /metrics`.
    pub fn router(self) -> Router {
        let metrics = Arc::new(self);
        Router::new().route("/metrics", get(async move || metrics.page()))
    }

    fn page(&self) -> Response {
        let mut page = String::new();
        if text::encode(&mut page, &self.registry).is_err() {
            // Only a writer that fails makes it fail, and a string does not.
            page.clear();
        }
        let mut response = Response::new(Body::from(page));
        *response.status_mut() = StatusCode::OK;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(OPENMETRICS));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}
