//! How far a listener is with stopping, for all its connections.

use std::pin::pin;

use tokio::sync::watch;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// It serves.
    Open,
    /// It still accepts, and asks clients to leave.
    Leaving,
    /// It accepts no more: what is under way finishes.
    Closing,
    /// What is under way is cut off.
    Over,
}

/// Moves the listener on.
pub(super) struct Mover(watch::Sender<Phase>);

/// Tells a connection how far the listener is. While one of these lives, not all are gone.
#[derive(Clone)]
pub(super) struct Phases(watch::Receiver<Phase>);

/// A listener that serves.
pub(super) fn phases() -> (Mover, Phases) {
    let (mover, phases) = watch::channel(Phase::Open);
    (Mover(mover), Phases(phases))
}

impl Mover {
    pub(super) fn enter(&self, phase: Phase) {
        self.0.send_replace(phase);
    }

    /// Resolves when no connection is left.
    pub(super) async fn all_gone(&self) {
        self.0.closed().await;
    }
}

impl Phases {
    /// Whether clients are asked to leave.
    pub(super) fn is_leaving(&self) -> bool {
        // Nobody has marked the first phase as seen: one look at a counter, and no lock.
        self.0.has_changed().unwrap_or(true)
    }

    pub(super) async fn closing(&self) {
        self.reached(Phase::Closing).await;
    }

    pub(super) async fn over(&self) {
        self.reached(Phase::Over).await;
    }

    /// An error means that the listener is gone, which it is not before its connections are.
    async fn reached(&self, phase: Phase) {
        let mut phases = self.0.clone();
        let _ = phases.wait_for(|now| *now >= phase).await;
    }

    /// Runs a connection to its end; `None` if it was cut off.
    pub(super) async fn until_over<T>(&self, connection: impl Future<Output = T>) -> Option<T> {
        let connection = pin!(connection);
        tokio::select! {
            biased;
            ended = connection => Some(ended),
            () = self.over() => None,
        }
    }
}
