//! `GET /v1/accounts/me`: the caller's own account.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use stepwell_shared::problem::Code;

use super::shown;
use crate::app::App;
use crate::database::queries::accounts;
use crate::domain::caller::Caller;
use crate::routes::answer;
use crate::routes::bookmark::Bookmark;
use crate::routes::refused::Refused;

/// 200 with the account.
pub async fn me(
    State(app): State<Arc<App>>,
    caller: Caller,
    Bookmark(bookmark): Bookmark,
) -> Result<Response, Refused> {
    if !caller.may_read_account() {
        return Err(Refused::new(Code::Forbidden, "this key has not the scope \"read\""));
    }
    let mut read = app.database.replicas.read(bookmark).await?;
    let account = accounts::find(&mut read, caller.account).await?;
    // The token is good, yet its account is not here: the database was restored from before the sign-up.
    let account =
        account.ok_or_else(|| Refused::new(Code::Unauthenticated, "the account is no longer there"))?;
    let body = serde_json::to_vec(&shown(account)).map_err(|error| Refused::internal(&error))?;
    Ok(answer::private(StatusCode::OK, body))
}
