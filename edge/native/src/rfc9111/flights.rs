//! Requests for one key that are under way at the same time: the first asks, the others wait for what comes of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use quick_cache::sync::Cache;
use stepwell_shared::time::Timestamp;
use tokio::sync::watch;

use crate::Inner;

/// Keys whose answers were no use to others, that are remembered; about 200 bytes each.
const LONE_KEYS_MAX: usize = 16 * 1024;
/// How long such a key is remembered. Until then its requests go to the origin side by side, since to wait for an
/// answer that cannot be shared only doubles the time.
const LONE: Duration = Duration::from_mins(1);

/// The keys under way.
pub(super) struct Flights {
    under_way: Mutex<HashMap<Box<str>, watch::Sender<State>>>,
    lone: Cache<Box<str>, Timestamp>,
}

/// How far a flight is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The origin has not answered, or its answer is still coming.
    UnderWay,
    /// What came is stored: look again.
    Landed,
    /// What came is for the first alone: ask for yourself.
    Lone,
    /// Nothing came, and asking again would make it worse.
    Failed,
}

/// What comes of waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waited {
    /// Something was stored: look again.
    Landed,
    /// Ask for yourself.
    Alone,
    /// The origin failed.
    Failed,
}

/// A request's part in a flight.
pub(super) enum Part {
    /// Ask, and tell the others.
    Lead(Lead),
    /// Wait, then look again.
    Wait(Waiting),
    /// Ask for yourself alone.
    Alone,
}

/// The duty to tell the others. Dropped, it sends them on their way.
pub(super) struct Lead {
    key: Box<str>,
    inner: Arc<Inner>,
    state: watch::Sender<State>,
}

/// A place among those who wait.
pub(super) struct Waiting(watch::Receiver<State>);

impl Default for Flights {
    fn default() -> Self {
        Self { under_way: Mutex::default(), lone: Cache::new(LONE_KEYS_MAX) }
    }
}

impl Flights {
    /// Joins the flight of a key, or begins one.
    pub(super) fn join(inner: &Arc<Inner>, key: &str) -> Part {
        let flights = &inner.http.flights;
        let lone_ms = u64::try_from(LONE.as_millis()).unwrap_or(u64::MAX);
        if flights.lone.get(key).is_some_and(|since| inner.now().since_ms(since) < lone_ms) {
            return Part::Alone;
        }
        let mut under_way = flights.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = under_way.get(key) {
            return Part::Wait(Waiting(state.subscribe()));
        }
        let state = watch::Sender::new(State::UnderWay);
        under_way.insert(key.into(), state.clone());
        Part::Lead(Lead { key: key.into(), inner: inner.clone(), state })
    }

    /// Begins a flight of a key whatever came of the last one; `None` when one is under way.
    pub(super) fn begin(inner: &Arc<Inner>, key: &str) -> Option<Lead> {
        let mut under_way = inner.http.flights.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if under_way.contains_key(key) {
            return None;
        }
        let state = watch::Sender::new(State::UnderWay);
        under_way.insert(key.into(), state.clone());
        Some(Lead { key: key.into(), inner: inner.clone(), state })
    }

    /// Tells those who wait, if any do, that an answer is stored, and whether it is of use to others.
    pub(super) fn tell(&self, key: &str, lead: Option<Lead>, is_shared: bool) {
        match lead {
            Some(lead) if is_shared => lead.landed(),
            Some(lead) => lead.lone(),
            None if is_shared => drop(self.lone.remove(key)),
            None => {}
        }
    }

    /// How many wait for a key.
    pub(super) fn waiting(&self, key: &str) -> usize {
        let under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.get(key).map_or(0, watch::Sender::receiver_count)
    }

    /// How many wait for any.
    pub(super) fn waiting_in_all(&self) -> usize {
        let under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.values().map(watch::Sender::receiver_count).sum()
    }
}

impl Lead {
    /// What came is in the store.
    pub(super) fn landed(self) {
        self.inner.http.flights.lone.remove(&self.key);
        self.state.send_replace(State::Landed);
    }

    /// Nothing came.
    pub(super) fn failed(self) {
        self.state.send_replace(State::Failed);
    }

    /// What came is of no use to others, nor will it be when it is asked for again.
    pub(super) fn lone(self) {
        self.inner.http.flights.lone.insert(self.key.clone(), self.inner.now());
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        let flights = &self.inner.http.flights;
        flights.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
        self.state.send_if_modified(|state| {
            let unfinished = *state == State::UnderWay;
            if unfinished {
                *state = State::Lone;
            }
            unfinished
        });
    }
}

impl Waiting {
    pub(super) async fn end(mut self) -> Waited {
        match self.0.wait_for(|state| *state != State::UnderWay).await.as_deref() {
            Ok(State::Landed) => Waited::Landed,
            Ok(State::Failed) => Waited::Failed,
            Ok(State::UnderWay | State::Lone) | Err(_) => Waited::Alone,
        }
    }
}
