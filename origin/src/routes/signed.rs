//! The door of an origin whose edges are elsewhere: what no edge of ours has signed goes no further.
//!
//! What an edge says of its client counts from here on, and nothing else that a request says of where it comes from. Who
//! may read or write what is not the edge's to say: every route asks that itself.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{IntoResponse as _, Response};
use http::header::{FORWARDED, HOST};
use http::request::Parts;
use http::{HeaderValue, Method};
use stepwell_shared::edge_signature::{EdgeKeys, Unsigned, verify};
use stepwell_shared::forwarded::Forwarded;
use stepwell_shared::headers::{PURPOSE, PURPOSE_EDGE};
use stepwell_shared::problem::Problem;

use super::answer;
use super::client::ClientAddress;
use super::refused::Refused;
use crate::app::FromEdge;
use crate::clock::Clock;

/// What a balancer asks without a signature.
const OPEN: [&str; 2] = ["/healthz", "/readyz"];

struct Door {
    keys: EdgeKeys,
    clock: Clock,
}

/// The routes, for these edges alone.
pub fn for_edges(routes: Router, keys: EdgeKeys, clock: Clock) -> Router {
    let door = Arc::new(Door { keys, clock });
    routes.layer(from_fn_with_state(door, signed)).layer(map_response(answer::secured))
}

async fn signed(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let reads = head.method == Method::GET || head.method == Method::HEAD;
    if !(reads && OPEN.contains(&head.uri.path()))
        && let Err(problem) = door.admit(&mut head)
    {
        tracing::debug!(why = problem.detail, "a request is refused that no edge has signed");
        return Refused(problem).into_response();
    }
    next.run(Request::from_parts(head, body)).await
}

impl Door {
    /// Takes over what the edge says, if it is one.
    fn admit(&self, head: &mut Parts) -> Result<(), Problem> {
        let name = verify(head, &self.keys, self.clock.now())?;
        if head.headers.get(PURPOSE).is_some_and(|purpose| purpose == PURPOSE_EDGE) {
            head.extensions.insert(FromEdge { name: name.to_string() });
        }
        let Some(forwarded) = head.headers.get(FORWARDED) else { return Ok(()) };
        // The edge has signed it, so that it can only be another version's.
        let forwarded = forwarded.to_str().ok().and_then(Forwarded::parse).ok_or(Unsigned::Malformed)?;
        if let Some(address) = forwarded.client {
            head.extensions.insert(ClientAddress(address));
        }
        // What the client asked for; a balancer may have called this origin by another name.
        if let Some(host) = forwarded.host.and_then(|host| HeaderValue::try_from(host).ok()) {
            head.headers.insert(HOST, host);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
