//! Records of the declared collections: a file a verb, and batches of verbs.

pub mod audience;
pub mod batch;
pub mod change;
pub mod create;
pub mod delete;
pub mod etag;
pub mod expand;
pub mod list;
mod named;
pub mod parameters;
pub mod problems;
pub mod read;
mod relations;
pub mod shape;
pub mod update;

#[cfg(test)]
pub mod testing;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

/// The routes of records.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/collections/{collection}/records", get(list::list).post(create::create))
        .route(
            "/v1/collections/{collection}/records/{id}",
            get(read::read).patch(update::update).delete(delete::delete),
        )
        .route("/v1/batch", post(batch::batch))
}
