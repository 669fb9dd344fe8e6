//! A bounded set of reading connections. sqlx's own pool asks each connection whether it lives each time that it comes
//! back, a hop to its thread and back that costs as much as a small read; here a connection is trusted until a
//! statement finds it lost.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::Semaphore;

use crate::database::Error;
use crate::database::measures::{Reads, observe_since};

/// How long a read waits for a free connection before it is told that there are too many.
const WAIT_MAX: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Pool {
    options: SqliteConnectOptions,
    size: usize,
    /// One permit a connection that is free or not yet open.
    free: Semaphore,
    pub(super) measures: Reads,
    /// Open and free. The last used first: its cache is the warmest.
    idle: Mutex<Vec<SqliteConnection>>,
}

/// A connection of the pool, in one read's hands.
#[derive(Debug)]
pub(super) struct Lease {
    pool: Arc<Pool>,
    /// Always there until the lease is dropped.
    connection: Option<SqliteConnection>,
    since: Instant,
    lost: bool,
}

impl Pool {
    pub(super) fn new(options: SqliteConnectOptions, size: usize) -> Self {
        Self {
            options,
            size,
            free: Semaphore::new(size),
            measures: Reads::default(),
            idle: Mutex::new(Vec::with_capacity(size)),
        }
    }
}

impl Pool {
    /// A connection, as soon as one is free.
    pub(super) async fn acquire(self: &Arc<Self>) -> Result<Lease, Error> {
        let began = Instant::now();
        let permit = match self.free.try_acquire() {
            Ok(permit) => permit,
            Err(tokio::sync::TryAcquireError::Closed) => return Err(Error::Closed),
            Err(tokio::sync::TryAcquireError::NoPermits) => {
                let permit = tokio::time::timeout(WAIT_MAX, self.free.acquire()).await;
                permit.map_err(|_| Error::Overloaded)?.map_err(|_| Error::Closed)?
            }
        };
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        // The lease gives the permit back itself, after the connection.
        permit.forget();
        observe_since(&self.measures.waited, began);
        Ok(Lease { pool: Arc::clone(self), connection: Some(connection), since: Instant::now(), lost: false })
    }

    /// Waits for all leases and closes all connections.
    pub(super) async fn close(&self) {
        let all = u32::try_from(self.size).unwrap_or(u32::MAX);
        // An error means that the pool is closed already.
        let _ = self.free.acquire_many(all).await.map(tokio::sync::SemaphorePermit::forget);
        self.free.close();
        let idle = std::mem::take(&mut *self.idle());
        for connection in idle {
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "a reading connection did not close cleanly");
            }
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<SqliteConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease {
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        self.connection.as_mut().expect("a lease has its connection until it is dropped")
    }

    /// The connection, and where to note that it is not to be used again.
    pub(super) fn parts(&mut self) -> (&mut SqliteConnection, &mut bool) {
        let connection = self.connection.as_mut().expect("a lease has its connection until it is dropped");
        (connection, &mut self.lost)
    }

    /// The connection is not to be used again; the next lease opens a new one.
    pub(super) fn lost(&mut self) {
        self.lost = true;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        observe_since(&self.pool.measures.held, self.since);
        let connection = self.connection.take().filter(|_| !self.lost);
        self.pool.idle().extend(connection);
        self.pool.free.add_permits(1);
    }
}
