//! How long a connection of HTTP/1 waits for a request.
//!
//! hyper has one limit, from the end of a request to the end of the next one's header. Two are wanted: a client may rest
//! for a minute between requests, and may not take a minute to send a header. hyper asks a timer of ours for its limit,
//! and looks at it whenever the header is not there yet; the stream below says whether any of it is.
//!
//! A connection has one timer of the runtime for all its requests. A deadline that moves back, as it does with each
//! request, is only noted: the timer fires once at the old one and is set again, instead of at each request.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};

use super::stream::Pulse;

/// The timer of one connection.
#[derive(Clone)]
pub(super) struct Patience {
    pulse: Pulse,
    header_timeout: Duration,
    /// Made when first waited for: many connections have their first request at once.
    timer: Arc<Mutex<Option<Pin<Box<tokio::time::Sleep>>>>>,
}

/// The wait for one request's header.
struct Wait {
    patience: Patience,
    deadline: Instant,
    has_begun: bool,
}

impl Patience {
    pub(super) fn new(pulse: Pulse, header_timeout: Duration) -> Self {
        Self { pulse, header_timeout, timer: Arc::default() }
    }
}

impl Timer for Patience {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        self.pulse.forget();
        Box::pin(Wait { patience: self.clone(), deadline, has_begun: false })
    }

    fn now(&self) -> Instant {
        // The runtime's, which tests can turn.
        tokio::time::Instant::now().into_std()
    }
}

impl Sleep for Wait {}

impl Future for Wait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { patience, deadline, has_begun } = self.get_mut();
        if !*has_begun && patience.pulse.has_beaten() {
            *has_begun = true;
            *deadline = patience.now() + patience.header_timeout;
        }
        let mut timer = patience.timer.lock().unwrap_or_else(PoisonError::into_inner);
        let until = tokio::time::Instant::from_std(*deadline);
        let timer = timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
        if timer.deadline() > until {
            timer.as_mut().reset(until);
        }
        while timer.as_mut().poll(cx).is_ready() {
            if timer.deadline() >= until {
                return Poll::Ready(());
            }
            timer.as_mut().reset(until);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::super::stream::Watched;
    use super::*;

    const IDLE: Duration = Duration::from_secs(75);
    const HEADER: Duration = Duration::from_secs(10);

    /// How many seconds the wait goes on.
    async fn waits(wait: &mut Pin<Box<dyn Sleep>>) -> u64 {
        let began = tokio::time::Instant::now();
        wait.await;
        began.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_may_rest_long_and_then_has_to_be_quick() {
        let (ours, mut client) = duplex(64);
        let pulse = Pulse::default();
        let mut stream = Watched::new(ours, pulse.clone(), IDLE);
        let patience = Patience::new(pulse, HEADER);
        assert_eq!(waits(&mut patience.sleep(IDLE)).await, 75);

        let mut wait = patience.sleep(IDLE);
        assert!((&mut wait).now_or_never().is_none());
        tokio::time::sleep(Duration::from_mins(1)).await;
        client.write_all(b"G").await.unwrap();
        stream.read_u8().await.unwrap();
        assert_eq!(waits(&mut wait).await, 10);

        // Also one that begins at the end of its rest.
        let mut wait = patience.sleep(IDLE);
        tokio::time::sleep(Duration::from_secs(70)).await;
        client.write_all(b"G").await.unwrap();
        stream.read_u8().await.unwrap();
        assert_eq!(waits(&mut wait).await, 10);
    }

    #[tokio::test(start_paused = true)]
    async fn each_request_has_its_own_time_whatever_the_one_before_took() {
        let patience = Patience::new(Pulse::default(), HEADER);
        let mut former = patience.sleep(IDLE);
        assert!((&mut former).now_or_never().is_none());
        tokio::time::sleep(Duration::from_secs(50)).await;
        drop(former);
        let began = tokio::time::Instant::now();
        patience.sleep(IDLE).await;
        assert_eq!(began.elapsed(), IDLE);
    }
}
