//! `POST /v1/purges/census`: an edge's answer to a question of the stream.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use stepwell_shared::api::purges::CensusAnswer;
use stepwell_shared::problem::Code;

use crate::app::{App, FromEdge};
use crate::routes::answer;
use crate::routes::body::Json;
use crate::routes::refused::Refused;

/// 204. For whoever is no edge there is nothing here.
pub async fn census(
    State(app): State<Arc<App>>,
    edge: Option<Extension<FromEdge>>,
    answer: Result<Json<CensusAnswer>, Refused>,
) -> Result<Response, Refused> {
    let Extension(FromEdge { name }) = edge.ok_or(Code::NotFound)?;
    let Json(answer) = answer?;
    app.census.answer(&name, &answer);
    Ok(answer::private(StatusCode::NO_CONTENT, ""))
}
