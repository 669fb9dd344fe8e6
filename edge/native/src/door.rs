//! The door of an origin that has no edge in its process: the listener and its bounds, and behind them every request goes
//! to the origin as it came. Nothing is decided here, stored or removed: the edges that send have done so, and have signed
//! what they sent.

use std::time::Instant;

use http::Request;
use http::request::Parts;
use http_body_util::{BodyExt as _, Limited};
use stepwell_edge_core::respond;
use stepwell_shared::limits::BODY_BYTES_MAX;
use stepwell_shared::problem::{Code, Problem};

use crate::Inner;
use crate::body::EdgeBody;
use crate::fetch::Answered;
use crate::upload::Upload;

/// Hands a request to the origin and its answer back as it streams.
pub(crate) async fn pass(inner: &Inner, head: Parts, body: Upload) -> Answered {
    let began = Instant::now();
    let request = Request::from_parts(head, Limited::new(body, BODY_BYTES_MAX).boxed_unsync());
    match inner.upstream.send(request).await {
        Ok(response) => (response.map(EdgeBody::Streamed), Some(began.elapsed())),
        Err(error) => {
            tracing::warn!(%error, "no answer from the origin");
            (respond::problem(&Problem::from(Code::OriginUnreachable)).map(EdgeBody::from), None)
        }
    }
}
