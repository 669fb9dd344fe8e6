//! A job on its way through the writer, whatever its types.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use stepwell_shared::bookmark::Position;
use tokio::sync::oneshot;

use super::{Committed, Error, Transaction};

/// The longest that one job may hold up all others.
const JOB_TIME_MAX: Duration = Duration::from_secs(5);

/// A job that waits, its types erased.
pub(super) trait Job: Send {
    /// Runs the job in the savepoint that is open.
    fn run(self: Box<Self>, transaction: &mut Transaction) -> BoxFuture<'_, Ran>;

    /// Answers without having run.
    fn refuse(self: Box<Self>, error: Error);

    /// Whether nobody waits for it any more.
    fn is_forsaken(&self) -> bool;
}

/// What a job came to, before the group is committed.
pub(super) struct Ran {
    /// Whether to keep what it did.
    pub keep: bool,
    /// Answers the caller: with the position that the job reached, or with why the group failed.
    pub answer: Box<dyn FnOnce(Result<Position, Error>) + Send>,
}

/// A job and where its answer goes.
pub(super) struct Waiting<F, T, E> {
    pub job: F,
    pub answer: oneshot::Sender<Result<Committed<T>, E>>,
}

impl<F, T, E> Job for Waiting<F, T, E>
where
    F: for<'t> FnOnce(&'t mut Transaction) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    fn run(self: Box<Self>, transaction: &mut Transaction) -> BoxFuture<'_, Ran> {
        let Self { job, answer } = *self;
        async move {
            // A panic leaves nothing behind but the savepoint, which is undone. The closure itself runs inside too.
            let guarded = AssertUnwindSafe(async move { job(transaction).await }).catch_unwind();
            let value = match tokio::time::timeout(JOB_TIME_MAX, guarded).await {
                Ok(Ok(value)) => value,
                Ok(Err(_panic)) => Err(Error::Abandoned("it panicked").into()),
                Err(_elapsed) => Err(Error::Abandoned("it took too long").into()),
            };
            let keep = value.is_ok();
            let answer = Box::new(move |group: Result<Position, Error>| {
                let outcome = match group {
                    Ok(position) => value.map(|value| Committed { value, position }),
                    Err(error) => Err(error.into()),
                };
                // Whoever has gone meanwhile needs no answer.
                let _ = answer.send(outcome);
            });
            Ran { keep, answer }
        }
        .boxed()
    }

    fn refuse(self: Box<Self>, error: Error) {
        let _ = self.answer.send(Err(error.into()));
    }

    fn is_forsaken(&self) -> bool {
        self.answer.is_closed()
    }
}
