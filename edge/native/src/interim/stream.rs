//! The stream under hyper: passes everything through, and puts what waits between two messages.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use hyper::rt::{Read, ReadBufCursor, Write};

use super::Shared;

/// A connection's stream with room for interim responses between hyper's own writes.
pub struct InterimStream<T> {
    inner: T,
    shared: Arc<Shared>,
    /// Interim responses that are being written. What has begun must end before anything else is written.
    begun: Bytes,
    /// Whether hyper has written, or tried to, since it last flushed: its buffer may hold the rest of a message.
    is_amid: bool,
}

impl<T> InterimStream<T> {
    pub(super) fn new(inner: T, shared: Arc<Shared>) -> Self {
        Self { inner, shared, begun: Bytes::new(), is_amid: false }
    }

    fn has_interims(&self) -> bool {
        !self.begun.is_empty() || self.shared.is_awake.load(Ordering::Acquire)
    }
}

impl<T: Write + Unpin> InterimStream<T> {
    /// In front of a write of hyper's. While a service works that is the rest of an answer before, or a `100`; what
    /// waits then goes on waiting for a flush.
    fn poll_before_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_begun(cx))?;
        let mut state = self.shared.lock();
        if !state.is_open {
            let last = std::mem::take(&mut state.waiting);
            self.shared.is_awake.store(false, Ordering::Release);
            if !self.is_amid {
                self.begun = last.into();
            }
        }
        drop(state);
        self.poll_begun(cx)
    }

    /// At a flush, where hyper's buffer is empty.
    fn poll_at_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.poll_begun(cx))?;
            let mut state = self.shared.lock();
            if state.waiting.is_empty() {
                if state.is_open {
                    let task = cx.waker();
                    state.connection.get_or_insert_with(|| task.clone()).clone_from(task);
                }
                return Poll::Ready(Ok(()));
            }
            self.begun = std::mem::take(&mut state.waiting).into();
        }
    }

    fn poll_begun(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.begun.is_empty() {
            let written = ready!(Pin::new(&mut self.inner).poll_write(cx, &self.begun))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.begun.advance(written);
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: Write + Unpin> Write for InterimStream<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.has_interims() {
            ready!(this.poll_before_write(cx))?;
        }
        this.is_amid = true;
        Pin::new(&mut this.inner).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.has_interims() {
            ready!(this.poll_before_write(cx))?;
        }
        this.is_amid = true;
        Pin::new(&mut this.inner).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.is_amid = false;
        if this.has_interims() {
            ready!(this.poll_at_flush(cx))?;
        }
        Pin::new(&mut this.inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // hyper flushes first, which leaves nothing half written.
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}

impl<T: Read + Unpin> Read for InterimStream<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_read(cx, buffer)
    }
}
