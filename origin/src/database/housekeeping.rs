//! What is kept for a time and then forgotten: old purges, answers to repeated creates, sessions and keys that have run out,
//! old rows of the audit log.

use std::sync::Arc;
use std::time::Duration;

use stepwell_shared::time::Timestamp;

use super::{Database, Error, queries};
use crate::clock::Clock;

/// Longer than any token lives (24 h), so that an edge that starts can read every revocation that still matters. An edge
/// that was away for longer starts empty.
const PURGES_KEPT_MS: u64 = 25 * 3_600_000;
/// Longer than any client retries one request.
const ANSWERS_KEPT_MS: u64 = 24 * 3_600_000;
/// Rows deleted in one job: other writes wait for so many at most.
const BATCH_ROWS: u32 = 1000;
/// How often it is looked whether something has become old.
const INTERVAL: Duration = Duration::from_mins(1);

impl Database {
    /// Forgets what has become old, now and from then on, for as long as the database is open.
    pub fn keep_house(self: &Arc<Self>, clock: Clock, audit_kept: Duration) {
        let database = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(INTERVAL).await;
                let Some(database) = database.upgrade() else { break };
                let now = clock.now();
                let forgetting = async {
                    database.forget_old(now).await?;
                    database.forget_audit(now, audit_kept).await
                };
                match forgetting.await {
                    Err(Error::Closed) => break,
                    Err(error) => {
                        tracing::warn!(%error, "old rows were not deleted; it is tried again later");
                    }
                    Ok(()) => {}
                }
            }
        });
    }

    /// Forgets what is old at `now`, in small jobs between which other writes run.
    pub async fn forget_old(&self, now: Timestamp) -> Result<(), Error> {
        self.forget_purges(before(now, PURGES_KEPT_MS)).await?;
        self.forget_answers(before(now, ANSWERS_KEPT_MS)).await?;
        self.forget_sessions(now).await?;
        self.forget_keys(now).await
    }

    async fn forget_purges(&self, before: Timestamp) -> Result<(), Error> {
        loop {
            let mut read = self.replicas.read(None).await?;
            let Some(last) = queries::purges::last_expired(&mut read, before, BATCH_ROWS).await? else {
                return Ok(());
            };
            drop(read);
            // Before the rows go, so that no page can miss them without saying so.
            self.tail.raise_floor(last);
            self.primary.write::<_, Error, _>(move |tx| Box::pin(queries::purges::forget(tx, last))).await?;
        }
    }

    async fn forget_answers(&self, before: Timestamp) -> Result<(), Error> {
        loop {
            let job = self.primary.write::<_, Error, _>(move |tx| {
                Box::pin(queries::idempotency::forget(tx, before, BATCH_ROWS))
            });
            if job.await?.value < u64::from(BATCH_ROWS) {
                return Ok(());
            }
        }
    }

    /// Their access tokens have run out long before, so that nothing is revoked.
    async fn forget_sessions(&self, now: Timestamp) -> Result<(), Error> {
        loop {
            let job = self
                .primary
                .write::<_, Error, _>(move |tx| Box::pin(queries::sessions::forget(tx, now, BATCH_ROWS)));
            if job.await?.value < u64::from(BATCH_ROWS) {
                return Ok(());
            }
        }
    }

    /// Forgets changes of access that are older than `kept`.
    pub async fn forget_audit(&self, now: Timestamp, kept: Duration) -> Result<(), Error> {
        let before = before(now, u64::try_from(kept.as_millis()).unwrap_or(u64::MAX));
        loop {
            let job = self
                .primary
                .write::<_, Error, _>(move |tx| Box::pin(queries::audit::forget(tx, before, BATCH_ROWS)));
            if job.await?.value < u64::from(BATCH_ROWS) {
                return Ok(());
            }
        }
    }

    async fn forget_keys(&self, now: Timestamp) -> Result<(), Error> {
        loop {
            let job = self
                .primary
                .write::<_, Error, _>(move |tx| Box::pin(queries::api_keys::forget(tx, now, BATCH_ROWS)));
            if job.await?.value < u64::from(BATCH_ROWS) {
                return Ok(());
            }
        }
    }
}

fn before(now: Timestamp, kept_ms: u64) -> Timestamp {
    Timestamp::from_ms(now.as_ms().saturating_sub(kept_ms))
}
