//! `GET /v1/edge`: what an edge elsewhere must know.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use stepwell_shared::problem::Code;

use crate::app::{App, FromEdge};
use crate::routes::answer;
use crate::routes::refused::Refused;

/// 200 with an `EdgeBriefing`. For whoever is no edge there is nothing here.
pub async fn briefing(
    State(app): State<Arc<App>>,
    edge: Option<Extension<FromEdge>>,
) -> Result<Response, Refused> {
    let Extension(_edge) = edge.ok_or(Code::NotFound)?;
    let position = app.database.tail.head();
    let briefing = app.briefing.tell(&app.routes, &app.tokens, position);
    let body = serde_json::to_vec(&briefing).map_err(|error| Refused::internal(&error))?;
    Ok(answer::private(StatusCode::OK, body))
}
