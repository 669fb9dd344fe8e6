//! Interim responses (1xx, RFC 9110 §15.2) to clients, which hyper's HTTP/1 server sends none of but its own 100.
//!
//! They are written beside hyper, by the stream under it, and must never come into the middle of a message. What makes
//! that safe is the order in which hyper 1 works on one connection, and the stream checks what of it can be seen:
//!
//! - A request is handed to the service only when the answer before is complete in hyper's buffer, and while a service
//!   works, hyper writes nothing of its answer. So an interim response is taken only between [`Interims::open`] and
//!   [`Interims::close`], which is called before the answer is handed to hyper, whatever the service did.
//! - hyper flushes the stream only when its own buffer is empty. A flush while a service works is thus a place between
//!   two messages: what waits is written there.
//! - The answer may come in the same moment as what was to go before it. Then what still waits is written in front of
//!   hyper's next bytes, unless hyper has begun to write something since the last flush: that would be the rest of an
//!   earlier answer, and where in it the new one begins cannot be known. Interim responses are optional; these are dropped.
//!
//! A connection that sends none pays one look at a flag for a write.

mod message;
mod stream;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use http::{HeaderMap, Request, StatusCode, Version};
use stepwell_shared::limits::{INTERIM_BYTES_MAX, INTERIM_RESPONSES_MAX};

pub use stream::InterimStream;

/// Makes a connection's stream one that can carry interim responses, and what sends them.
pub fn over<T>(stream: T) -> (InterimStream<T>, Interims) {
    let shared = Arc::new(Shared { is_awake: AtomicBool::new(false), state: Mutex::default() });
    (InterimStream::new(stream, shared.clone()), Interims { shared })
}

/// The interim responses of one connection.
///
/// Not `Clone`, since it is for the connection's own service alone: a task beside it would not know when the answer has
/// begun. What may go elsewhere is an [`Interim`].
pub struct Interims {
    shared: Arc<Shared>,
}

/// The interim responses of one request. Sends nothing once the request is answered, so that it may outlive it.
#[derive(Clone)]
pub struct Interim {
    shared: Arc<Shared>,
    request: u64,
}

struct Shared {
    /// Whether the stream has to look at the state: a request is open, or something still waits.
    is_awake: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Counts the requests that were opened, so that a former one's handle is known.
    request: u64,
    is_open: bool,
    /// Whole interim responses that wait.
    waiting: Vec<u8>,
    /// What this request has sent so far.
    responses: usize,
    bytes: usize,
    /// The connection's task, once it has nothing more to do than to wait.
    connection: Option<Waker>,
}

impl Interims {
    /// Lets the request at hand send interim responses until it is answered. `None` if its client speaks HTTP/1.0,
    /// which does not know them (RFC 9110 §15.2). To be called by the service's own future, not by a task beside it.
    pub fn open(&self, version: Version) -> Option<Interim> {
        if version < Version::HTTP_11 {
            return None;
        }
        let mut state = self.shared.lock();
        if !state.is_open {
            let request = state.request.wrapping_add(1);
            *state = State { request, is_open: true, ..State::default() };
            self.shared.is_awake.store(true, Ordering::Release);
        }
        Some(Interim { shared: self.shared.clone(), request: state.request })
    }

    /// The answer is about to be handed to hyper: from now on nothing more is taken.
    pub fn close(&self) {
        if !self.shared.is_awake.load(Ordering::Acquire) {
            return;
        }
        let mut state = self.shared.lock();
        state.is_open = false;
        state.connection = None;
        if state.waiting.is_empty() {
            self.shared.is_awake.store(false, Ordering::Release);
        }
    }
}

impl Interim {
    /// Passes on to the client what an origin sends as interim responses to `request`.
    pub fn relay<B>(&self, request: &mut Request<B>) {
        let interim = self.clone();
        hyper::ext::on_informational(request, move |response| {
            interim.send(response.status(), response.headers());
        });
    }

    /// Sends an interim response, without fields between two hops and those of ours. Returns whether it was taken:
    /// not if the request is answered already or has sent its share, and neither `100`, which hyper sends, nor `101`.
    pub fn send(&self, status: StatusCode, headers: &HeaderMap) -> bool {
        let is_ours = status.is_informational()
            && status != StatusCode::CONTINUE
            && status != StatusCode::SWITCHING_PROTOCOLS;
        if !is_ours {
            return false;
        }
        let message = message::encode(status, headers);
        let mut state = self.shared.lock();
        let is_current = state.is_open && state.request == self.request;
        let is_within = state.responses < INTERIM_RESPONSES_MAX
            && message.len() <= INTERIM_BYTES_MAX.saturating_sub(state.bytes);
        if !(is_current && is_within) {
            return false;
        }
        state.responses += 1;
        state.bytes += message.len();
        state.waiting.extend_from_slice(&message);
        let connection = state.connection.take();
        drop(state);
        if let Some(connection) = connection {
            connection.wake();
        }
        true
    }
}

impl Shared {
    /// Nothing under the lock can panic half way, so poison is passed over.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
