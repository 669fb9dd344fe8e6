//! Bodies, which WASI streams.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use spin_sdk::wasip3::http::types::{ErrorCode, Trailers};
use spin_sdk::wasip3::http_compat::{BodyWriter, IncomingRequestBody, IncomingResponseBody};
use spin_sdk::wasip3::wit_bindgen::{FutureReader, StreamReader};
use spin_sdk::wasip3::{spawn, wit_future};
use stepwell_edge_portable::BodyError;

/// A body of a request or of an answer.
pub(crate) enum Streamed {
    /// None.
    Nothing,
    /// A client's.
    Request(IncomingRequestBody),
    /// The origin's.
    Answer(IncomingResponseBody),
}

impl Body for Streamed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = match self.get_mut() {
            Self::Nothing => return Poll::Ready(None),
            Self::Request(body) => Pin::new(body).poll_frame(cx),
            Self::Answer(body) => Pin::new(body).poll_frame(cx),
        };
        frame.map(|frame| frame.map(|frame| frame.map_err(|code| code.to_string().into())))
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Request(body) => body.is_end_stream(),
            Self::Answer(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Nothing => SizeHint::with_exact(0),
            Self::Request(body) => body.size_hint(),
            Self::Answer(body) => body.size_hint(),
        }
    }
}

/// What WASI makes a message of: its bytes, none where there are none to come, and what comes behind them.
pub(crate) struct Written {
    pub(crate) contents: Option<StreamReader<u8>>,
    pub(crate) trailers: FutureReader<Result<Option<Trailers>, ErrorCode>>,
}

impl Written {
    pub(crate) fn nothing() -> Self {
        // What is never written is the default: no trailers.
        let (_, trailers) = wit_future::new(|| Ok(None));
        Self { contents: None, trailers }
    }

    /// Is read as fast as the other end takes it; one that breaks off breaks the message off.
    pub(crate) fn of(body: impl Body<Data = Bytes, Error = BodyError> + Unpin + 'static) -> Self {
        let (writer, contents, trailers) = BodyWriter::new();
        spawn(async move {
            let mut body = body.map_err(|error| error.to_string());
            // Nobody is left to tell that the other end is gone.
            let _ = writer.send_http_body(&mut body).await;
        });
        Self { contents: Some(contents), trailers }
    }
}
