//! Before CloudFront's cache: who asks, whether they may, and under which key.

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, Response};
use stepwell_edge_core::forward::clean_request;
use stepwell_edge_core::pipeline::{LookUp, Received};
use stepwell_edge_core::respond;
use stepwell_shared::problem::Problem;
use stepwell_shared::time::Timestamp;

use crate::event::{self, Occasion, Returned};
use crate::fields;
use crate::function::{Function, common, head, put_target};
use crate::key::{self, CREDENTIALS, KEY};

/// What is done with a viewer's request.
pub fn handle(function: &Function, occasion: Occasion, now: Timestamp) -> Returned {
    let Occasion { config, mut request, .. } = occasion;
    let head = match head(&request) {
        Ok(head) => head,
        Err(problem) => return refused(&problem),
    };
    let headers = match function.receive(&head, now) {
        Received::Answer(response) => return answered(function, &head, response),
        // Nothing of ours: CloudFront goes by what the origin says, as HTTP has it.
        Received::Http(_) => return Returned::Request(Box::new(request)),
        Received::Forward(forward) => {
            put_target(&mut request, &forward.target);
            own(head.headers, &config.request_id)
        }
        Received::LookUp(lookup) => {
            put_target(&mut request, lookup.target());
            keyed(&lookup)
        }
    };
    request.headers = fields::replaced(&request.headers, &headers);
    Returned::Request(Box::new(request))
}

/// The header of a request whose answer is its sender's own. It is found under a key of its own, so that CloudFront does
/// not have it wait for another's, either.
fn own(mut headers: HeaderMap, request_id: &str) -> HeaderMap {
    clean_request(&mut headers);
    if let Some(credentials) = headers.remove(AUTHORIZATION) {
        headers.insert(CREDENTIALS, credentials);
    }
    headers.insert(KEY, key::alone(request_id));
    headers
}

/// The header of a request whose answer may be stored: the key, who asks where that matters, and whatever the client
/// holds the answer against, which CloudFront answers itself.
fn keyed(lookup: &LookUp<'_>) -> HeaderMap {
    let mut headers = common(lookup, CREDENTIALS);
    let account = lookup.caller.as_ref().map(|caller| caller.claims.sub);
    headers.insert(KEY, key::of(account, lookup.bookmark));
    headers
}

/// A request that cannot be read.
pub(crate) fn refused(problem: &Problem) -> Returned {
    Returned::Response(generated(&respond::problem(problem)))
}

/// What the edge answers itself, for pages of other origins too where they may read it.
pub(crate) fn answered(function: &Function, head: &Parts, mut response: Response<Bytes>) -> Returned {
    if let Some(sharing) = function.edge.sharing(&head.method, &head.headers) {
        sharing.put_on(response.headers_mut());
    }
    // A viewer reaches CloudFront by TLS, or is sent there by the generated behaviours.
    respond::under_tls(response.headers_mut());
    Returned::Response(generated(&response))
}

/// In CloudFront's form. All such bodies are JSON.
fn generated(response: &Response<Bytes>) -> event::Response {
    let status = response.status();
    event::Response {
        status: status.as_str().to_owned(),
        status_description: status.canonical_reason().unwrap_or_default().to_owned(),
        headers: fields::write(response.headers()),
        body: Some(String::from_utf8_lossy(response.body()).into_owned()),
    }
}
