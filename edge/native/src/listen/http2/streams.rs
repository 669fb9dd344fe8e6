//! The requests of one HTTP/2 connection: how many are under way, since when none is, and how many were taken back.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use stepwell_shared::limits::HTTP2_RESETS_MAX;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::body::{BodyError, EdgeBody};

/// All of them.
#[derive(Clone)]
pub(super) struct Streams(Arc<Counts>);

struct Counts {
    active: AtomicUsize,
    answered: AtomicUsize,
    taken_back: AtomicUsize,
    /// When the last one ended.
    idle_since: Mutex<Instant>,
    abuse: Notify,
}

/// One of them, until it is dropped.
pub(super) struct Active {
    counts: Arc<Counts>,
    is_answered: bool,
}

/// A body with the request that it belongs to: a request is under way until all of its answer was handed to HTTP/2.
pub(super) struct Sent {
    body: EdgeBody,
    active: Active,
}

impl Streams {
    pub(super) fn new() -> Self {
        Self(Arc::new(Counts {
            active: AtomicUsize::new(0),
            answered: AtomicUsize::new(0),
            taken_back: AtomicUsize::new(0),
            idle_since: Mutex::new(Instant::now()),
            abuse: Notify::new(),
        }))
    }

    /// A request came.
    pub(super) fn begin(&self) -> Active {
        self.0.active.fetch_add(1, Ordering::Relaxed);
        Active { counts: self.0.clone(), is_answered: false }
    }

    /// Resolves when no request has been under way for so long.
    pub(super) async fn idle_for(&self, limit: Duration) {
        loop {
            let is_idle = self.0.active.load(Ordering::Relaxed) == 0;
            let since = if is_idle {
                *self.0.idle_since.lock().unwrap_or_else(PoisonError::into_inner)
            } else {
                Instant::now()
            };
            if is_idle && since.elapsed() >= limit {
                return;
            }
            sleep_until(since + limit).await;
        }
    }

    /// Resolves when the client has taken back too much.
    pub(super) async fn abused(&self) {
        self.0.abuse.notified().await;
    }
}

impl Active {
    /// There is an answer. It counts once it is sent: a request that its client broke off halfway is answered as well, and
    /// nobody takes that answer.
    pub(super) fn until_sent(mut self, body: EdgeBody) -> Sent {
        if body.is_end_stream() {
            self.is_taken();
        }
        Sent { body, active: self }
    }

    fn is_taken(&mut self) {
        if !std::mem::replace(&mut self.is_answered, true) {
            self.counts.answered.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        let counts = &self.counts;
        if !self.is_answered {
            let taken_back = counts.taken_back.fetch_add(1, Ordering::Relaxed) + 1;
            if taken_back > HTTP2_RESETS_MAX + counts.answered.load(Ordering::Relaxed) {
                counts.abuse.notify_one();
            }
        }
        *counts.idle_since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        counts.active.fetch_sub(1, Ordering::Relaxed);
    }
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        // The head is on its way, else nobody asked for more.
        this.active.is_taken();
        Pin::new(&mut this.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Duration = Duration::from_secs(75);

    #[tokio::test(start_paused = true)]
    async fn a_connection_idles_from_the_end_of_its_last_answer() {
        let streams = Streams::new();
        let began = Instant::now();
        let answer = streams.begin().until_sent(EdgeBody::default());
        let answering = async {
            tokio::time::sleep(Duration::from_secs(100)).await;
            drop(answer);
        };
        tokio::join!(streams.idle_for(IDLE), answering);
        assert_eq!(began.elapsed().as_secs(), 175);
    }

    #[test]
    fn to_take_back_a_page_is_no_abuse_and_to_take_back_everything_is() {
        let streams = Streams::new();
        let is_abused = || futures_util::FutureExt::now_or_never(streams.abused()).is_some();
        drop(streams.begin().until_sent(EdgeBody::default()));
        for _ in 0..=HTTP2_RESETS_MAX {
            drop(streams.begin());
        }
        assert!(!is_abused());
        drop(streams.begin());
        assert!(is_abused());
    }

    #[test]
    fn an_answer_counts_once_its_client_takes_it() {
        let streams = Streams::new();
        let is_abused = || futures_util::FutureExt::now_or_never(streams.abused()).is_some();
        let answer = || streams.begin().until_sent(EdgeBody::from(Bytes::from_static(b"answer")));
        for _ in 0..10 {
            let mut taken = answer();
            let polled = Pin::new(&mut taken).poll_frame(&mut Context::from_waker(std::task::Waker::noop()));
            assert!(polled.is_ready());
        }
        for _ in 0..10 + HTTP2_RESETS_MAX {
            drop(answer());
        }
        assert!(!is_abused());
        drop(answer());
        assert!(is_abused());
    }
}
