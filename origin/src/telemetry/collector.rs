//! The collector, spoken to by the client that speaks to origins: it has TLS, a pool and bounds already.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::{Request, Response, Uri};
use http_body_util::BodyExt as _;
use opentelemetry::KeyValue;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::EnvResourceDetector;
use opentelemetry_sdk::trace::SpanExporter as _;
use stepwell_edge_native::body::whole;
use stepwell_edge_native::upstream::http_origin::{HostHeader, HttpOrigin, OriginUrl, Settings};
use stepwell_edge_native::upstream::{self, Upstream as _};
use stepwell_shared::limits::{TELEMETRY_ANSWER_BYTES_MAX, TELEMETRY_TIMEOUT_MS};

/// Where traces go, under the collector's base URL.
const PATH: &str = "/v1/traces";

/// What sends spans to the collector at `url`.
pub(super) fn exporter(url: OriginUrl) -> Result<SpanExporter, Box<dyn Error>> {
    let endpoint = format!("{url}{PATH}");
    let settings = Settings { host: Some(HostHeader::Origin), ..Settings::default() };
    let client = Collector(Arc::new(HttpOrigin::new(url, &settings)?));
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(endpoint)
        .with_timeout(std::time::Duration::from_millis(TELEMETRY_TIMEOUT_MS));
    let mut exporter = exporter.build()?;
    exporter.set_resource(&resource());
    Ok(exporter)
}

/// Who tells: `OTEL_RESOURCE_ATTRIBUTES` may say more, or otherwise.
fn resource() -> Resource {
    let ours = [
        KeyValue::new("service.name", "stepwell"),
        KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
    ];
    let resource = Resource::builder_empty().with_attributes(ours);
    resource.with_detector(Box::new(EnvResourceDetector::new())).build()
}

struct Collector(Arc<HttpOrigin>);

type Sending<'c> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'c>>;

impl HttpClient for Collector {
    fn send_bytes<'s, 'f>(&'s self, request: Request<Bytes>) -> Sending<'f>
    where
        's: 'f,
        Self: 'f,
    {
        let mut request = request.map(whole);
        // The client itself puts the base URL in front.
        *request.uri_mut() = Uri::from_static(PATH);
        Box::pin(whole_answer(self.0.send(request)))
    }
}

async fn whole_answer(sending: upstream::Sending) -> Result<Response<Bytes>, HttpError> {
    let answer = sending.await.map_err(|error| error.to_string())?;
    let (head, mut body) = answer.into_parts();
    let mut content = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| error.to_string())?.into_data() else { continue };
        content.extend_from_slice(&data);
        if content.len() > TELEMETRY_ANSWER_BYTES_MAX {
            return Err("the answer is too long".into());
        }
    }
    Ok(Response::from_parts(head, content.freeze()))
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Collector")
    }
}
