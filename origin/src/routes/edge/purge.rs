//! `POST /v1/purges`, to an edge that runs alone: it keeps a log of its own, and there is no other edge to ask.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use stepwell_shared::api::purges::{EdgeCount, PurgeCommand, PurgeOutcome};
use stepwell_shared::problem::Code;
use stepwell_shared::tags::{Tag, TagHash};

use super::Alone;
use crate::purge::command;
use crate::routes::answer;
use crate::routes::body::Json;
use crate::routes::caller::Operator;
use crate::routes::refused::Refused;

/// How a dry run calls this edge.
const NAME: &str = "this edge";

/// 200 with a `PurgeOutcome`. What it names is served no more from when this is answered.
pub async fn create(
    _: Operator,
    State(alone): State<Arc<Alone>>,
    Json(wanted): Json<PurgeCommand>,
) -> Result<Response, Refused> {
    if alone.edge.has_routes() {
        let detail = "this is one of several edges, and all obey their origin: send the purge there";
        return Err(Refused::new(Code::Forbidden, detail));
    }
    let tags = command::tags_at_any_origin(&wanted)?;
    let hashes: Vec<TagHash> = tags.iter().map(Tag::hash).collect();
    let mut outcome = PurgeOutcome {
        dry_run: wanted.dry_run,
        tags: tags.iter().map(Tag::to_string).collect(),
        bookmark: None,
        edges: Vec::new(),
    };
    if wanted.dry_run {
        let entries = Some(alone.edge.count_tagged(&hashes));
        outcome.edges.push(EdgeCount { edge: NAME.to_owned(), entries });
    } else {
        outcome.bookmark = Some(alone.edge.purge_http(&hashes).to_string());
        tracing::info!(tags = outcome.tags.len(), "an operator purged");
    }
    let body = serde_json::to_vec(&outcome).map_err(|error| Refused::internal(&error))?;
    Ok(answer::private(StatusCode::OK, body))
}
