//! `DELETE /v1/keys/{id}`: removes a key.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use stepwell_shared::ids::Id;
use stepwell_shared::problem::Code;

use crate::app::App;
use crate::audit::{Actor, Change, Trail, What};
use crate::database::queries::api_keys;
use crate::routes::answer;
use crate::routes::caller::Session;
use crate::routes::refused::Refused;

/// 204 once the key is refused. `not-found` for one that the caller's account does not have.
pub async fn delete(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    session: Session,
    trail: Trail,
) -> Result<Response, Refused> {
    let id: Id = id.parse().map_err(|_| Refused::from(Code::NotFound))?;
    let account = session.account;
    let row = Change::new(app.clock.now(), What::KeyRemoved, Actor::Account(account), trail);
    let row = row.to(account).with(id.to_string());
    let removing = app.database.primary.write::<_, Refused, _>(move |tx| {
        Box::pin(async move {
            let removed = api_keys::remove(tx, account, id).await?;
            if removed {
                row.write(tx).await?;
            }
            Ok(removed)
        })
    });
    let removed = removing.await?;
    if !removed.value {
        return Err(Code::NotFound.into());
    }
    Ok(answer::written(StatusCode::NO_CONTENT, Bytes::new(), removed.position))
}
