//! The one task that writes.

use std::sync::Arc;

use sqlx::ConnectOptions as _;
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use stepwell_shared::api::purges::Purge;
use stepwell_shared::bookmark::Position;
use stepwell_shared::tags::Tag;
use tokio::sync::{mpsc, oneshot};

use super::job::{Job, Ran};
use super::{Message, Transaction};
use crate::clock::Clock;
use crate::database::Error;
use crate::database::measures::Writes;
use crate::database::outbox::Tail;
use crate::database::queries::{groups, purges};

/// Purges read back at once after a lost connection.
const CATCH_UP_PURGES: usize = 1000;

/// The one task that writes, before it is started.
pub struct Writer {
    /// `None` after a failure: the next group opens a new connection.
    transaction: Option<Transaction>,
    options: SqliteConnectOptions,
    tail: Arc<Tail>,
    clock: Clock,
    group_jobs_max: usize,
    measures: Arc<Writes>,
}

/// A group while it runs: what its jobs came to, what they purged.
#[derive(Default)]
struct Group {
    answers: Vec<(Ran, Position)>,
    purged: Vec<(u64, Vec<Tag>)>,
}

impl Writer {
    /// A writer on an open connection, which opens another with `options` should it lose this one.
    pub fn new(
        connection: SqliteConnection,
        options: SqliteConnectOptions,
        tail: Arc<Tail>,
        clock: Clock,
        group_jobs_max: usize,
    ) -> Self {
        let transaction = Some(Transaction::new(connection, tail.head()));
        Self { transaction, options, tail, clock, group_jobs_max, measures: Arc::default() }
    }

    /// What it will count.
    pub(super) fn measures(&self) -> Arc<Writes> {
        Arc::clone(&self.measures)
    }

    /// Commits groups until it is told to close, or nobody can send any more.
    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Message>) {
        let mut messages = Vec::with_capacity(self.group_jobs_max);
        let mut closed: Option<oneshot::Sender<()>> = None;
        while closed.is_none() && queue.recv_many(&mut messages, self.group_jobs_max).await > 0 {
            let mut jobs = Vec::with_capacity(messages.len());
            for message in messages.drain(..) {
                match message {
                    // Whoever has gone before the job began will not learn of it, so it is not done.
                    Message::Job(job) if job.is_forsaken() => {}
                    Message::Job(job) if closed.is_some() => job.refuse(Error::Closed),
                    Message::Job(job) => jobs.push(job),
                    Message::Close(answer) => closed = Some(answer),
                }
            }
            if !jobs.is_empty() {
                self.measures.groups.observe(jobs.len() as u64);
                self.group(jobs).await;
            }
        }
        if let Some(transaction) = self.transaction
            && let Err(error) = transaction.connection.close().await
        {
            tracing::warn!(%error, "the writing connection did not close cleanly");
        }
        drop(queue);
        if let Some(closed) = closed {
            let _ = closed.send(());
        }
    }

    /// Runs jobs, commits them together, publishes their purges, and answers them: in this order.
    async fn group(&mut self, jobs: Vec<Box<dyn Job>>) {
        let mut transaction = match self.connected().await {
            Ok(transaction) => transaction,
            Err(error) => {
                tracing::error!(%error, "the writing connection could not be opened");
                return jobs.into_iter().for_each(|job| job.refuse(error.clone()));
            }
        };
        let mut group = Group::default();
        let mut jobs = jobs.into_iter();
        let committed = match group.run(&mut transaction, &mut jobs).await {
            Ok(()) => groups::commit(&mut transaction.connection, &group.rows(), self.clock.now()).await,
            failed => failed,
        };
        match committed {
            Ok(()) => {
                self.transaction = Some(transaction);
                self.tail.publish(group.purged.into_iter().map(published).collect());
                group.answers.into_iter().for_each(|(ran, position)| (ran.answer)(Ok(position)));
            }
            Err(error) => {
                // The connection is dropped with whatever transaction is open on it. The next group's connection reads
                // from the disk what this commit came to.
                let error = Error::NotCommitted(Arc::new(error));
                tracing::error!(%error, jobs = group.answers.len() + jobs.len(), "a group of writes failed");
                group.answers.into_iter().for_each(|(ran, _)| (ran.answer)(Err(error.clone())));
                jobs.for_each(|job| job.refuse(error.clone()));
            }
        }
    }

    /// The connection, opened again if the last group lost it. A commit that failed may be on the disk all the same, so
    /// the log is read again from where it was known.
    async fn connected(&mut self) -> Result<Transaction, Error> {
        if let Some(mut transaction) = self.transaction.take() {
            transaction.reached = self.tail.head();
            return Ok(transaction);
        }
        let mut connection = self.options.connect().await?;
        loop {
            let missed = purges::tail(&mut connection, self.tail.head().sequence, CATCH_UP_PURGES).await?;
            if missed.is_empty() {
                return Ok(Transaction::new(connection, self.tail.head()));
            }
            self.tail.publish(missed);
        }
    }
}

impl Group {
    /// Runs every job, each in its savepoint. An error is the group's, not a job's.
    async fn run(
        &mut self,
        transaction: &mut Transaction,
        jobs: &mut impl Iterator<Item = Box<dyn Job>>,
    ) -> Result<(), sqlx::Error> {
        groups::begin(&mut transaction.connection).await?;
        transaction.between_jobs = false;
        for job in jobs {
            let ran = job.run(transaction).await;
            let keep = ran.keep;
            let position = transaction.position();
            let tags = transaction.take_tags();
            if keep && !tags.is_empty() {
                transaction.reached = position;
                self.purged.push((position.sequence, tags));
            }
            self.answers.push((ran, transaction.reached));
            if keep {
                transaction.between_jobs = true;
            } else if !transaction.between_jobs {
                // Between jobs, the open savepoint holds what another did, and this one did nothing.
                groups::undo_job(&mut transaction.connection).await?;
            }
        }
        Ok(())
    }

    /// The purges as the log's table takes them.
    fn rows(&self) -> Vec<groups::PurgeRow> {
        self.purged.iter().map(|(sequence, tags)| (*sequence, joined(tags))).collect()
    }
}

/// Tags as the log's table keeps them.
fn joined(tags: &[Tag]) -> String {
    tags.iter().map(Tag::as_str).collect::<Vec<_>>().join(" ")
}

fn published((sequence, tags): (u64, Vec<Tag>)) -> Purge {
    Purge::of(sequence, tags.iter().map(Tag::as_str))
}
