//! Requests that go to the origin as their sender's own: writes, private reads, what passes.

use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, Uri};
use http_body::Body as _;
use stepwell_edge_core::cache::decide::Reason;
use stepwell_edge_core::cache::unstored;
use stepwell_edge_core::forward::clean_request;
use stepwell_edge_core::pipeline::Forward;
use stepwell_edge_core::respond;
use stepwell_shared::limits::BODY_BYTES_MAX;
use stepwell_shared::problem::{Code, Problem};
use stepwell_shared::routes::Class;

use crate::body::{AnswerBody, Sent};
use crate::host::Host;
use crate::sending::For;
use crate::{Road, problem};

/// The request's target and class, out of the head that they were read from.
pub(crate) struct Plan {
    target: Uri,
    class: Class,
    reason: Reason,
}

impl From<Forward<'_>> for Plan {
    fn from(forward: Forward<'_>) -> Self {
        // A normalised target consists of characters that a URI can hold.
        let target = forward.target.parse().unwrap_or_default();
        Self { target, class: forward.class, reason: forward.reason }
    }
}

impl<H: Host> Road<H> {
    /// Sends the request on and hands the answer back as it streams. A body that does not say its length is the origin's
    /// to bound.
    pub(crate) async fn forward(
        &self,
        plan: Plan,
        mut head: Parts,
        body: H::Body,
    ) -> Response<AnswerBody<H::Body>> {
        if declared_length(&head.headers).is_some_and(|length| length > BODY_BYTES_MAX as u64) {
            let why = format!("at most {BODY_BYTES_MAX} bytes");
            return respond::problem(&Problem::new(Code::BodyTooLarge, why)).map(AnswerBody::Whole);
        }
        clean_request(&mut head.headers);
        self.trace.put_on(&mut head.headers);
        let looks = head.method == Method::GET || head.method == Method::HEAD;
        let is_empty = looks || body.is_end_stream();
        let mut request = Request::new(if is_empty { Sent::Nothing } else { Sent::Streamed(body) });
        *request.method_mut() = head.method;
        *request.uri_mut() = plan.target;
        *request.headers_mut() = head.headers;
        match self.ask(request, For::Client).await {
            Ok(response) => {
                self.hear_of(response.headers()).await;
                let mut response = response.map(AnswerBody::Streamed);
                unstored::of_class(response.headers_mut(), plan.class, plan.reason);
                response
            }
            Err(_) => problem(Code::OriginUnreachable),
        }
    }
}

pub(crate) fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
