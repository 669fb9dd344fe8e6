//! A span as `OpenTelemetry` has it, with the names of its semantic conventions for HTTP.

use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use stepwell_edge_native::spans::{Side, Span};

/// Which part of Stepwell saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// An edge.
    Edge,
    /// An origin.
    Origin,
}

/// It says the pattern of the route, and neither target, query nor client: those may be somebody's.
pub(super) fn of(tier: Tier, span: Span) -> SpanData {
    let Span { trace, side, began, took, method, route, class, status, cache } = span;
    let context = |span| {
        let id = TraceId::from_bytes(trace.id().to_be_bytes());
        SpanContext::new(id, span, TraceFlags::SAMPLED, true, TraceState::NONE)
    };
    let method = known(method.as_str());
    let name = match &route {
        Some(route) => format!("{method} {route}"),
        None => method.to_owned(),
    };
    let text = |name: &'static str, value: String| KeyValue::new(name, value);
    let mut attributes = vec![
        text("http.request.method", method.to_owned()),
        text("stepwell.tier", if tier == Tier::Edge { "edge" } else { "origin" }.to_owned()),
    ];
    attributes.extend(route.map(|route| text("http.route", route)));
    attributes.extend(class.map(|class| text("stepwell.route.class", class.to_owned())));
    attributes
        .extend(status.map(|code| KeyValue::new("http.response.status_code", i64::from(code.as_u16()))));
    let cache = cache.as_ref().and_then(|field| field.to_str().ok());
    attributes.extend(cache.map(|field| text("stepwell.cache", field.to_owned())));
    let failed = match side {
        Side::Server => status.is_none_or(|status| status.is_server_error()),
        Side::Client => status.is_none_or(|status| status.is_client_error() || status.is_server_error()),
    };
    let reason = status.map_or_else(|| "no_answer".to_owned(), |status| status.as_str().to_owned());
    attributes.extend(failed.then(|| text("error.type", reason)));
    SpanData {
        span_context: context(SpanId::from_bytes(trace.span().to_be_bytes())),
        parent_span_id: SpanId::from_bytes(trace.parent().unwrap_or_default().to_be_bytes()),
        parent_span_is_remote: side == Side::Server && trace.parent().is_some(),
        span_kind: if side == Side::Server { SpanKind::Server } else { SpanKind::Client },
        name: name.into(),
        start_time: began,
        end_time: began.checked_add(took).unwrap_or(began),
        attributes,
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: if failed { Status::error("") } else { Status::Unset },
        instrumentation_scope: InstrumentationScope::builder("stepwell").build(),
    }
}

/// A method of the conventions, or their word for any other: what clients make up must not become names.
fn known(method: &str) -> &str {
    const KNOWN: [&str; 9] = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];
    if KNOWN.contains(&method) { method } else { "_OTHER" }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use http::{HeaderMap, HeaderValue, Method, StatusCode};
    use stepwell_edge_core::trace::{TRACEPARENT, Trace};

    use super::*;

    fn span(side: Side, status: Option<u16>) -> Span {
        let parent = HeaderValue::from_static("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        let trace = Trace::of(&HeaderMap::from_iter([(TRACEPARENT, parent)]), 1, 9);
        let took = Duration::from_millis(3);
        let (status, began) =
            (status.map(|code| StatusCode::from_u16(code).unwrap()), SystemTime::UNIX_EPOCH);
        let (class, cache) = (Some("public"), Some(HeaderValue::from_static("stepwell; hit; ttl=3")));
        let route = Some("/v1/accounts/{id}".to_owned());
        Span { trace, side, began, took, method: Method::GET, route, class, status, cache }
    }

    fn value(data: &SpanData, name: &str) -> Option<String> {
        let found = data.attributes.iter().find(|one| one.key.as_str() == name);
        found.map(|one| one.value.as_str().into_owned())
    }

    #[test]
    fn a_span_keeps_its_place_and_says_what_was_asked_and_done() {
        let data = of(Tier::Edge, span(Side::Server, Some(200)));
        assert_eq!(data.span_context.trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(data.span_context.span_id().to_string(), "0000000000000009");
        assert_eq!(data.parent_span_id.to_string(), "00f067aa0ba902b7");
        assert!(data.span_context.is_sampled() && data.span_kind == SpanKind::Server);
        assert_eq!(data.name, "GET /v1/accounts/{id}");
        assert_eq!(data.end_time.duration_since(data.start_time).unwrap(), Duration::from_millis(3));
        for (name, expected) in [
            ("http.response.status_code", "200"),
            ("http.route", "/v1/accounts/{id}"),
            ("stepwell.route.class", "public"),
            ("stepwell.cache", "stepwell; hit; ttl=3"),
            ("stepwell.tier", "edge"),
        ] {
            assert_eq!(value(&data, name).as_deref(), Some(expected), "{name}");
        }
        assert_eq!((value(&data, "error.type"), data.status), (None, Status::Unset));
    }

    #[test]
    fn an_error_is_one_to_whoever_asked_or_failed() {
        let failed = |side, status| of(Tier::Origin, span(side, status)).status != Status::Unset;
        assert!(failed(Side::Server, Some(500)) && failed(Side::Client, Some(500)));
        assert!(!failed(Side::Server, Some(404)) && failed(Side::Client, Some(404)));
        assert!(failed(Side::Client, None));
    }

    #[test]
    fn what_a_client_makes_up_is_no_name() {
        let method = Method::from_bytes(b"MADEUP").unwrap();
        let data = of(Tier::Edge, Span { method, route: None, ..span(Side::Server, Some(501)) });
        assert_eq!(
            (data.name.as_ref(), value(&data, "http.request.method").as_deref()),
            ("_OTHER", Some("_OTHER"))
        );
    }
}
