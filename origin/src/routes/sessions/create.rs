//! `POST /v1/sessions`: signs in.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, Method, Uri};
use stepwell_shared::api::sessions::Carrier;
use stepwell_shared::cross_site;
use stepwell_shared::ids::Id;
use stepwell_shared::problem::Code;

use super::guessing::Guess;
use super::opened;
use crate::access::email::Email;
use crate::access::refresh::RefreshToken;
use crate::access::sessions::{self, Client};
use crate::app::App;
use crate::database::queries::accounts;
use crate::routes::accounts::credentials::LogIn;
use crate::routes::body::Json;
use crate::routes::bookmark::Bookmark;
use crate::routes::client::Client as Network;
use crate::routes::refused::Refused;

/// 200 with a session; `wrong-credentials` alike for a wrong password and for an account that does not exist.
pub async fn create(
    State(app): State<Arc<App>>,
    uri: Uri,
    headers: HeaderMap,
    network: Network,
    Bookmark(bookmark): Bookmark,
    Json(log_in): Json<LogIn>,
) -> Result<Response, Refused> {
    let (email, password, carrier) = log_in.read();
    if carrier == Carrier::Cookie {
        // Else another site could sign a browser in to an account of its own choice.
        cross_site::check(&Method::POST, &uri, &headers, &app.trusted_origins)?;
    }
    // Before the database is asked: a flood stops here.
    let place = app.passwords.enter()?;
    let guess = match Guess::begin(&app, email.as_ref().map(Email::as_str), &network) {
        Ok(guess) => guess,
        Err(too_many) => return Ok(too_many.into_response()),
    };
    let found = match &email {
        Some(email) => {
            accounts::find_by_email(&mut app.database.replicas.read(bookmark).await?, email).await?
        }
        None => None,
    };
    let (account, stored) = found.unzip();
    let known = account.as_ref().map(|account| account.id);
    let right = app.passwords.verify(place, password, stored.clone()).await?;
    let (Some(account), Some(stored), true) = (account, stored, right) else {
        tell(known, &network, false);
        return Err(Code::WrongCredentials.into());
    };
    guess.forgive();

    let now = app.clock.now();
    let client = Client::of(&headers, carrier);
    let token = RefreshToken::generate(app.ids.next(0)).map_err(|error| Refused::internal(&error))?;
    let expires = app.session_expires(now);
    let opening = app.database.primary.write(move |tx| {
        Box::pin(async move {
            // The password was right a moment ago, and whatever came since ends no session that is not there yet.
            let account = accounts::find_with_password(tx, account.id).await?;
            let account = account.filter(|(_, password)| *password == stored).map(|(account, _)| account);
            let account = account.ok_or(Code::WrongCredentials)?;
            if account.banned_at.is_some() {
                return Err(banned());
            }
            Ok(sessions::open(tx, account, client, token, now, expires).await?)
        })
    });
    let opened = opening.await?;
    tell(known, &network, true);
    opened::answer(&app, opened.value, opened.position, now)
}

/// Says in the log who signed in, or did not. Never the address that was typed, which may be a password in the wrong field.
fn tell(account: Option<Id>, network: &Network, succeeded: bool) {
    let account = account.map(|id| id.to_string());
    let client = network.address.map(|address| address.to_string());
    if succeeded {
        tracing::info!(account, client, "log-in");
    } else {
        tracing::info!(account, client, "log-in refused");
    }
}

/// Who knows the password may know that there is an account.
fn banned() -> Refused {
    Refused::new(Code::Forbidden, "this account is banned; ask whoever runs this service")
}
