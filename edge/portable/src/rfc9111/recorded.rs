//! Answers on their way from the origin to a client, and into the store as they pass.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use stepwell_shared::limits::ENTRY_BYTES_MAX;

use crate::body::BodyError;

type Keeping = Pin<Box<dyn Future<Output = ()>>>;
/// What becomes of a content that came whole.
pub(super) type Keep = Box<dyn FnOnce(Bytes) -> Keeping>;

/// A body that is stored as it is read. It goes at its reader's pace, and one that is not read to its end is not stored.
pub struct Recorded<B> {
    body: B,
    state: State,
}

enum State {
    /// So much has passed.
    Passing { chunks: Vec<Bytes>, length: usize, keep: Keep },
    /// All has passed; the end is held back until it is stored: who has read it all may ask again at once.
    Keeping { keeping: Keeping, last: Option<Frame<Bytes>> },
    /// It is stored, or too large for that.
    Done,
}

impl<B: Body<Data = Bytes, Error = BodyError> + Unpin> Recorded<B> {
    pub(super) fn new(body: B, keep: Keep) -> Self {
        Self { body, state: State::Passing { chunks: Vec::new(), length: 0, keep } }
    }

    /// Reads it to its end, for the store alone.
    pub(super) async fn run(mut self: Box<Self>) {
        while let Some(Ok(_)) = poll_fn(|cx| Pin::new(&mut *self).poll_frame(cx)).await {
            if matches!(self.state, State::Done) {
                return;
            }
        }
    }

    /// Notes what has passed, and holds it back where it is the last.
    fn pass(&mut self, frame: Frame<Bytes>) -> Option<Frame<Bytes>> {
        let State::Passing { chunks, length, .. } = &mut self.state else { return Some(frame) };
        if let Some(data) = frame.data_ref() {
            *length += data.len();
            if *length > ENTRY_BYTES_MAX {
                self.state = State::Done;
                return Some(frame);
            }
            chunks.push(data.clone());
        }
        if self.body.is_end_stream() {
            self.end(Some(frame));
            return None;
        }
        Some(frame)
    }

    fn end(&mut self, last: Option<Frame<Bytes>>) {
        if let State::Passing { chunks, keep, .. } = std::mem::replace(&mut self.state, State::Done) {
            self.state = State::Keeping { keeping: keep(Bytes::from(chunks.concat())), last };
        }
    }
}

impl<B: Body<Data = Bytes, Error = BodyError> + Unpin> Body for Recorded<B> {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        loop {
            match &mut this.state {
                State::Done => return Pin::new(&mut this.body).poll_frame(cx),
                State::Keeping { keeping, last } => {
                    ready!(keeping.as_mut().poll(cx));
                    let last = last.take();
                    this.state = State::Done;
                    return Poll::Ready(last.map(Ok));
                }
                State::Passing { .. } => match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                    None => this.end(None),
                    Some(Err(error)) => {
                        // Nobody sees it as whole (RFC 9111 §3.3).
                        this.state = State::Done;
                        return Poll::Ready(Some(Err(error)));
                    }
                    Some(Ok(frame)) => {
                        if let Some(frame) = this.pass(frame) {
                            return Poll::Ready(Some(Ok(frame)));
                        }
                    }
                },
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
