//! `GET /v1/sessions`: where the caller is signed in.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use stepwell_shared::api::sessions::{OpenSession, OpenSessions};
use stepwell_shared::ids::Id;
use stepwell_shared::time::Timestamp;

use crate::app::App;
use crate::database::queries::sessions::{self, StoredSession};
use crate::domain::datetime;
use crate::routes::answer;
use crate::routes::bookmark::Bookmark;
use crate::routes::caller::Session;
use crate::routes::refused::Refused;

/// 200 with the sessions of the caller's account that have not ended.
pub async fn list(
    State(app): State<Arc<App>>,
    session: Session,
    Bookmark(bookmark): Bookmark,
) -> Result<Response, Refused> {
    let mut read = app.database.replicas.read(bookmark).await?;
    let stored = sessions::of_account(&mut read, session.account).await?;
    let now = app.clock.now();
    let items =
        stored.into_iter().filter(|one| one.expires > now).map(|one| shown(one, session.id)).collect();
    let body = serde_json::to_vec(&OpenSessions { items }).map_err(|error| Refused::internal(&error))?;
    Ok(answer::private(StatusCode::OK, body))
}

fn shown(stored: StoredSession, current: Id) -> OpenSession {
    let text = |at: Timestamp| datetime::to_text(at.as_ms().cast_signed());
    OpenSession {
        id: stored.id,
        carrier: stored.carrier,
        user_agent: stored.user_agent,
        created: text(stored.created),
        last_used: text(stored.last_used),
        expires: text(stored.expires),
        current: stored.id == current,
    }
}
