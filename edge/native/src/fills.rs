//! Fills under way: one a key, whoever asks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Response;
use stepwell_edge_core::cache::entry::Entry;
use stepwell_edge_core::cache::filing::Refusal;
use tokio::sync::watch;

use crate::Inner;
use crate::body::Body;
use crate::upstream::{Full, Place};

/// The fills under way, by key.
#[derive(Default)]
pub(crate) struct Fills {
    under_way: Mutex<HashMap<Box<str>, watch::Sender<Option<Filled>>>>,
}

/// What came of a fill, for all that wait.
#[derive(Clone)]
pub(crate) enum Filled {
    /// The answer was stored.
    Stored {
        /// As what.
        entry: Arc<Entry>,
        /// Whether the origin only confirmed what was stored before.
        revalidated: bool,
        /// How long the origin took.
        took: Duration,
    },
    /// The answer may not be stored. It belongs to whoever started the fill, and is taken once; the others ask for
    /// themselves.
    NotStored {
        /// The answer.
        answer: Arc<Mutex<Option<Response<Body>>>>,
        /// Why.
        refusal: Refusal,
    },
    /// The origin failed. All that wait share its answer, since asking again would make it worse.
    Failed(Arc<Entry>),
}

/// A place in a fill.
pub(crate) struct Waiting {
    /// Resolves to what came of it.
    pub(crate) filled: watch::Receiver<Option<Filled>>,
    /// To be carried out by whoever started the fill; `None` for those who joined.
    pub(crate) duty: Option<Duty>,
}

/// The obligation to finish a fill. Dropped without [`Duty::finish`], it lets those who wait know that nothing came.
pub(crate) struct Duty {
    key: Box<str>,
    /// Held for the request that is to be sent.
    place: Place,
    inner: Arc<Inner>,
    result: watch::Sender<Option<Filled>>,
    filled: Option<Filled>,
}

impl Fills {
    /// Joins the fill of a key, or starts one if `enter` gives a place for it.
    pub(crate) fn join(
        inner: &Arc<Inner>,
        key: &str,
        enter: impl FnOnce() -> Result<Place, Full>,
    ) -> Result<Waiting, Full> {
        let mut under_way = inner.fills.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(result) = under_way.get(key) {
            return Ok(Waiting { filled: result.subscribe(), duty: None });
        }
        let place = enter()?;
        let (result, filled) = watch::channel(None);
        under_way.insert(key.into(), result.clone());
        let duty = Duty { key: key.into(), place, inner: inner.clone(), result, filled: None };
        Ok(Waiting { filled, duty: Some(duty) })
    }
}

impl Duty {
    /// What the request is to be sent with.
    pub(crate) fn place(&mut self) -> Place {
        std::mem::take(&mut self.place)
    }

    /// Tells everybody. What was stored must be in the store before: a request that comes now finds no fill to join.
    pub(crate) fn finish(mut self, filled: Filled) {
        self.filled = Some(filled);
    }
}

impl Drop for Duty {
    fn drop(&mut self) {
        self.inner.fills.remove(&self.key);
        if let Some(filled) = self.filled.take() {
            self.result.send_replace(Some(filled));
        }
    }
}

impl Fills {
    /// How many wait for the fill of a key.
    pub(crate) fn waiting(&self, key: &str) -> usize {
        let under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.get(key).map_or(0, watch::Sender::receiver_count)
    }

    /// How many wait for fills that others have started.
    pub(crate) fn waiting_in_all(&self) -> usize {
        let under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        // Each fill has one who started it.
        under_way.values().map(|fill| fill.receiver_count().saturating_sub(1)).sum()
    }

    fn remove(&self, key: &str) {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// Waits for what comes of a fill; `None` when whoever had the duty vanished.
pub(crate) async fn outcome(mut filled: watch::Receiver<Option<Filled>>) -> Option<Filled> {
    match filled.wait_for(Option::is_some).await {
        Ok(filled) => filled.clone(),
        Err(_) => None,
    }
}
