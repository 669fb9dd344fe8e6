//! A body for tests.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame};

use crate::body::BodyError;

/// Chunks that come one at a time, and may break off.
pub(crate) struct Chunks(Vec<Result<Bytes, &'static str>>);

impl Chunks {
    pub(crate) fn of(text: &str) -> Self {
        Self(if text.is_empty() { Vec::new() } else { vec![Ok(Bytes::copy_from_slice(text.as_bytes()))] })
    }

    pub(crate) fn broken(text: &str) -> Self {
        Self(vec![Ok(Bytes::copy_from_slice(text.as_bytes())), Err("it broke off")])
    }
}

impl Body for Chunks {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let first = if self.0.is_empty() { None } else { Some(self.0.remove(0)) };
        Poll::Ready(first.map(|chunk| chunk.map(Frame::data).map_err(Into::into)))
    }
}
