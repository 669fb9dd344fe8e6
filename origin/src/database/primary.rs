//! Where writes go. One task owns the one writing connection and commits the jobs that wait as a group: one
//! transaction, one sync of the disk, then all are answered. A lone job waits for nobody.
//!
//! A job is a closure over a [`Transaction`]. It runs in a savepoint of its own: one that fails, panics or takes too
//! long is undone alone. It runs while every other write waits, so it awaits the database and nothing else. Nothing is
//! acknowledged, failures included, before the group is committed.

mod job;
mod transaction;
mod writer;

use std::sync::Arc;
use std::time::Instant;

use futures_util::future::BoxFuture;
use stepwell_shared::bookmark::Position;
use tokio::sync::{mpsc, oneshot};

pub use transaction::{Opening, Transaction};
pub(super) use writer::Writer;

use super::Error;
use super::measures::{Writes, observe_since};
use job::{Job, Waiting};

/// Jobs that may wait. At thousands of commits a second it is a fraction of a second's work; more would only make
/// everybody wait longer than they will.
const QUEUE_JOBS_MAX: usize = 1024;

/// Sends jobs to the writer.
#[derive(Clone, Debug)]
pub struct Primary {
    queue: mpsc::Sender<Message>,
    measures: Arc<Writes>,
}

/// What a write came to, once it is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed<T> {
    /// What the job returned.
    pub value: T,
    /// The position of the job's own purge, or the head if it purged nothing: the bookmark of the write.
    pub position: Position,
}

enum Message {
    Job(Box<dyn Job>),
    /// Ends the writer after what came before, and is answered when it has ended.
    Close(oneshot::Sender<()>),
}

impl Primary {
    /// Starts the writer.
    pub(super) fn start(writer: Writer) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE_JOBS_MAX);
        let measures = writer.measures();
        tokio::spawn(writer.run(waiting));
        Self { queue, measures }
    }

    /// Runs a job in the next group and returns when it is durable: `write(|tx| Box::pin(async move { … }))`.
    ///
    /// What the job returns as an error undoes the job and is returned. The database's own failures become `E` by
    /// `From`: [`Error::Overloaded`] when too many jobs wait (nothing was done), [`Error::NotCommitted`] when the
    /// group failed. Dropping the future does not undo anything: a job that has started is committed.
    pub async fn write<T, E, F>(&self, job: F) -> Result<Committed<T>, E>
    where
        F: for<'t> FnOnce(&'t mut Transaction) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let began = Instant::now();
        let (answer, answered) = oneshot::channel();
        let job = Message::Job(Box::new(Waiting { job, answer }));
        self.queue.try_send(job).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => Error::Overloaded,
            mpsc::error::TrySendError::Closed(_) => Error::Closed,
        })?;
        let outcome = answered.await.unwrap_or_else(|_| Err(Error::Closed.into()));
        observe_since(&self.measures.took, began);
        outcome
    }

    /// What is counted of writes.
    pub fn measures(&self) -> &Writes {
        &self.measures
    }

    /// Jobs that wait for the writer.
    pub fn waiting(&self) -> usize {
        self.queue.max_capacity().saturating_sub(self.queue.capacity())
    }

    /// Whether the writer takes jobs.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.queue.is_closed() { Err(Error::Closed) } else { Ok(()) }
    }

    /// Commits what waits, refuses what comes later, and closes the connection.
    pub async fn close(&self) {
        let (closed, done) = oneshot::channel();
        if self.queue.send(Message::Close(closed)).await.is_ok() {
            // An error means that the writer has ended already.
            let _ = done.await;
        }
    }
}

#[cfg(test)]
mod tests;
