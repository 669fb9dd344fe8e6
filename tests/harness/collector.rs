//! A collector of `OpenTelemetry` in the test's own process, which takes traces by OTLP over HTTP.

use std::time::Duration;

use data_encoding::HEXLOWER;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use prost::Message as _;
use tokio::sync::watch;

use crate::origin::{Origin, with};
use crate::streamed::{Body, whole};

/// What has not come by then does not come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running collector. Gone when dropped.
#[derive(Debug)]
pub struct Collector {
    origin: Origin,
    taken: watch::Receiver<Vec<Span>>,
}

/// A span, and who sent it.
#[derive(Clone, Debug)]
pub struct Span {
    /// Its trace, in hexadecimal digits.
    pub trace: String,
    /// Its own id, likewise.
    pub id: String,
    /// The span that it belongs to; empty where it is the first.
    pub parent: String,
    /// What it is called.
    pub name: String,
    /// 2 for a server's, 3 for a client's.
    pub kind: i32,
    /// Nanoseconds from its beginning to its end.
    pub took_ns: u64,
    attributes: Vec<KeyValue>,
    resource: Vec<KeyValue>,
}

impl Collector {
    /// Takes traces on a loopback port.
    pub async fn start() -> Self {
        let (sender, taken) = watch::channel(Vec::new());
        let origin = Origin::start(move |request| take(request, sender.clone())).await;
        Self { origin, taken }
    }

    /// What servers are told: `http://127.0.0.1:4318`.
    pub fn url(&self) -> String {
        format!("http://{}", self.origin.address())
    }

    /// All spans so far, once there are so many of a trace.
    pub async fn once(&mut self, spans: usize, trace: &str) -> Vec<Span> {
        let of_trace = |all: &Vec<Span>| all.iter().filter(|span| span.trace == trace).count() >= spans;
        let waited = tokio::time::timeout(PATIENCE, self.taken.wait_for(of_trace)).await;
        let came = waited.map(|taken| taken.map(|all| all.clone()));
        match came {
            Ok(Ok(all)) => all,
            _ => panic!("not {spans} spans of {trace}: {:#?}", self.taken.borrow()),
        }
    }
}

impl Span {
    /// An attribute as text.
    pub fn attribute(&self, name: &str) -> Option<String> {
        text(&self.attributes, name)
    }

    /// An attribute of who sent it, as text.
    pub fn resource(&self, name: &str) -> Option<String> {
        text(&self.resource, name)
    }
}

fn text(attributes: &[KeyValue], name: &str) -> Option<String> {
    let value = attributes.iter().find(|one| one.key == name)?.value.clone()?.value?;
    Some(match value {
        Value::StringValue(text) => text,
        Value::IntValue(number) => number.to_string(),
        other => format!("{other:?}"),
    })
}

async fn take(request: Request<Incoming>, taken: watch::Sender<Vec<Span>>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let is_export = head.method == Method::POST && head.uri.path() == "/v1/traces";
    let is_protobuf = head.headers.get("content-type").is_some_and(|kind| kind == "application/x-protobuf");
    let content = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let read = ExportTraceServiceRequest::decode(content);
    let (true, true, Ok(export)) = (is_export, is_protobuf, read) else {
        return with(StatusCode::BAD_REQUEST, &[], whole(String::new()));
    };
    taken.send_modify(|all| all.extend(spans(export)));
    with(StatusCode::OK, &[("content-type", "application/x-protobuf")], whole(String::new()))
}

fn spans(export: ExportTraceServiceRequest) -> Vec<Span> {
    let mut all = Vec::new();
    for of_resource in export.resource_spans {
        let resource = of_resource.resource.map(|resource| resource.attributes).unwrap_or_default();
        for span in of_resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            all.push(Span {
                trace: HEXLOWER.encode(&span.trace_id),
                id: HEXLOWER.encode(&span.span_id),
                parent: HEXLOWER.encode(&span.parent_span_id),
                name: span.name,
                kind: span.kind,
                took_ns: span.end_time_unix_nano.saturating_sub(span.start_time_unix_nano),
                attributes: span.attributes,
                resource: resource.clone(),
            });
        }
    }
    all
}
