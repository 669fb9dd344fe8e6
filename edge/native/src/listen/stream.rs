//! A client's stream as its connection watches it: whether anything came, and whether what is sent is taken.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// Whether anything was read since somebody last asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Pulse(Arc<AtomicBool>);

impl Pulse {
    pub(super) fn forget(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    pub(super) fn has_beaten(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A stream that fails when its client takes nothing for too long.
pub(super) struct Watched<S> {
    stream: S,
    pulse: Pulse,
    stall_max: Duration,
    /// Made when the client first has to be waited for.
    timer: Option<Pin<Box<Sleep>>>,
    is_stalled: bool,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, pulse: Pulse, stall_max: Duration) -> Self {
        Self { stream, pulse, stall_max, timer: None, is_stalled: false }
    }

    /// Lets a write wait, for a bounded time in one go.
    fn bounded<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.is_stalled = false;
            return written;
        }
        let limit = self.stall_max;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(limit)));
        if !std::mem::replace(&mut self.is_stalled, true) {
            timer.as_mut().reset(Instant::now() + limit);
        }
        timer.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            this.pulse.0.store(true, Ordering::Relaxed);
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.bounded(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, parts);
        this.bounded(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.stream).poll_flush(cx);
        this.bounded(cx, flushed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let shut = Pin::new(&mut this.stream).poll_shutdown(cx);
        this.bounded(cx, shut)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_given_up_and_a_slow_one_is_not() {
        let (ours, mut client) = duplex(4);
        let mut stream = Watched::new(ours, Pulse::default(), Duration::from_secs(30));
        let began = Instant::now();
        let taking = async {
            // A byte now and then: 100 s in all, and no pause as long as the limit.
            for _ in 0..5 {
                sleep(Duration::from_secs(20)).await;
                client.read_u8().await.unwrap();
            }
        };
        let (sent, ()) = tokio::join!(stream.write_all(b"0123456789abcdef"), taking);
        assert_eq!(sent.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(began.elapsed().as_secs(), 130);
    }

    #[tokio::test]
    async fn its_pulse_is_what_the_client_sends() {
        let (ours, mut client) = duplex(4);
        let pulse = Pulse::default();
        let mut stream = Watched::new(ours, pulse.clone(), Duration::from_secs(30));
        stream.write_all(b"a").await.unwrap();
        assert!(!pulse.has_beaten());
        client.write_all(b"a").await.unwrap();
        stream.read_u8().await.unwrap();
        assert!(pulse.has_beaten());
        pulse.forget();
        drop(client);
        assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
        assert!(!pulse.has_beaten());
    }
}
