//! Requests that go to the origin as their sender's own: writes, private reads, what passes.

use std::time::{Duration, Instant};

use http::header::{CONTENT_LENGTH, EXPECT};
use http::request::Parts;
use http::{HeaderMap, Request, Response, Uri};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Limited};
use stepwell_edge_core::cache::unstored;
use stepwell_edge_core::forward::clean_request;
use stepwell_edge_core::pipeline::Forward;
use stepwell_edge_core::respond;
use stepwell_shared::headers::BOOKMARK;
use stepwell_shared::limits::{BODY_BYTES_MAX, LOG_WAIT_MAX_MS, ORIGIN_TIMEOUT_MS};
use stepwell_shared::problem::{Code, Problem};

use crate::body::EdgeBody;
use crate::fetch::Answered;
use crate::service::Noted;
use crate::upload::Upload;
use crate::upstream::{Full, Place};
use crate::{Inner, shed};

/// Bytes of a refused body that are read for the sake of its sender: a few times what would have been taken.
const PASSED_OVER_BYTES_MAX: usize = 4 * BODY_BYTES_MAX;

/// How long more of such a body is waited for: whoever is sending it sends on.
const PASSING_OVER: Duration = Duration::from_millis(200);

/// The request's target and class, out of the head that they were read from.
pub(crate) struct Plan {
    target: Uri,
    class: stepwell_shared::routes::Class,
    reason: stepwell_edge_core::cache::decide::Reason,
}

impl From<Forward<'_>> for Plan {
    fn from(forward: Forward<'_>) -> Self {
        // A normalised target consists of characters that a URI can hold.
        Self {
            target: forward.target.parse().unwrap_or_default(),
            class: forward.class,
            reason: forward.reason,
        }
    }
}

/// Sends the request on and hands the answer back as it streams.
pub(crate) async fn forward(
    inner: &Inner,
    plan: Plan,
    mut head: Parts,
    mut body: Upload,
    noted: &Noted,
) -> Answered {
    if declared_length(&head).is_some_and(|length| length > BODY_BYTES_MAX as u64) {
        let problem = Problem::new(Code::BodyTooLarge, format!("at most {BODY_BYTES_MAX} bytes"));
        if !head.headers.contains_key(EXPECT) {
            body.pass_over(PASSED_OVER_BYTES_MAX, PASSING_OVER).await;
        }
        return (respond::problem(&problem).map(EdgeBody::from), None);
    }
    let Ok(place) = enter(inner, &head, &plan, &mut body).await else {
        return shed::unread(&head, body).await;
    };
    clean_request(&mut head.headers);
    noted.trace.put_on(&mut head.headers);
    let mut request = Request::new(Limited::new(body, BODY_BYTES_MAX).boxed_unsync());
    *request.method_mut() = head.method;
    *request.uri_mut() = plan.target;
    *request.headers_mut() = head.headers;
    *request.extensions_mut() = place;
    request.extensions_mut().insert(noted.client);

    let began = Instant::now();
    let limit = Duration::from_millis(ORIGIN_TIMEOUT_MS);
    match tokio::time::timeout(limit, inner.upstream.send(request)).await {
        Ok(Ok(response)) => {
            hear_of(inner, response.headers()).await;
            let mut response: Response<EdgeBody> = response.map(EdgeBody::Streamed);
            unstored::of_class(response.headers_mut(), plan.class, plan.reason);
            (response, Some(began.elapsed()))
        }
        Ok(Err(error)) => {
            tracing::warn!(%error, "no answer from the origin");
            (respond::problem(&Problem::from(Code::OriginUnreachable)).map(EdgeBody::from), None)
        }
        Err(_) => (respond::problem(&Problem::from(Code::OriginUnreachable)).map(EdgeBody::from), None),
    }
}

/// Waits until the edge has heard of the change that an answer tells of: the next request here obeys it, whoever's. Where the
/// log comes late, the answer does not wait for it.
async fn hear_of(inner: &Inner, headers: &HeaderMap) {
    let written = headers.get(BOOKMARK).and_then(|value| value.to_str().ok()?.parse().ok());
    if let Some(position) = written {
        let wait = Duration::from_millis(LOG_WAIT_MAX_MS);
        let _ = tokio::time::timeout(wait, inner.heard_of(position)).await;
    }
}

/// Takes a place. While the body is on its way, the place is somebody else's.
async fn enter(inner: &Inner, head: &Parts, plan: &Plan, body: &mut Upload) -> Result<Place, Full> {
    let enter = || inner.upstream.enter(&head.method, plan.target.path());
    let place = enter()?;
    if place.is_empty() || body.is_end_stream() {
        return Ok(place);
    }
    drop(place);
    body.begins().await;
    enter()
}

fn declared_length(head: &Parts) -> Option<u64> {
    head.headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
