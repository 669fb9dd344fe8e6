//! What `stepwell edge` answers on the operator's own address. There is no origin in its process: what it says of health
//! and readiness is said of the edge alone.

pub mod purge;
pub mod starting;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::{FromRequestParts, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;
use http::request::Parts;
use secrecy::SecretString;
use stepwell_edge_native::NativeEdge;
use stepwell_shared::problem::Code;

use super::caller::Operator;
use super::refused::Refused;
use super::{answer, operation, unknown_method, unknown_path};
use crate::access::operator::OperatorToken;

/// An edge that runs alone, as its operator sees it.
pub struct Alone {
    edge: NativeEdge,
    /// Without one nobody is the operator.
    token: Option<OperatorToken>,
    drains: AtomicBool,
}

impl Alone {
    /// An edge that takes requests, and the operator's token where one is configured.
    pub fn new(edge: NativeEdge, token: Option<&SecretString>) -> Arc<Self> {
        Arc::new(Self { edge, token: token.map(OperatorToken::of), drains: AtomicBool::new(false) })
    }

    /// From now on it takes no new connections, and says so.
    pub fn drain(&self) {
        self.drains.store(true, Ordering::Relaxed);
    }
}

/// What is served on the operator's address.
pub fn router(alone: Arc<Alone>) -> Router {
    Router::new()
        .route("/healthz", get(operation::alive))
        .route("/readyz", get(ready))
        .route("/v1/purges", post(purge::create))
        .fallback(unknown_path)
        .method_not_allowed_fallback(unknown_method)
        .with_state(alone)
}

/// `GET /readyz`: connections are accepted, and an edge of a Stepwell has heard the purge log to its end once. Whether the
/// origin answers now is not asked: what is stored is served without it, as far as it may be, and an edge that balancers
/// took out would serve nothing. That the log is silent is a metric.
async fn ready(State(alone): State<Arc<Alone>>) -> Result<Response, Refused> {
    if alone.drains.load(Ordering::Relaxed) {
        return Err(Refused::new(Code::Overloaded, "this edge is stopping and takes no new connections"));
    }
    if alone.edge.has_routes() && !alone.edge.has_caught_up() {
        let detail = "this edge has not heard from its origin's purge log yet";
        return Err(Refused::new(Code::Overloaded, detail));
    }
    Ok(answer::private(StatusCode::OK, r#"{"status":"ready"}"#))
}

impl FromRequestParts<Arc<Alone>> for Operator {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, alone: &Arc<Alone>) -> Result<Self, Refused> {
        let Some(token) = &alone.token else {
            let detail = "this edge has no operator's token, so that nobody may; set operator.token_file or STEPWELL_OPERATOR_TOKEN and start it again";
            return Err(Refused::new(Code::Forbidden, detail));
        };
        if token.admits(&parts.headers) {
            return Ok(Self { account: None });
        }
        Err(Refused::new(Code::Unauthenticated, "this is the operator's: send the configured operator.token"))
    }
}

#[cfg(test)]
mod tests;
