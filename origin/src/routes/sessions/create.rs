//! `POST /v1/sessions`: signs in.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use stepwell_shared::api::sessions::Session;
use stepwell_shared::problem::Code;

use crate::access::email::Email;
use crate::app::App;
use crate::database::Read;
use crate::database::queries::accounts::{self, StoredAccount};
use crate::routes::accounts::credentials::Credentials;
use crate::routes::accounts::shown;
use crate::routes::answer;
use crate::routes::body::Json;
use crate::routes::bookmark::Bookmark;
use crate::routes::refused::Refused;

/// 200 with an access token; `wrong-credentials` alike for a wrong password and for an account that does not exist.
pub async fn create(
    State(app): State<Arc<App>>,
    Bookmark(bookmark): Bookmark,
    Json(credentials): Json<Credentials>,
) -> Result<Response, Refused> {
    let (email, password) = credentials.for_log_in();
    let mut read = app.database.replicas.read(bookmark).await?;
    let found = find(&mut read, email.as_ref()).await?;
    // The position read before the account: what is purged after it revokes the token.
    let position = read.position();
    // Hashing takes long; others may read meanwhile.
    drop(read);
    let (account, stored) = found.unzip();
    let right = app.passwords.verify(password, stored).await?;
    let account = account.filter(|_| right).ok_or(Code::WrongCredentials)?;

    let issued = app.tokens.issue(account.id, position, app.clock.now());
    let session = Session {
        access_token: Some(issued.token),
        refresh_token: None,
        token_type: Some("Bearer".to_owned()),
        expires_in: issued.expires_in_s,
        refresh_expires_in: 0,
        account: shown(account),
    };
    let body = serde_json::to_vec(&session).map_err(|error| Refused::internal(&error))?;
    Ok(answer::private(StatusCode::OK, body))
}

async fn find(
    read: &mut Read,
    email: Option<&Email>,
) -> Result<Option<(StoredAccount, String)>, crate::database::Error> {
    match email {
        Some(email) => accounts::find_by_email(read, email).await,
        None => Ok(None),
    }
}
