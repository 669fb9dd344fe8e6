//! The answer to a client.

use http::Response;
use http::header::CONTENT_LENGTH;
use http_body::Body as _;
use spin_sdk::wasip3::http::types::{self, ErrorCode};
use stepwell_edge_core::respond;
use stepwell_edge_portable::AnswerBody;
use stepwell_shared::problem::{Code, Problem};

use crate::body::{Streamed, Written};
use crate::header;

/// The last that a host takes: what is above is no status, and is to be understood as a failure (RFC 9110 §15).
const STATUS_MAX: u16 = 599;

/// Makes it WASI's.
pub(crate) fn write(answer: Response<AnswerBody<Streamed>>) -> Result<types::Response, ErrorCode> {
    if answer.status().as_u16() > STATUS_MAX {
        return write(respond::problem(&Problem::from(Code::OriginUnreachable)).map(AnswerBody::Whole));
    }
    let (mut head, body) = answer.into_parts();
    // Hosts say a length only where they are told. What has none to come may be the answer to HEAD, which says another's.
    if let Some(length) = body.size_hint().exact().filter(|length| *length > 0) {
        head.headers.insert(CONTENT_LENGTH, length.into());
    }
    let headers = header::write(&head.headers)?;
    let Written { contents, trailers } =
        if body.is_end_stream() { Written::nothing() } else { Written::of(body) };
    let (response, _) = types::Response::new(headers, contents, trailers);
    response
        .set_status_code(head.status.as_u16())
        .map_err(|()| ErrorCode::InternalError(Some("a status that is none".to_owned())))?;
    Ok(response)
}
