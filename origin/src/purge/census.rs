//! Asking the edges how many of their entries a purge would drop.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use stepwell_shared::api::purges::{CensusAnswer, CensusQuestion, EdgeCount};
use stepwell_shared::tags::TagHash;
use tokio::sync::{broadcast, mpsc};

/// How long edges have to answer. They count in memory; what takes longer is the network to an edge far away.
const PATIENCE: Duration = Duration::from_millis(500);
/// Questions that a follower may not have read yet. Operators ask one at a time.
const UNREAD_MAX: usize = 16;

/// The edges that follow the log, and the questions that wait for their answers.
#[derive(Debug)]
pub struct Census {
    questions: broadcast::Sender<CensusQuestion>,
    next: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// How many streams each edge reads: two for a moment, when one reconnects.
    edges: BTreeMap<String, usize>,
    /// Where answers to each open question go.
    open: BTreeMap<u64, mpsc::UnboundedSender<(String, u64)>>,
}

/// An edge that reads the stream, until this is dropped.
#[derive(Debug)]
pub struct Follower {
    census: Arc<Census>,
    edge: String,
    questions: broadcast::Receiver<CensusQuestion>,
}

impl Default for Census {
    fn default() -> Self {
        Self {
            questions: broadcast::Sender::new(UNREAD_MAX),
            next: AtomicU64::new(1),
            state: Mutex::default(),
        }
    }
}

impl Census {
    /// An edge begins to read the stream.
    pub fn join(self: &Arc<Self>, edge: String) -> Follower {
        *self.state().edges.entry(edge.clone()).or_default() += 1;
        Follower { census: Arc::clone(self), edge, questions: self.questions.subscribe() }
    }

    /// Asks every edge that follows the log, and waits a bounded time for their answers.
    pub async fn ask(&self, tags: Vec<TagHash>) -> Vec<EdgeCount> {
        let question = self.next.fetch_add(1, Ordering::Relaxed);
        let (answer, mut answers) = mpsc::unbounded_channel();
        let mut counts: BTreeMap<String, Option<u64>> = {
            let mut state = self.state();
            state.open.insert(question, answer);
            state.edges.keys().map(|edge| (edge.clone(), None)).collect()
        };
        // An error means that nobody follows; then nobody is waited for either.
        let _ = self.questions.send(CensusQuestion { question, tags });
        let gather = async {
            while counts.values().any(Option::is_none)
                && let Some((edge, entries)) = answers.recv().await
            {
                counts.entry(edge).and_modify(|count| *count = Some(entries));
            }
        };
        // Whoever has not answered by then is shown without a count.
        let _ = tokio::time::timeout(PATIENCE, gather).await;
        self.state().open.remove(&question);
        counts.into_iter().map(|(edge, entries)| EdgeCount { edge, entries }).collect()
    }

    /// An edge's answer. One to a question that is no longer open is dropped.
    pub fn answer(&self, edge: &str, answer: &CensusAnswer) {
        if let Some(open) = self.state().open.get(&answer.question) {
            // Whoever asked may have stopped waiting.
            let _ = open.send((edge.to_owned(), answer.entries));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Follower {
    /// The next question.
    pub async fn question(&mut self) -> CensusQuestion {
        loop {
            match self.questions.recv().await {
                Ok(question) => return question,
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                // Cannot be while `census` is held; then there are no more questions.
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let mut state = self.census.state();
        if let Some(streams) = state.edges.get_mut(&self.edge) {
            *streams -= 1;
            if *streams == 0 {
                state.edges.remove(&self.edge);
            }
        }
    }
}
