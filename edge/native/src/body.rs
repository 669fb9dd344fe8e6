//! Bodies of answers: whole from the store, or streamed from the origin.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, BodyStream, Full, StreamBody};

/// What a body fails with.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// A body of any origin.
pub type Body = UnsyncBoxBody<Bytes, BodyError>;

/// A whole body.
pub fn whole(bytes: Bytes) -> Body {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

/// The body of an answer to a client. A stored one is not boxed: hits are the hot path.
pub enum EdgeBody {
    /// Whole; taken when it is sent.
    Whole(Option<Bytes>),
    /// Streamed.
    Streamed(Body),
}

impl Default for EdgeBody {
    fn default() -> Self {
        Self::Whole(None)
    }
}

impl From<Bytes> for EdgeBody {
    fn from(bytes: Bytes) -> Self {
        Self::Whole(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }
}

impl HttpBody for EdgeBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Streamed(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_none(),
            Self::Streamed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Streamed(body) => body.size_hint(),
        }
    }
}

/// Why a body could not be read whole.
pub(crate) enum ReadError {
    /// Over the limit; the whole body again, what was read in front of what was not.
    TooLarge(Body),
    /// It broke off.
    Broken(BodyError),
}

/// Reads a body of up to so many bytes.
pub(crate) async fn read_whole(mut body: Body, limit_bytes: usize) -> Result<Bytes, ReadError> {
    let mut chunks: Vec<Bytes> = Vec::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(ReadError::Broken)?.into_data() else { continue };
        length += data.len();
        chunks.push(data);
        if length > limit_bytes {
            return Err(ReadError::TooLarge(chain(chunks, body)));
        }
    }
    Ok(match <[Bytes; 1]>::try_from(chunks) {
        Ok([only]) => only,
        Err(chunks) => chunks.concat().into(),
    })
}

/// A body that begins with what was read of it.
pub(crate) fn chain(chunks: Vec<Bytes>, rest: Body) -> Body {
    let read = futures_util::stream::iter(chunks.into_iter().map(|data| Ok(Frame::data(data))));
    let rest = BodyStream::new(rest);
    BodyExt::boxed_unsync(StreamBody::new(futures_util::StreamExt::chain(read, rest)))
}
