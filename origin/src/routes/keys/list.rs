//! `GET /v1/keys`: the caller's keys.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use stepwell_shared::api::keys::ApiKeys;

use super::shown;
use crate::app::App;
use crate::database::queries::api_keys;
use crate::routes::answer;
use crate::routes::bookmark::Bookmark;
use crate::routes::caller::Session;
use crate::routes::refused::Refused;

/// 200 with every key of the caller's account; the secrets are shown nowhere.
pub async fn list(
    State(app): State<Arc<App>>,
    session: Session,
    Bookmark(bookmark): Bookmark,
) -> Result<Response, Refused> {
    let mut read = app.database.replicas.read(bookmark).await?;
    let items = api_keys::of_account(&mut read, session.account).await?.into_iter().map(shown).collect();
    let body = serde_json::to_vec(&ApiKeys { items }).map_err(|error| Refused::internal(&error))?;
    Ok(answer::private(StatusCode::OK, body))
}
