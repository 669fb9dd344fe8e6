//! The answer to a client.

use std::future::poll_fn;
use std::pin::Pin;

use futures_util::StreamExt as _;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, Response};
use http_body::{Body as _, Frame};
use stepwell_edge_portable::AnswerBody;
use wasm_streams::ReadableStream;
use worker::js_sys::Uint8Array;
use worker::wasm_bindgen::{JsCast as _, JsValue};
use worker::web_sys::{self, ResponseInit};
use worker::worker_sys::FixedLengthStream as FixedLengthStreamSys;
use worker::{Error, FixedLengthStream};

use crate::body::Streamed;
use crate::header;

/// Makes it JavaScript's.
pub(crate) fn write(answer: Response<AnswerBody<Streamed>>) -> worker::Result<worker::Response> {
    let (head, body) = answer.into_parts();
    let init = ResponseInit::new();
    init.set_status(head.status.as_u16());
    init.set_headers(header::write(&head.headers)?.as_ref());
    let stream = match body {
        AnswerBody::Whole(bytes) if !bytes.is_empty() => {
            let array = Uint8Array::from(&bytes[..]);
            return Ok(web_sys::Response::new_with_opt_js_u8_array_and_init(Some(&array), &init)?.into());
        }
        AnswerBody::Whole(_) | AnswerBody::Streamed(Streamed::Nothing) => None,
        AnswerBody::Streamed(Streamed::Raw(stream)) => Some(stream),
        read => Some(pumped(read, length(&head.headers))),
    };
    Ok(web_sys::Response::new_with_opt_readable_stream_and_init(stream.as_ref(), &init)?.into())
}

/// How many bytes are to come, where that is known. Of a coded body it is not: what is read of it here was decoded.
fn length(headers: &HeaderMap) -> Option<u64> {
    let length = headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()?;
    (!headers.contains_key(CONTENT_ENCODING)).then_some(length)
}

/// A stream of what is read here, chunk by chunk, as fast as the client takes it.
fn pumped(body: AnswerBody<Streamed>, length: Option<u64>) -> web_sys::ReadableStream {
    let frames = futures_util::stream::unfold(body, |mut body| async move {
        let frame = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await?;
        Some((frame, body))
    });
    let chunks = frames.filter_map(async |frame| match frame.map(Frame::into_data) {
        Ok(Ok(data)) => Some(Ok(data)),
        Ok(Err(_)) => None,
        Err(error) => Some(Err(error.to_string())),
    });
    if let Some(length) = length {
        // Workers say the length of a body only where its stream vouches for it.
        let chunks = chunks.map(|chunk| chunk.map(Vec::from).map_err(Error::RustError));
        return FixedLengthStreamSys::from(FixedLengthStream::wrap(chunks, length)).readable();
    }
    let chunks = chunks.map(|chunk| match chunk {
        Ok(data) => Ok(JsValue::from(Uint8Array::from(&data[..]))),
        Err(error) => Err(JsValue::from(error)),
    });
    ReadableStream::from_stream(chunks).into_raw().unchecked_into()
}
