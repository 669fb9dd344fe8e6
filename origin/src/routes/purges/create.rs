//! `POST /v1/purges`: an operator's purge.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use stepwell_shared::api::purges::{PurgeCommand, PurgeOutcome};
use stepwell_shared::tags::Tag;

use crate::app::App;
use crate::audit::{Actor, Change, Trail, What};
use crate::purge::command;
use crate::routes::answer;
use crate::routes::body::Json;
use crate::routes::caller::Operator;
use crate::routes::refused::Refused;

/// 200 with a `PurgeOutcome`.
pub async fn create(
    operator: Operator,
    State(app): State<Arc<App>>,
    trail: Trail,
    Json(wanted): Json<PurgeCommand>,
) -> Result<Response, Refused> {
    let tags = command::tags(&wanted, &app.collections)?;
    let mut outcome = PurgeOutcome {
        dry_run: wanted.dry_run,
        tags: tags.iter().map(Tag::to_string).collect(),
        bookmark: None,
        edges: Vec::new(),
    };
    if wanted.dry_run {
        outcome.edges = app.census.ask(tags.iter().map(Tag::hash).collect()).await;
        return Ok(answer::private(StatusCode::OK, json(&outcome)?));
    }
    let row = Change::new(app.clock.now(), What::Purged, Actor::Operator(operator.account), trail);
    let row = row.with(outcome.tags.join(" "));
    let job = app.database.primary.write::<_, Refused, _>(|tx| {
        tx.purge(tags);
        Box::pin(async move { Ok(row.write(tx).await?) })
    });
    let position = job.await?.position;
    outcome.bookmark = Some(position.to_string());
    tracing::info!(tags = outcome.tags.len(), bookmark = outcome.bookmark, "an operator purged");
    Ok(answer::written(StatusCode::OK, json(&outcome)?, position))
}

fn json(outcome: &PurgeOutcome) -> Result<Vec<u8>, Refused> {
    serde_json::to_vec(outcome).map_err(|error| Refused::internal(&error))
}
