//! Bodies, which JavaScript streams. One that is only handed on is never looked into, so that its bytes stay outside.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream as _;
use http_body::{Body, Frame};
use stepwell_edge_portable::BodyError;
use wasm_streams::readable::IntoStream;
use worker::js_sys::Uint8Array;
use worker::wasm_bindgen::JsCast as _;
use worker::web_sys::ReadableStream;

use crate::header::said;

/// A body of a request or of an answer.
pub(crate) enum Streamed {
    /// None.
    Nothing,
    /// Untouched.
    Raw(ReadableStream),
    /// Being read.
    Read(IntoStream<'static>),
}

impl Streamed {
    pub(crate) fn of(stream: Option<ReadableStream>) -> Self {
        stream.map_or(Self::Nothing, Self::Raw)
    }
}

impl Body for Streamed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        if let Self::Raw(stream) = this {
            *this = Self::Read(wasm_streams::ReadableStream::from_raw(stream.clone()).into_stream());
        }
        let Self::Read(stream) = this else { return Poll::Ready(None) };
        Pin::new(stream).poll_next(cx).map(|chunk| {
            let chunk = match chunk? {
                Ok(chunk) => chunk,
                Err(error) => return Some(Err(said(&error).into())),
            };
            Some(match chunk.dyn_into::<Uint8Array>() {
                Ok(array) => Ok(Frame::data(array.to_vec().into())),
                Err(other) => Err(said(&other).into()),
            })
        })
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Nothing)
    }
}
