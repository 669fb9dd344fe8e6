//! `DELETE /v1/sessions/current` and `DELETE /v1/sessions`: signs out, here and everywhere.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use stepwell_shared::api::sessions::Carrier;
use stepwell_shared::bookmark::Position;

use super::cookies;
use crate::access::sessions;
use crate::app::App;
use crate::audit::{Actor, Change, Trail, What};
use crate::routes::answer;
use crate::routes::caller::Session;
use crate::routes::refused::Refused;

/// 204 once the caller's session has ended, and its access tokens with it.
pub async fn current(State(app): State<Arc<App>>, session: Session) -> Result<Response, Refused> {
    let (account, id) = (session.account, session.id);
    let ended = app
        .database
        .primary
        .write::<_, Refused, _>(move |tx| Box::pin(async move { Ok(sessions::end(tx, account, id).await?) }));
    Ok(gone(&session, ended.await?.position))
}

/// 204 once every session of the caller's account has ended, and every access token with them. API keys stay: they are
/// removed one by one.
pub async fn everywhere(
    State(app): State<Arc<App>>,
    session: Session,
    trail: Trail,
) -> Result<Response, Refused> {
    let account = session.account;
    let row = Change::new(app.clock.now(), What::SessionsEnded, Actor::Account(account), trail).to(account);
    let ended = app.database.primary.write::<_, Refused, _>(move |tx| {
        Box::pin(async move {
            row.write(tx).await?;
            Ok(sessions::end_all(tx, account, None).await?)
        })
    });
    Ok(gone(&session, ended.await?.position))
}

fn gone(session: &Session, position: Position) -> Response {
    let mut response = answer::written(StatusCode::NO_CONTENT, Bytes::new(), position);
    if session.carrier == Carrier::Cookie {
        cookies::clear(response.headers_mut());
    }
    response
}
