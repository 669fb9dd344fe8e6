//! What is counted of spans that are exported.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use super::write::counters;
use crate::telemetry::{self, Counts};

/// The export.
pub(super) struct Telemetry(pub(super) Arc<telemetry::Telemetry>);

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Telemetry")
    }
}

impl Collector for Telemetry {
    fn encode(&self, mut page: DescriptorEncoder<'_>) -> fmt::Result {
        let Counts { sent, dropped, failed } = self.0.counts();
        let outcomes = [("sent", sent), ("dropped", dropped), ("failed", failed)];
        let counts = outcomes.map(|(outcome, count)| ([("outcome", outcome)], count.load(Ordering::Relaxed)));
        let help = "Spans for the collector: sent, dropped for want of room, or not taken by it";
        counters(
            &mut page,
            "telemetry_spans",
            help,
            counts.iter().map(|(labels, count)| (&labels[..], *count)),
        )
    }
}
