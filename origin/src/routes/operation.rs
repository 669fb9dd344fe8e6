//! Whether the process lives, and whether it takes traffic.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use stepwell_shared::problem::Code;

use super::answer;
use super::refused::Refused;
use crate::app::App;

/// `GET /healthz`: the process answers. It asks nothing of the database, so that a slow disk does not get the process
/// killed.
pub async fn alive() -> Response {
    answer::private(StatusCode::OK, r#"{"status":"alive"}"#)
}

/// `GET /readyz`: the process was not told to stop, and the database answers.
pub async fn ready(State(app): State<Arc<App>>) -> Result<Response, Refused> {
    if !app.takes_traffic() {
        return Err(Refused::new(Code::Overloaded, "this server is stopping; others take its traffic"));
    }
    app.database.check().await?;
    Ok(answer::private(StatusCode::OK, r#"{"status":"ready"}"#))
}
