//! A request's road through the edge, for hosts of one thread whose store is one of bytes.
//!
//! `stepwell-edge-core` decides; a [`Host`] owns the sockets, the store, the clock and the random numbers; this crate is
//! what lies between and is the same in each Wasm host: look up, ask the origin, store, hear of the purge log. It is to
//! Workers and Spin what `stepwell-edge-native` is to a machine of one's own, and goes the same road by the same names.
//!
//! ```text
//! Instance::answer ── briefing ── log ── core.receive ─┬─ Answer
//!                                                      ├─ forward
//!                                                      ├─ own::answer ── store ── decide ── fill
//!                                                      └─ rfc9111::answer ── store ── decide ── asking
//! ```
//!
//! Hosts of this kind come and go, many side by side, and share nothing but the store. So an [`Instance`] holds no more
//! than it can learn again: a copy of the purge log, polled and not streamed; what the origin says of its routes and
//! keys; tokens that have verified. Requests do not wait for each other's questions to the origin, since in Workers a
//! request may not touch what another is waiting for: each instance asks once for each request that misses.

mod body;
mod briefing;
mod forward;
mod host;
mod log;
mod numbers;
mod own;
mod rfc9111;
mod sending;
mod store;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tokens;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use http::header::AGE;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, Response};
use stepwell_edge_core::cache::purge_log::PurgeLog;
use stepwell_edge_core::cache::rfc9111::options::Options;
use stepwell_edge_core::pipeline::{Edge, Received};
use stepwell_edge_core::respond;
use stepwell_edge_core::trace::Trace;
use stepwell_shared::edge_signature::{EdgeKey, EdgeName};
use stepwell_shared::headers::SERVER_TIMING;
use stepwell_shared::problem::{Code, Problem};
use stepwell_shared::time::Timestamp;

pub use body::{AnswerBody, BodyError, Sent};
pub use host::{Client, Host, Unanswered};

/// Slots of an instance's copy of the purge log, 8 bytes each: half a megabyte, in hosts that have 128 for everything and
/// run many instances. More tags share a slot than in a native edge; an entry is confirmed more often, no more.
const PURGE_SLOTS: usize = 1 << 16;

/// What an instance stands before.
#[derive(Debug)]
pub enum Origin {
    /// A Stepwell origin, which takes requests of its edges alone.
    Stepwell(Identity),
    /// Any other, by the rules of HTTP alone.
    Any(Options),
}

/// By what a Stepwell origin knows this edge.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Its name.
    pub name: EdgeName,
    /// What it shares with the origin.
    pub key: EdgeKey,
}

/// One instance of an edge. It is made for the first request that it gets, in hosts that give no time before.
pub struct Instance {
    identity: Option<Identity>,
    http_options: Options,
    briefed: RefCell<Option<Rc<Briefed>>>,
    log: RefCell<PurgeLog>,
    /// When the log was last asked for by a question that was answered to its end.
    log_heard_at: Cell<Option<Timestamp>>,
    /// When it was last asked for at all.
    log_asked_at: Cell<Option<Timestamp>>,
    /// What the class `http` has purged here.
    http_log: RefCell<PurgeLog>,
    tokens: tokens::Tokens,
    numbers: numbers::Numbers,
}

/// What an instance decides by.
struct Briefed {
    /// Empty in front of any origin.
    revision: String,
    core: Edge,
}

/// One request's view of everything.
struct Road<H> {
    instance: Rc<Instance>,
    host: H,
    trace: Trace,
}

impl<H: Host> Clone for Road<H> {
    fn clone(&self) -> Self {
        Self { instance: self.instance.clone(), host: self.host.clone(), trace: self.trace }
    }
}

impl Instance {
    /// An instance that knows nothing yet. `seed` is a random number that outsiders do not know.
    pub fn new(origin: Origin, seed: u64) -> Rc<Self> {
        let (identity, http_options, briefed) = match origin {
            Origin::Stepwell(identity) => (Some(identity), Options::default(), None),
            Origin::Any(options) => (None, options, Briefed::of_any_origin(options).map(Rc::new)),
        };
        Rc::new(Self {
            identity,
            http_options,
            briefed: RefCell::new(briefed),
            log: RefCell::new(PurgeLog::new(PURGE_SLOTS, seed, log::SILENCE_MAX_MS)),
            log_heard_at: Cell::new(None),
            log_asked_at: Cell::new(None),
            http_log: RefCell::new(PurgeLog::own(PURGE_SLOTS, seed)),
            tokens: tokens::Tokens::default(),
            numbers: numbers::Numbers::new(seed),
        })
    }

    /// Answers a request of the client that `host` names.
    pub async fn answer<H: Host>(
        self: &Rc<Self>,
        host: &H,
        request: Request<H::Body>,
    ) -> Response<AnswerBody<H::Body>> {
        let trace = self.numbers.trace(request.headers());
        let road = Road { instance: self.clone(), host: host.clone(), trace };
        let (head, body) = request.into_parts();
        road.answer(head, body).await
    }
}

impl<H: Host> Road<H> {
    async fn answer(&self, head: Parts, body: H::Body) -> Response<AnswerBody<H::Body>> {
        let Some(briefed) = self.brief().await else {
            return problem(Code::OriginUnreachable);
        };
        let briefed = self.hear(briefed).await;
        let core = &briefed.core;
        let sharing = core.sharing(&head.method, &head.headers);
        let mut response = self.received(core, head, body).await;
        if let Some(sharing) = sharing {
            sharing.put_on(response.headers_mut());
        }
        if self.host.client().is_secure && !core.router.leaves_any_other() {
            respond::under_tls(response.headers_mut());
        }
        drop_empty_places(response.headers_mut());
        response
    }

    async fn received(&self, core: &Edge, head: Parts, body: H::Body) -> Response<AnswerBody<H::Body>> {
        let received =
            core.receive(&head, &self.instance.tokens, &log::Copy(&self.instance.log), self.host.now());
        match received {
            Received::Answer(response) => response.map(AnswerBody::Whole),
            Received::Forward(plan) => {
                let plan = forward::Plan::from(plan);
                self.forward(plan, head, body).await
            }
            Received::LookUp(lookup) => {
                let lookup = lookup.into_owned();
                self.own(lookup, &head.headers).await
            }
            Received::Http(asked) => self.http(asked, head, body).await,
        }
    }

    fn now(&self) -> Timestamp {
        self.host.now()
    }
}

/// A stored header has places for what each answer says anew; the timing of a request is for hosts with a clock that runs.
fn drop_empty_places(headers: &mut HeaderMap) {
    for name in [AGE, SERVER_TIMING] {
        if headers.get(&name).is_some_and(HeaderValue::is_empty) {
            headers.remove(name);
        }
    }
}

fn problem<B>(code: Code) -> Response<AnswerBody<B>> {
    respond::problem(&Problem::from(code)).map(AnswerBody::Whole)
}
