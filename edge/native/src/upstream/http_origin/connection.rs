//! A connection that knows whether it has carried an answer already.

use std::io::IoSlice;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use http::Request;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{CaptureConnection, Connected, Connection, capture_connection};

use crate::body::Body;

/// The connection. What happens on one that was used before may be no fault of the request's: the origin may have closed
/// it for being idle, at the very moment at which the request was sent.
pub(super) struct Counted<S> {
    stream: S,
    use_before: UseBefore,
}

/// Whether a connection has carried an answer.
#[derive(Clone, Default)]
struct UseBefore(Arc<AtomicBool>);

/// Finds out which connection a request takes.
pub(super) struct Taken(CaptureConnection);

impl<S> Counted<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, use_before: UseBefore::default() }
    }
}

impl Taken {
    pub(super) fn by(request: &mut Request<Body>) -> Self {
        Self(capture_connection(request))
    }

    /// Whether the connection had carried an answer before this request.
    pub(super) fn was_used(&self) -> bool {
        self.use_before().is_some_and(|used| used.0.load(Ordering::Relaxed))
    }

    /// It has now.
    pub(super) fn has_answered(&self) {
        if let Some(used) = self.use_before() {
            used.0.store(true, Ordering::Relaxed);
        }
    }

    fn use_before(&self) -> Option<UseBefore> {
        let mut extras = http::Extensions::new();
        self.0.connection_metadata().as_ref()?.get_extras(&mut extras);
        extras.remove()
    }
}

impl<S: Connection> Connection for Counted<S> {
    fn connected(&self) -> Connected {
        self.stream.connected().extra(self.use_before.clone())
    }
}

impl<S: Read + Unpin> Read for Counted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: Write + Unpin> Write for Counted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }
}
