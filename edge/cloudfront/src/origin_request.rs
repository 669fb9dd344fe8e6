//! Behind CloudFront's cache: a miss, or what is never cached, as the origin takes it from an edge.
//!
//! It decides everything anew. Behaviours that serve what everybody may read have no [`crate::viewer_request`] before
//! them, so that nothing that arrives here can be taken for our own.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use stepwell_edge_core::forward::{clean_request, shared_headers};
use stepwell_edge_core::pipeline::Received;
use stepwell_shared::time::Timestamp;

use crate::event::{Occasion, Returned};
use crate::fields;
use crate::function::{Function, head, put_target};
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
    let key = head.headers.get(KEY).cloned();
    let (mut headers, is_own) = match function.receive(&head, now) {
        Received::Answer(response) => return answered(function, &head, response),
        Received::Http(_) => return Returned::Request(Box::new(request)),
        Received::Forward(forward) => {
            put_target(&mut request, &forward.target);
            let mut headers = head.headers.clone();
            clean_request(&mut headers);
            (headers, false)
        }
        Received::LookUp(lookup) => {
            put_target(&mut request, lookup.target());
            let mut headers = shared_headers(lookup.bookmark, None);
            if let Some(caller) = &lookup.caller
                && let Ok(credentials) = HeaderValue::try_from(format!("Bearer {}", caller.token))
            {
                headers.insert(AUTHORIZATION, credentials);
            }
            (headers, lookup.caller.is_some())
        }
    };
    headers.extend(key.map(|key| (KEY, key)));
    function.signer.put_on(&head.method, &request, &mut headers, is_own, now);
    request.headers = fields::replaced(&request.headers, &headers);
    Returned::Request(Box::new(request))
}

/// The token that [`crate::viewer_request`] carried past the cache. A viewer that sends one itself says no more than with
/// `Authorization`: it is verified either way.
fn restore_credentials(headers: &mut HeaderMap) {
    if let Some(credentials) = headers.remove(CREDENTIALS) {
        headers.insert(AUTHORIZATION, credentials);
    }
}
