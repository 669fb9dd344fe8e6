//! Requests of the class `http`: in front of an origin that speaks of caching in HTTP's own words.
//!
//! `stepwell_edge_core::cache::rfc9111` decides; here are its store, its own log of what was purged, and the exchange
//! with the origin.

mod asking;
mod exchange;
mod flights;
mod passed_on;
mod question;

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use http::Response;
use http::request::Parts;
use stepwell_edge_core::cache::purge_log::{PurgeLog, Standing};
use stepwell_edge_core::cache::rfc9111::answer::from_stored;
use stepwell_edge_core::cache::rfc9111::asked::Asked;
use stepwell_edge_core::cache::rfc9111::reuse::{Verdict, decide};
use stepwell_edge_core::cache::rfc9111::stored::{Stored, Variants};
use stepwell_edge_core::cache::status::CacheStatus;
use stepwell_edge_core::rate::Class;
use stepwell_edge_core::respond;
use stepwell_shared::bookmark::Position;
use stepwell_shared::problem::{Code, Problem};
use stepwell_shared::tags::TagHash;

use crate::Inner;
use crate::body::EdgeBody;
use crate::connection::Connection;
use crate::fetch::Answered;
use crate::service::Noted;
use crate::store::Store;
use crate::upload::Upload;
use question::Question;

/// What the class `http` keeps beside what the edge keeps for all.
pub(crate) struct HttpCache {
    store: Store<Variants<Arc<Stored>>>,
    /// One after another: two answers of one key must not each put themselves in the place of the other.
    storing: Mutex<()>,
    log: RwLock<PurgeLog>,
    flights: flights::Flights,
}

impl HttpCache {
    pub(crate) fn new(memory_bytes: u64, purge_slots: usize, seed: u64) -> Self {
        Self {
            store: Store::new(memory_bytes),
            storing: Mutex::default(),
            log: RwLock::new(PurgeLog::own(purge_slots, seed)),
            flights: flights::Flights::default(),
        }
    }

    /// Whatever was filled up to now and carries one of these tags is invalid.
    pub(crate) fn purge(&self, tags: &[TagHash]) {
        if !tags.is_empty() {
            self.log.write().unwrap_or_else(PoisonError::into_inner).purge(tags);
        }
    }

    /// The same, brought about by an answer to a question that was asked at `position`. Returns the position of that
    /// answer, which carries the tags `own`: behind its own purge, where no other has named one of them meanwhile.
    fn purge_since(&self, tags: &[TagHash], own: &[TagHash], position: Position) -> Position {
        let mut log = self.log.write().unwrap_or_else(PoisonError::into_inner);
        let stood = log.standing(position, own) == Standing::Current;
        log.purge(tags);
        if stood { log.position().unwrap_or(position) } else { position }
    }

    /// How many stored answers a purge of these tags would name.
    pub(crate) fn count_tagged(&self, tags: &[TagHash]) -> u64 {
        self.store.count_tagged(tags)
    }

    /// How many wait for the answer to a key.
    pub(crate) fn waiting(&self, key: &str) -> usize {
        self.flights.waiting(key)
    }

    /// How many wait for the answer to any key.
    pub(crate) fn waiting_in_all(&self) -> usize {
        self.flights.waiting_in_all()
    }

    /// How many answers are stored, those of one key as one, and how many bytes they take.
    pub(crate) fn extent(&self) -> (usize, u64) {
        self.store.extent()
    }

    fn read_log<T>(&self, read: impl FnOnce(&PurgeLog) -> T) -> T {
        read(&self.log.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Where its log stands.
    pub(crate) fn position(&self) -> Position {
        self.read_log(PurgeLog::position).unwrap_or_default()
    }

    fn put(&self, key: &str, stored: Arc<Stored>) {
        let _one_at_a_time = self.storing.lock().unwrap_or_else(PoisonError::into_inner);
        let variants = self.store.get(key).unwrap_or_default().with(stored);
        self.store.put(key, Arc::new(variants));
    }
}

/// Answers a request of the class.
pub(crate) async fn answer(
    inner: &Arc<Inner>,
    asked: Asked,
    mut head: Parts,
    body: Upload,
    connection: &Connection,
    noted: &Noted,
) -> Answered {
    match verdict(inner, &asked, &head.headers) {
        Verdict::Serve { stored, left_ms } => {
            served(inner, &stored, &asked, &head, CacheStatus::Hit { left_ms })
        }
        Verdict::ServeStale { stored, past_ms, revalidate } => {
            let status = if revalidate {
                CacheStatus::StaleHit { past_ms }
            } else {
                CacheStatus::Tolerated { past_ms }
            };
            let answered = served(inner, &stored, &asked, &head, status);
            if revalidate {
                noted.trace.put_on(&mut head.headers);
                exchange::revalidate_behind(inner, Question::of(asked, head, connection), stored);
            }
            answered
        }
        Verdict::NotStored => {
            let problem = Problem::new(
                Code::NotStored,
                "send the request without only-if-cached to have the origin asked",
            );
            (respond::problem(&problem).map(EdgeBody::from), None)
        }
        Verdict::Ask(ask) => {
            if let Err(too_many) = inner.rates.count(Some(Class::Http), None, noted.client, inner.now()) {
                return (too_many.answer(), None);
            }
            noted.trace.put_on(&mut head.headers);
            let question = Question::of(asked, head, connection);
            // Boxed, so that the future of a hit stays small.
            Box::pin(exchange::ask(inner, question, ask, body)).await
        }
    }
}

fn verdict(inner: &Inner, asked: &Asked, request: &http::HeaderMap) -> Verdict<Arc<Stored>> {
    let variants = if asked.may_look_up { inner.http.store.get(&asked.key) } else { None };
    let now = inner.now();
    inner.http.read_log(|log| decide(variants.as_deref(), asked, request, log, now, &inner.options))
}

fn served(inner: &Inner, stored: &Stored, asked: &Asked, head: &Parts, status: CacheStatus) -> Answered {
    let response: Response<_> = from_stored(stored, asked, &head.headers, status, inner.now());
    (response.map(EdgeBody::from), None)
}
