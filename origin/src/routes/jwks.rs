//! `GET /.well-known/jwks.json`: the public keys of access tokens.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;

use super::answer::{Public, etag_of};
use crate::app::App;
use crate::collections::collection::Lifetimes;

/// Where it is.
pub const PATH: &str = "/.well-known/jwks.json";
/// A new key must reach those who verify soon; a change of keys purges the path.
const LIFETIMES: Lifetimes = Lifetimes { edge_s: 300, stale_s: 3600 };

/// 200 with a JWK Set (RFC 7517 §5).
pub async fn jwks(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    // Before the keys are read: a change that comes between is purged after it.
    let position = app.database.tail.head();
    let body = app.tokens.keys().jwks().to_string();
    let etag = Some(etag_of(body.as_bytes()));
    Public { lifetimes: LIFETIMES, tags: Vec::new(), position, etag }.json(&headers, body)
}
