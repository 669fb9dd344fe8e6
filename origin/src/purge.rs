//! The purge log, as edges follow it: recent purges from memory, older ones from the table.

use std::sync::Arc;

use stepwell_shared::api::purges::PurgePage;
use stepwell_shared::limits::PURGE_PAGE_MAX;

use crate::database::outbox::Tail;
use crate::database::{Error, Replicas, queries};

/// The log of one database.
#[derive(Debug)]
pub struct Log {
    tail: Arc<Tail>,
    replicas: Replicas,
}

impl Log {
    /// The log of an open database.
    pub fn new(tail: Arc<Tail>, replicas: Replicas) -> Self {
        Self { tail, replicas }
    }

    /// The purges after a sequence, at most [`PURGE_PAGE_MAX`] of them.
    pub async fn page(&self, after: u64) -> Result<PurgePage, Error> {
        let head = self.tail.head();
        let purges = match self.tail.after(after, PURGE_PAGE_MAX) {
            Some(purges) => purges,
            None => {
                let mut read = self.replicas.read(None).await?;
                queries::purges::after(&mut read, after, PURGE_PAGE_MAX).await?
            }
        };
        let through = purges.last().map_or(head.sequence, |purge| purge.sequence);
        Ok(PurgePage {
            epoch: head.epoch,
            after,
            through,
            head: head.sequence.max(through),
            floor: 0,
            purges,
        })
    }
}
