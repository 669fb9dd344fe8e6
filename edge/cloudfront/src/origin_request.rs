//! Behind CloudFront's cache: a miss, or what is never cached, as the origin takes it from an edge.
//!
//! It decides everything anew. Behaviours that serve what everybody may read have no [`crate::viewer_request`] before
//! them, so that nothing that arrives here can be taken for our own.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use stepwell_edge_core::forward::clean_request;
use stepwell_edge_core::pipeline::Received;
use stepwell_shared::time::Timestamp;

use crate::event::{Occasion, Returned};
use crate::fields;
use crate::function::{Function, common, head, put_target};
use crate::key::{CREDENTIALS, KEY};
use crate::viewer_request::{answered, refused};

/// What is sent to the origin.
pub fn handle(function: &Function, occasion: Occasion, now: Timestamp) -> Returned {
    let mut request = occasion.request;
    let mut head = match head(&request) {
        Ok(head) => head,
        Err(problem) => return refused(&problem),
    };
    restore_credentials(&mut head.headers);
    let (target, mut headers, is_edges_own) = match function.receive(&head, now) {
        Received::Answer(response) => return answered(function, &head, response),
        Received::Http(_) => return Returned::Request(Box::new(request)),
        Received::Forward(forward) => {
            let mut headers = head.headers.clone();
            clean_request(&mut headers);
            (forward.target.into_owned(), headers, false)
        }
        Received::LookUp(lookup) => {
            (lookup.target().to_owned(), common(&lookup, AUTHORIZATION), lookup.caller.is_some())
        }
    };
    // For `origin_response`, which sees the request as it goes from here.
    headers.extend(head.headers.get(KEY).map(|key| (KEY, key.clone())));
    let mut sent = sent(&head, &target, fields::with_read_only(&head.headers, headers));
    function.signer.vouch(&mut sent, &request.client_ip, is_edges_own, now);
    put_target(&mut request, &target);
    request.headers = fields::replaced(&request.headers, &sent.headers);
    Returned::Request(Box::new(request))
}

/// The token that [`crate::viewer_request`] carried past the cache. A viewer that sends one itself says no more than with
/// `Authorization`: it is verified either way.
fn restore_credentials(headers: &mut HeaderMap) {
    if let Some(credentials) = headers.remove(CREDENTIALS) {
        headers.insert(AUTHORIZATION, credentials);
    }
}

/// The request as the origin gets it, which is what the signature covers.
fn sent(head: &Parts, target: &str, headers: HeaderMap) -> Parts {
    let (mut sent, ()) = http::Request::new(()).into_parts();
    sent.method = head.method.clone();
    // A normalised target consists of characters that a URI can hold.
    sent.uri = target.parse().unwrap_or_default();
    sent.headers = headers;
    sent
}
