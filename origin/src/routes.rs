//! What the origin answers: a file a verb under a folder a resource.

pub mod accounts;
pub mod answer;
pub mod body;
pub mod bookmark;
pub mod caller;
pub mod edge;
pub mod idempotency;
pub mod jwks;
pub mod openapi;
pub mod operation;
pub mod pages;
pub mod purges;
pub mod records;
pub mod refused;
pub mod sessions;
#[cfg(test)]
pub mod testing;

use std::sync::Arc;

use axum::Router;
use axum::routing::{delete, get, post};
use http::Method;
use stepwell_shared::problem::Code;

use crate::app::App;
use refused::Refused;

/// Every route over the shared state.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/healthz", get(operation::alive))
        .route("/readyz", get(operation::ready))
        .route("/", get(pages::home))
        .route("/v1/docs", get(pages::docs))
        .route("/assets/{name}", get(pages::asset))
        .route("/v1/openapi.json", get(openapi::openapi))
        .route("/.well-known/jwks.json", get(jwks::jwks))
        .route("/v1/accounts", post(accounts::create::create))
        .route("/v1/accounts/me", get(accounts::me::me))
        .route(
            "/v1/sessions",
            get(sessions::list::list).post(sessions::create::create).delete(sessions::end::everywhere),
        )
        .route("/v1/sessions/refresh", post(sessions::refresh::refresh))
        .route("/v1/sessions/current", delete(sessions::end::current))
        .route("/v1/purges", get(purges::list::list).post(purges::create::create))
        .route("/v1/purges/census", post(purges::census::census))
        .merge(records::routes())
        .fallback(unknown_path)
        .method_not_allowed_fallback(unknown_method)
        .with_state(app)
}

/// What is served on the operator's own address, which clients do not reach.
pub fn operator_router(app: Arc<App>) -> Router {
    Router::new()
        .route("/healthz", get(operation::alive))
        .route("/readyz", get(operation::ready))
        .route("/v1/purges", post(purges::create::create))
        .fallback(unknown_path)
        .method_not_allowed_fallback(unknown_method)
        .with_state(app)
}

async fn unknown_path() -> Refused {
    Code::NotFound.into()
}

/// axum adds the `Allow` header itself.
async fn unknown_method(method: Method) -> Refused {
    Refused::new(Code::MethodNotAllowed, format!("{method} is not one of the methods that \"Allow\" lists"))
}

#[cfg(test)]
mod tests;
