//! The task that sends spans, some at a time.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use stepwell_shared::limits::{TELEMETRY_BATCH_SPANS_MAX, TELEMETRY_TIMEOUT_MS};
use tokio::sync::{mpsc, oneshot};

use super::{Counts, Message};

/// How long a span waits for others to be sent with.
const GATHERING: Duration = Duration::from_secs(1);
/// How often it is said that spans are lost.
const WARNINGS_APART: Duration = Duration::from_mins(1);

/// Some spans, and who wants to know when they are sent, if they are the last.
#[derive(Default)]
struct Batch {
    spans: Vec<SpanData>,
    closed: Option<oneshot::Sender<()>>,
}

/// Sends what comes, until it is told to close or nobody can send any more.
pub(super) async fn export(
    exporter: impl SpanExporter,
    mut waiting: mpsc::Receiver<Message>,
    counts: Arc<Counts>,
) {
    let mut warned = None;
    loop {
        let Some(Batch { spans, closed }) = gather(&mut waiting).await else { break };
        if !spans.is_empty() {
            send(&exporter, spans, &counts, &mut warned).await;
        }
        if let Some(closed) = closed {
            // Whoever waited has gone at worst.
            let _ = closed.send(());
            break;
        }
    }
}

/// The next batch: what comes within a while after its first span. `None` where nothing can come any more.
async fn gather(waiting: &mut mpsc::Receiver<Message>) -> Option<Batch> {
    let mut batch = Batch::default();
    batch.take(waiting.recv().await?);
    let rest = async {
        while batch.closed.is_none() && batch.spans.len() < TELEMETRY_BATCH_SPANS_MAX {
            let Some(message) = waiting.recv().await else { break };
            batch.take(message);
        }
    };
    // What was taken before the time was up is in the batch.
    let _ = tokio::time::timeout(GATHERING, rest).await;
    Some(batch)
}

impl Batch {
    fn take(&mut self, message: Message) {
        match message {
            Message::Span(span) => self.spans.push(*span),
            Message::Close(closed) => self.closed = Some(closed),
        }
    }
}

async fn send(
    exporter: &impl SpanExporter,
    spans: Vec<SpanData>,
    counts: &Counts,
    warned: &mut Option<Instant>,
) {
    let number = spans.len() as u64;
    // The exporter has a limit of its own; this one holds whatever it does.
    let limit = Duration::from_millis(2 * TELEMETRY_TIMEOUT_MS);
    let sent = tokio::time::timeout(limit, exporter.export(spans)).await;
    let failure = match sent {
        Ok(Ok(())) => {
            counts.sent.fetch_add(number, Ordering::Relaxed);
            return;
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it took too long".to_owned(),
    };
    let failed = counts.failed.fetch_add(number, Ordering::Relaxed) + number;
    if warned.is_none_or(|at| at.elapsed() >= WARNINGS_APART) {
        *warned = Some(Instant::now());
        let dropped = counts.dropped.load(Ordering::Relaxed);
        tracing::warn!(
            error = failure,
            failed,
            dropped,
            "spans were not exported: the collector does not take them"
        );
    }
}

#[cfg(test)]
mod tests {
    use std::future::{Future, pending};
    use std::sync::Mutex;

    use http::Method;
    use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
    use stepwell_edge_core::trace::Trace;
    use stepwell_edge_native::spans::{Side, Span};
    use stepwell_shared::limits::TELEMETRY_QUEUE_SPANS_MAX;

    use super::*;
    use crate::telemetry::{Telemetry, Tier};

    /// A collector that takes batches, refuses them, or never answers.
    #[derive(Clone, Debug)]
    enum Stub {
        Takes(Arc<Mutex<Vec<usize>>>),
        Refuses,
        Hangs,
    }

    impl SpanExporter for Stub {
        fn export(&self, batch: Vec<SpanData>) -> impl Future<Output = OTelSdkResult> + Send {
            let stub = self.clone();
            async move {
                match stub {
                    Self::Takes(batches) => batches.lock().unwrap().push(batch.len()),
                    Self::Refuses => return Err(OTelSdkError::InternalFailure("refused".to_owned())),
                    Self::Hangs => pending().await,
                }
                Ok(())
            }
        }
    }

    fn telemetry(stub: Stub) -> Telemetry {
        let (queue, waiting) = mpsc::channel(TELEMETRY_QUEUE_SPANS_MAX);
        let counts = Arc::<Counts>::default();
        tokio::spawn(export(stub, waiting, counts.clone()));
        Telemetry { queue, sampled_of_2_63: 1 << 63, counts }
    }

    fn record(telemetry: &Telemetry, spans: usize) {
        for _ in 0..spans {
            let trace = Trace::of(&http::HeaderMap::new(), 1, 1);
            telemetry.record(Tier::Edge, Span::ending(trace, Side::Server, Duration::ZERO, Method::GET));
        }
    }

    fn counted(telemetry: &Telemetry) -> [u64; 3] {
        let Counts { sent, dropped, failed } = telemetry.counts();
        [sent, dropped, failed].map(|count| count.load(Ordering::Relaxed))
    }

    #[tokio::test(start_paused = true)]
    async fn spans_are_sent_together_and_the_last_before_the_end() {
        let batches = Arc::<Mutex<Vec<usize>>>::default();
        let telemetry = telemetry(Stub::Takes(batches.clone()));
        record(&telemetry, TELEMETRY_BATCH_SPANS_MAX + 3);
        telemetry.close().await;
        assert_eq!(*batches.lock().unwrap(), [TELEMETRY_BATCH_SPANS_MAX, 3]);
        assert_eq!(counted(&telemetry), [TELEMETRY_BATCH_SPANS_MAX as u64 + 3, 0, 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_collector_that_hangs_costs_spans_and_no_memory() {
        let telemetry = telemetry(Stub::Hangs);
        record(&telemetry, TELEMETRY_QUEUE_SPANS_MAX + 10);
        assert_eq!(counted(&telemetry), [0, 10, 0]);
        // The end of the process is not held up by it.
        telemetry.close().await;
    }

    #[tokio::test(start_paused = true)]
    async fn spans_that_are_refused_are_counted() {
        let telemetry = telemetry(Stub::Refuses);
        record(&telemetry, 5);
        telemetry.close().await;
        assert_eq!(counted(&telemetry), [0, 0, 5]);
    }
}
