//! What an edge counts.

use std::fmt;
use std::sync::atomic::Ordering;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::registry::Unit;
use stepwell_edge_core::cache::kind::Kind;
use stepwell_edge_core::rate::Class;
use stepwell_edge_native::metrics::{CLASSES, STATUSES};
use stepwell_edge_native::{Holds, NativeEdge};

use super::write::{counters, durations, gauge};

/// An edge.
pub(super) struct Edge(pub(super) NativeEdge);

impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Edge")
    }
}

impl Collector for Edge {
    fn encode(&self, mut page: DescriptorEncoder<'_>) -> fmt::Result {
        self.requests(&mut page)?;
        self.upstream(&mut page)?;
        self.holds(&mut page)?;
        self.log(&mut page)
    }
}

impl Edge {
    fn requests(&self, page: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let metrics = self.0.metrics();
        let classes = CLASSES.iter().zip(&metrics.requests);
        let all = classes.flat_map(|(class, statuses)| {
            let statuses = STATUSES.iter().zip(statuses);
            statuses
                .map(|(status, histogram)| ([("class", *class), ("status", *status)], histogram.observed()))
        });
        // What never happened is not shown: most classes have no 1xx.
        let happened: Vec<_> = all.filter(|(_, observed)| observed.count() > 0).collect();
        durations(
            page,
            "request_duration",
            "Time to the head of an answer, by the class of the route and of the status",
            happened.iter().map(|(labels, observed)| (&labels[..], observed.clone())),
        )?;
        let kinds: Vec<_> = Kind::ALL.iter().map(|kind| kind.labels()).collect();
        let labels: Vec<_> =
            kinds.into_iter().map(|(outcome, reason)| [("outcome", outcome), ("reason", reason)]).collect();
        let counts = metrics.outcomes.iter().map(|count| count.load(Ordering::Relaxed));
        let help = "What the cache did with requests, and why it asked the origin";
        counters(page, "cache_requests", help, labels.iter().map(|labels| &labels[..]).zip(counts))?;
        let shed = metrics.shed.load(Ordering::Relaxed);
        counters(page, "requests_shed", "Requests refused for want of room", [(&[][..], shed)])?;
        let labels: Vec<_> = Class::ALL.iter().map(|class| [("class", class.name())]).collect();
        let counts = metrics.rate_refused.iter().map(|count| count.load(Ordering::Relaxed));
        let help = "Requests refused since their client has sent too many, by what is counted together";
        counters(page, "requests_rate_limited", help, labels.iter().map(|labels| &labels[..]).zip(counts))
    }

    fn upstream(&self, page: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let metrics = self.0.metrics();
        let help = "Time of the origin to the head of its answer";
        durations(page, "upstream_duration", help, [(&[][..], metrics.upstream.observed())])?;
        let failures = metrics.upstream_failures.load(Ordering::Relaxed);
        counters(
            page,
            "upstream_failures",
            "Requests that the origin did not answer",
            [(&[][..], failures)],
        )?;
        let waiting = metrics.upstream_waiting.load(Ordering::Relaxed);
        gauge(page, "upstream_waiting", "Requests that wait for the origin", None, number(waiting))
    }

    fn holds(&self, page: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let Holds { entries, entry_bytes, connections, connections_refused, requests, collapsed } =
            self.0.holds();
        let mut show = |name, help, value: u64| gauge(page, name, help, None, number(value));
        show("cache_entries", "Entries in the store", entries as u64)?;
        show("connections", "Connections of clients", connections as u64)?;
        show("requests_waiting", "Requests that wait for their answers", requests as u64)?;
        show("requests_collapsed", "Requests that wait for what another asks", collapsed as u64)?;
        let help = "Memory of the entries in the store";
        gauge(page, "cache_entries", help, Some(&Unit::Bytes), number(entry_bytes))?;
        let help = "Connections refused for want of a place";
        counters(page, "connections_refused", help, [(&[][..], connections_refused)])
    }

    fn log(&self, page: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let position = self.0.log_position().map_or(0, |position| position.sequence);
        let help = "Up to where the edge knows the purge log";
        gauge(page, "edge_log_position", help, None, number(position))?;
        let is_silent = u64::from(!self.0.is_ready());
        let help = "Whether the purge log has been silent for too long, so that entries count as stale";
        gauge(page, "edge_log_silent", help, None, number(is_silent))
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "what is above 2^53 is shown as near to it as anybody can tell"
)]
pub(super) const fn number(value: u64) -> f64 {
    value as f64
}
