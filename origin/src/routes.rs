//! What the origin answers: a file a verb under a folder a resource.

pub mod answer;
pub mod body;
pub mod bookmark;
pub mod operation;
pub mod refused;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use http::Method;
use stepwell_shared::problem::Code;

use crate::app::App;
use refused::Refused;

/// Every route over the shared state.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/healthz", get(operation::alive))
        .route("/readyz", get(operation::ready))
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
