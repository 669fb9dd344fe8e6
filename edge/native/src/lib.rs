//! The native host of the Stepwell edge.
//!
//! `stepwell-edge-core` decides; this crate owns the sockets, the store of entries, the clock, the requests to the
//! origin and the copy of the purge log. It knows nothing of records or databases: behind [`Upstream`] there may be an
//! origin in the same process or, over HTTP, any other.

pub mod body;
pub mod briefing;
mod connection;
mod door;
mod fetch;
mod fills;
mod follow;
mod forward;
mod holds;
pub mod interim;
mod listen;
pub mod metrics;
mod rate;
mod requests;
mod rfc9111;
mod service;
mod shed;
pub mod spans;
mod store;
pub mod tls;
mod tokens;
mod traces;
mod upload;
pub mod upstream;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use arc_swap::ArcSwap;
use stepwell_edge_core::authenticate::Authenticator;
use stepwell_edge_core::cache::entry::Entry;
use stepwell_edge_core::cache::purge_log::PurgeLog;
use stepwell_edge_core::cache::rfc9111::options::Options;
use stepwell_edge_core::pipeline;
use stepwell_edge_core::route::Router;
use stepwell_shared::bookmark::Position;
use stepwell_shared::tags::TagHash;
use stepwell_shared::time::Timestamp;

pub use connection::ClientAddress;
pub use holds::Holds;
use listen::admission::Admission;
pub use listen::settings::{Drain, Limits, Listening, RequestLog};
pub use listen::{Shutdown, serve, serve_by};
use tokio::sync::watch;
use upstream::Upstream;

/// What an edge is made of.
pub struct Settings {
    /// Which routes there are.
    pub router: Router,
    /// Whose tokens are accepted.
    pub authenticator: Authenticator,
    /// The operator's choices for the class `http`.
    pub http: Options,
    /// How often a client may ask for what reaches the origin.
    pub rates: stepwell_edge_core::rate::Limits,
    /// Bytes that stored entries may take.
    pub memory_bytes: u64,
    /// Slots of the copy of the purge log, 8 bytes each.
    pub purge_slots: usize,
    /// A random number that outsiders do not know.
    pub seed: u64,
    /// How long the log may be silent before entries count as stale, in milliseconds.
    pub log_silence_max_ms: u64,
    /// The time.
    pub clock: Clock,
}

/// Tells the time; a test's tells what the test wants.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A running edge. Cheap to clone.
#[derive(Clone)]
pub struct NativeEdge {
    inner: Arc<Inner>,
}

struct Inner {
    /// What it decides by; another one after each briefing.
    core: ArcSwap<tokens::Core>,
    /// The name of what it was told by an origin elsewhere; `None` for one that decides by the same to its end.
    revision: Option<Mutex<String>>,
    /// The operator's choices for the class `http`.
    options: Options,
    /// Whether it decides nothing, and hands everything to its upstream as it comes.
    is_door: bool,
    store: store::Store<Entry>,
    http: rfc9111::HttpCache,
    log: RwLock<PurgeLog>,
    /// Tells of each page that the copy has taken in.
    log_heard: watch::Sender<()>,
    /// Whether the log's end was ever reached.
    caught_up: watch::Sender<bool>,
    fills: fills::Fills,
    rates: rate::Rates,
    upstream: Arc<dyn Upstream>,
    clock: Clock,
    log_silence_max_ms: u64,
    /// Those that wait for their answers.
    requests: AtomicUsize,
    /// Of the listener, once there is one.
    connections: OnceLock<Arc<Admission>>,
    metrics: Arc<metrics::Metrics>,
    traces: Arc<traces::Traces>,
}

impl NativeEdge {
    /// An edge in front of `upstream`, with nothing stored yet. It serves nothing from its store before
    /// [`NativeEdge::follow_log`] has heard from the log.
    pub fn new(settings: Settings, upstream: Arc<dyn Upstream>) -> Self {
        Self::with(settings, upstream, false, None)
    }

    /// The same before a Stepwell origin elsewhere, which has told what the settings say under this name. When the log
    /// names another, the edge asks again.
    pub fn told(settings: Settings, upstream: Arc<dyn Upstream>, revision: String) -> Self {
        Self::with(settings, upstream, false, Some(Mutex::new(revision)))
    }

    /// No edge, but the listener of an origin whose edges are elsewhere: every request goes to `upstream` as it comes.
    pub fn door(settings: Settings, upstream: Arc<dyn Upstream>) -> Self {
        Self::with(settings, upstream, true, None)
    }

    fn with(
        settings: Settings,
        upstream: Arc<dyn Upstream>,
        is_door: bool,
        revision: Option<Mutex<String>>,
    ) -> Self {
        let log = PurgeLog::new(settings.purge_slots, settings.seed, settings.log_silence_max_ms);
        let metrics = Arc::<metrics::Metrics>::default();
        let traces = Arc::<traces::Traces>::default();
        let measured =
            upstream::measured::Measured { upstream, metrics: metrics.clone(), traces: traces.clone() };
        let (memory_bytes, http_bytes) = shares(&settings.router, settings.memory_bytes);
        Self {
            inner: Arc::new(Inner {
                core: ArcSwap::from_pointee(tokens::Core::new(pipeline::Edge {
                    router: settings.router,
                    authenticator: settings.authenticator,
                    http: settings.http,
                })),
                revision,
                options: settings.http,
                is_door,
                store: store::Store::new(memory_bytes),
                http: rfc9111::HttpCache::new(http_bytes, settings.purge_slots, settings.seed),
                log: RwLock::new(log),
                log_heard: watch::Sender::new(()),
                caught_up: watch::Sender::new(false),
                fills: fills::Fills::default(),
                rates: rate::Rates::new(settings.rates, metrics.clone()),
                upstream: Arc::new(measured),
                clock: settings.clock,
                log_silence_max_ms: settings.log_silence_max_ms,
                requests: AtomicUsize::new(0),
                connections: OnceLock::new(),
                metrics,
                traces,
            }),
        }
    }

    /// Follows the origin's purge log until the future is dropped, reconnecting when the stream ends or falls silent.
    pub async fn follow_log(&self) {
        follow::follow(&self.inner).await;
    }

    /// Whether the edge has ever reached the log's end.
    pub fn has_caught_up(&self) -> bool {
        *self.inner.caught_up.borrow()
    }

    /// Resolves when the edge has first reached the log's end. What it stores before, it may have to fetch again.
    pub async fn caught_up(&self) {
        // The sender lives as long as the edge, so that waiting cannot fail.
        let _ = self.inner.caught_up.subscribe().wait_for(|reached| *reached).await;
    }

    /// Up to where the edge knows the log; `None` before it has heard of it.
    pub fn log_position(&self) -> Option<Position> {
        self.inner.read_log(PurgeLog::position)
    }

    /// Tells `observer` of requests whose trace is recorded, from now on. Only the first observer is told.
    pub fn observe(&self, observer: Arc<dyn spans::Observer>) {
        self.inner.traces.observe(observer);
    }

    /// What it has counted so far.
    pub fn metrics(&self) -> &metrics::Metrics {
        &self.inner.metrics
    }

    /// What it holds at the moment.
    pub fn holds(&self) -> Holds {
        let inner = &self.inner;
        let [own, http] = [inner.store.extent(), inner.http.extent()];
        let connections = inner.connections.get();
        Holds {
            entries: own.0 + http.0,
            entry_bytes: own.1 + http.1,
            connections: connections.map_or(0, |connections| connections.open()),
            connections_refused: connections.map_or(0, |connections| connections.refused()),
            requests: inner.requests.load(Ordering::Relaxed),
            collapsed: inner.fills.waiting_in_all() + inner.http.waiting_in_all(),
        }
    }

    /// How many requests wait for the fill of a key.
    pub fn waiting_requests(&self, key: &str) -> usize {
        self.inner.fills.waiting(key) + self.inner.http.waiting(key)
    }

    /// Purges what the class `http` has stored up to now under these tags, in its own log. Returns where that log stands.
    pub fn purge_http(&self, tags: &[TagHash]) -> Position {
        self.inner.http.purge(tags);
        self.inner.http.position()
    }

    /// How many entries a purge of these tags would name. It walks the whole store: for an operator's question.
    pub fn count_tagged(&self, tags: &[TagHash]) -> u64 {
        self.inner.census(tags)
    }

    /// Whether it serves routes of a Stepwell origin, and so follows its log.
    pub fn has_routes(&self) -> bool {
        self.inner.core.load().edge.router.has_routes()
    }

    /// Whether the edge has caught up with the log, so that it may serve from its store.
    pub fn is_ready(&self) -> bool {
        !self.inner.read_log(|log| log.is_silent(self.inner.now()))
    }
}

/// Bytes for entries of Stepwell's own classes and of the class `http`. Most edges serve one kind alone.
const fn shares(router: &Router, memory_bytes: u64) -> (u64, u64) {
    match (router.has_routes(), router.leaves_any_other()) {
        (_, false) => (memory_bytes, 0),
        (false, true) => (0, memory_bytes),
        (true, true) => (memory_bytes / 2, memory_bytes / 2),
    }
}

impl Inner {
    /// From now on these are its clients' connections.
    fn watch_connections(&self, connections: &Arc<Admission>) {
        // A second listener of the same edge, which only tests have, is not watched.
        let _ = self.connections.set(connections.clone());
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Changes the copy of the log.
    fn write_log(&self, write: impl FnOnce(&mut PurgeLog)) {
        write(&mut self.log.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Reads the copy of the log. A panic elsewhere cannot leave it half changed, so poison is passed over.
    fn read_log<T>(&self, read: impl FnOnce(&PurgeLog) -> T) -> T {
        read(&self.log.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Resolves when the copy of the log includes a position.
    async fn heard_of(&self, position: Position) {
        let mut heard = self.log_heard.subscribe();
        while !self.read_log(|log| log.position().is_some_and(|known| known.includes(position))) {
            // The sender lives as long as the edge, so that waiting cannot fail.
            let _ = heard.changed().await;
        }
    }

    /// How many entries a purge of these tags would drop.
    fn census(&self, tags: &[TagHash]) -> u64 {
        self.store.count_tagged(tags) + self.http.count_tagged(tags)
    }
}
