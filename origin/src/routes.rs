//! What the origin answers: a file a verb under a folder a resource.

pub mod accounts;
pub mod admitted;
pub mod answer;
pub mod body;
pub mod bookmark;
pub mod caller;
pub mod client;
pub mod edge;
pub mod fleet;
pub mod idempotency;
pub mod jwks;
pub mod keys;
pub mod openapi;
pub mod operation;
pub mod pages;
pub mod purges;
pub mod records;
pub mod refused;
pub mod security_txt;
pub mod sessions;
pub mod signed;
#[cfg(test)]
pub mod testing;
pub mod traced;
mod trail;

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn_with_state, map_response};
use axum::routing::{delete, get, post, put};
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
        .route("/.well-known/security.txt", get(security_txt::security_txt))
        .route("/v1/accounts/me", get(accounts::me::me))
        .route("/v1/accounts/me/password", put(accounts::password::change))
        .merge(managed_accounts())
        .route(
            "/v1/sessions",
            get(sessions::list::list).post(sessions::create::create).delete(sessions::end::everywhere),
        )
        .route("/v1/sessions/refresh", post(sessions::refresh::refresh))
        .route("/v1/sessions/current", delete(sessions::end::current))
        .route("/v1/keys", get(keys::list::list).post(keys::create::create))
        .route("/v1/keys/{id}", delete(keys::delete::delete))
        .route("/v1/purges", get(purges::list::list).post(purges::create::create))
        .route(stepwell_shared::api::edge::PATH, get(fleet::briefing))
        .route("/v1/purges/census", post(purges::census::census))
        .merge(records::routes())
        .fallback(unknown_path)
        .method_not_allowed_fallback(unknown_method)
        .layer(from_fn_with_state(Arc::clone(&app), admitted::admitted))
        .layer(map_response(answer::secured))
        .layer(from_fn_with_state(Arc::clone(&app), traced::traced))
        .with_state(app)
}

/// What is served on the operator's own address, which clients do not reach.
pub fn operator_router(app: Arc<App>) -> Router {
    Router::new()
        .route("/healthz", get(operation::alive))
        .route("/readyz", get(operation::ready))
        .route("/v1/purges", post(purges::create::create))
        .merge(managed_accounts())
        .fallback(unknown_path)
        .method_not_allowed_fallback(unknown_method)
        .layer(map_response(answer::secured))
        .with_state(app)
}

/// What makes accounts, and what the operator does with them.
fn managed_accounts() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/accounts", get(accounts::manage::list).post(accounts::create::create))
        .route("/v1/accounts/{id}/ban", post(accounts::manage::ban).delete(accounts::manage::unban))
        .route("/v1/accounts/{id}/roles", put(accounts::manage::set_roles))
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
