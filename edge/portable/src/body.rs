//! Bodies, of requests to the origin and of answers to clients.

use std::collections::VecDeque;
use std::error::Error;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::rfc9111::Recorded;

/// What a body fails with.
pub type BodyError = Box<dyn Error>;

/// The body of a request to the origin.
#[derive(Debug)]
pub enum Sent<B> {
    /// None.
    Nothing,
    /// The client's own, as it comes.
    Streamed(B),
}

/// The body of an answer.
pub enum AnswerBody<B> {
    /// Whole.
    Whole(Bytes),
    /// The origin's, as it comes. A host may hand it on without looking into it.
    Streamed(B),
    /// The origin's, of which something was read already.
    Resumed(Resumed<B>),
    /// The origin's, which is stored as it passes.
    Recorded(Box<Recorded<B>>),
}

/// A body that begins with what was read of it.
pub struct Resumed<B> {
    read: VecDeque<Bytes>,
    rest: B,
}

impl<B> Default for AnswerBody<B> {
    fn default() -> Self {
        Self::Whole(Bytes::new())
    }
}

impl<B> Body for AnswerBody<B>
where
    B: Body<Data = Bytes, Error = BodyError> + Unpin,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.get_mut() {
            Self::Whole(bytes) => {
                let bytes = std::mem::take(bytes);
                Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
            }
            Self::Streamed(body) => Pin::new(body).poll_frame(cx),
            Self::Resumed(Resumed { read, rest }) => match read.pop_front() {
                Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
                None => Pin::new(rest).poll_frame(cx),
            },
            Self::Recorded(recorded) => Pin::new(&mut **recorded).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Streamed(body) => body.is_end_stream(),
            Self::Resumed(Resumed { read, rest }) => read.is_empty() && rest.is_end_stream(),
            Self::Recorded(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            _ => SizeHint::default(),
        }
    }
}

/// Why a body could not be read whole.
pub(crate) enum ReadError<B> {
    /// Over the limit; the whole body again, what was read in front of what was not.
    TooLarge(AnswerBody<B>),
    /// It broke off.
    Broken,
}

/// Reads a body of up to so many bytes.
pub(crate) async fn read_whole<B>(mut body: B, limit_bytes: usize) -> Result<Bytes, ReadError<B>>
where
    B: Body<Data = Bytes, Error = BodyError> + Unpin,
{
    let mut chunks = VecDeque::<Bytes>::new();
    let mut length = 0;
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(data) = frame.map_err(|_| ReadError::Broken)?.into_data() else { continue };
        length += data.len();
        chunks.push_back(data);
        if length > limit_bytes {
            return Err(ReadError::TooLarge(AnswerBody::Resumed(Resumed { read: chunks, rest: body })));
        }
    }
    if chunks.len() == 1 {
        return Ok(chunks.pop_front().unwrap_or_default());
    }
    let mut whole = Vec::with_capacity(length);
    for chunk in chunks {
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.into())
}
