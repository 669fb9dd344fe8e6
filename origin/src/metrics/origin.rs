//! What an origin counts.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use super::edge::number;
use super::write::{counters, durations, gauge, gauges, sizes};
use crate::app::App;
use crate::overload::kind::Kind;

/// An origin.
pub(super) struct Origin(pub(super) Arc<App>);

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Origin")
    }
}

impl Collector for Origin {
    fn encode(&self, mut page: DescriptorEncoder<'_>) -> fmt::Result {
        let page = &mut page;
        let database = &self.0.database;
        let (reads, writes) = (database.replicas.measures(), database.primary.measures());
        let help = "Time for which a read had its connection";
        durations(page, "database_read_duration", help, [(&[][..], reads.held.observed())])?;
        let help = "Time for which a read waited for a connection";
        durations(page, "database_read_wait", help, [(&[][..], reads.waited.observed())])?;
        let help = "Time of a write until it was on the disk";
        durations(page, "database_write_duration", help, [(&[][..], writes.took.observed())])?;
        let help = "Writes that were committed together";
        sizes(page, "database_group_writes", help, writes.groups.observed())?;
        let waiting = database.primary.waiting() as u64;
        gauge(page, "database_writes_waiting", "Writes that wait for the writer", None, number(waiting))?;
        let head = database.tail.head().sequence;
        gauge(page, "log_head", "The last position of the purge log", None, number(head))?;
        let floor = database.tail.floor();
        gauge(page, "log_floor", "Up to where the purge log is forgotten", None, number(floor))?;
        let passwords = self.0.passwords.under_way() as u64;
        gauge(
            page,
            "passwords_under_way",
            "Passwords that are hashed or wait for it",
            None,
            number(passwords),
        )?;
        self.overload(page)
    }
}

impl Origin {
    fn overload(&self, page: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let labels = Kind::ALL.map(|kind| [("kind", kind.as_str())]);
        let limiters = Kind::ALL.map(|kind| self.0.overload.of(kind));
        let all = || labels.iter().map(|labels| &labels[..]).zip(limiters);
        let places = all().map(|(kind, limiter)| (kind, number(limiter.places() as u64)));
        gauges(page, "overload_places", "Requests that may be worked on at the same time", places)?;
        let under_way = all().map(|(kind, limiter)| (kind, number(limiter.under_way() as u64)));
        gauges(page, "overload_under_way", "Requests that are worked on", under_way)?;
        let shed = all().map(|(kind, limiter)| (kind, limiter.shed()));
        counters(page, "overload_shed", "Requests that found no place", shed)
    }
}
