//! The answer to a client.

use futures_util::StreamExt as _;
use http::Response;
use http::header::CONTENT_LENGTH;
use http_body::Body as _;
use stepwell_edge_portable::AnswerBody;
use wasm_streams::ReadableStream;
use worker::js_sys::Uint8Array;
use worker::wasm_bindgen::{JsCast as _, JsValue};
use worker::web_sys::{self, ResponseInit};

use crate::body::Streamed;
use crate::header;

/// Makes it JavaScript's.
pub(crate) fn write(answer: Response<AnswerBody<Streamed>>) -> worker::Result<worker::Response> {
    let (mut head, body) = answer.into_parts();
    if !matches!(body, AnswerBody::Whole(_)) && !body.is_end_stream() {
        // The host frames what it streams; a length that it cannot vouch for is not said.
        let is_raw = matches!(body, AnswerBody::Streamed(Streamed::Raw(_)));
        if !is_raw {
            head.headers.remove(CONTENT_LENGTH);
        }
    }
    let init = ResponseInit::new();
    init.set_status(head.status.as_u16());
    init.set_headers(header::write(&head.headers)?.as_ref());
    let response = match body {
        AnswerBody::Whole(bytes) if bytes.is_empty() => {
            web_sys::Response::new_with_opt_str_and_init(None, &init)?
        }
        AnswerBody::Whole(bytes) => {
            let array = Uint8Array::from(&bytes[..]);
            web_sys::Response::new_with_opt_js_u8_array_and_init(Some(&array), &init)?
        }
        AnswerBody::Streamed(Streamed::Nothing) => web_sys::Response::new_with_opt_str_and_init(None, &init)?,
        AnswerBody::Streamed(Streamed::Raw(stream)) => {
            web_sys::Response::new_with_opt_readable_stream_and_init(Some(&stream), &init)?
        }
        read => {
            let stream = pumped(read);
            web_sys::Response::new_with_opt_readable_stream_and_init(Some(&stream), &init)?
        }
    };
    Ok(response.into())
}

/// A stream of what is read here, chunk by chunk, as fast as the client takes it.
fn pumped(body: AnswerBody<Streamed>) -> web_sys::ReadableStream {
    let chunks = futures_util::stream::unfold(body, |mut body| async move {
        let frame = std::future::poll_fn(|cx| std::pin::Pin::new(&mut body).poll_frame(cx)).await?;
        Some((frame, body))
    });
    let chunks = chunks.filter_map(async |frame| match frame.map(http_body::Frame::into_data) {
        Ok(Ok(data)) => Some(Ok(JsValue::from(Uint8Array::from(&data[..])))),
        Ok(Err(_)) => None,
        Err(error) => Some(Err(JsValue::from(error.to_string()))),
    });
    ReadableStream::from_stream(chunks).into_raw().unchecked_into()
}
