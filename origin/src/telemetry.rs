//! Traces of requests for a collector of `OpenTelemetry`, by OTLP over HTTP. Off, and at no cost, unless one is configured.
//!
//! Requests hand their spans to a bounded queue and go on; a task of its own sends them. A collector that is down or slow
//! costs spans, which are counted, and never a request.

mod collector;
mod data;
mod exporting;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry_sdk::trace::SpanData;
use stepwell_edge_native::spans::{Observer, Span};
use stepwell_shared::limits::TELEMETRY_QUEUE_SPANS_MAX;
use tokio::sync::{mpsc, oneshot};

use crate::complaint::Complaint;
use crate::config::Config;
use crate::config::telemetry::ENDPOINT;
pub use data::Tier;

/// How long the end of the process waits for the last spans to be sent.
const FAREWELL: Duration = Duration::from_secs(2);

/// Where spans go.
pub struct Telemetry {
    queue: mpsc::Sender<Message>,
    sampled_of_2_63: u64,
    counts: Arc<Counts>,
}

/// Spans so far, by what became of them.
#[derive(Debug, Default)]
pub struct Counts {
    /// The collector has taken them.
    pub sent: AtomicU64,
    /// There was no room for them in the queue.
    pub dropped: AtomicU64,
    /// The collector did not take them.
    pub failed: AtomicU64,
}

enum Message {
    Span(Box<SpanData>),
    /// Ends the exporting after what came before, and is answered when it has ended.
    Close(oneshot::Sender<()>),
}

impl Telemetry {
    /// Begins to export, if a collector is configured. Needs a runtime.
    pub fn start(config: &Config) -> Result<Option<Arc<Self>>, Box<Complaint>> {
        let Some(url) = config.telemetry.endpoint.clone() else { return Ok(None) };
        let exporter = collector::exporter(url).map_err(|error| {
            let fix = "correct it, and the variables of the environment that begin with OTEL_EXPORTER_OTLP_; or leave it out";
            Box::new(config.complain(ENDPOINT, format!("cannot be exported to: {error}"), fix))
        })?;
        let (queue, waiting) = mpsc::channel(TELEMETRY_QUEUE_SPANS_MAX);
        let counts = Arc::<Counts>::default();
        tokio::spawn(exporting::export(exporter, waiting, counts.clone()));
        Ok(Some(Arc::new(Self { queue, sampled_of_2_63: config.telemetry.sample.of_2_63(), counts })))
    }

    /// A number for a span of the origin's own, which no other has.
    pub fn new_span() -> u64 {
        let mut number = [0; 8];
        // Without the system's chance they differ at least by the clock.
        if getrandom::fill(&mut number).is_err() {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            return now.map_or(1, |now| u64::try_from(now.as_nanos()).unwrap_or(1));
        }
        u64::from_le_bytes(number)
    }

    /// Takes a span that has ended, if there is room.
    pub fn record(&self, tier: Tier, span: Span) {
        if self.queue.try_send(Message::Span(Box::new(data::of(tier, span)))).is_err() {
            self.counts.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What became of spans so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Sends what waits, for a short while.
    pub async fn close(&self) {
        let (closed, done) = oneshot::channel();
        let farewell = async {
            if self.queue.send(Message::Close(closed)).await.is_ok() {
                // It ends by answering or by being dropped.
                let _ = done.await;
            }
        };
        if tokio::time::timeout(FAREWELL, farewell).await.is_err() {
            tracing::warn!("the last spans were not exported: the collector does not take them in time");
        }
    }
}

impl Observer for Telemetry {
    fn sampled_of_2_63(&self) -> u64 {
        self.sampled_of_2_63
    }

    fn ended(&self, span: Span) {
        self.record(Tier::Edge, span);
    }
}
