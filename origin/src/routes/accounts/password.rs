//! `PUT /v1/accounts/me/password`: changes the caller's password.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use stepwell_shared::limits::PASSWORD_BYTES_MAX;
use stepwell_shared::problem::{Code, Problem};

use super::credentials::{password_error, secret, wrong};
use crate::access::refresh::RefreshToken;
use crate::access::sessions;
use crate::app::App;
use crate::audit::{Actor, Change, Trail, What};
use crate::database::queries::accounts;
use crate::routes::body::Json;
use crate::routes::caller::Session;
use crate::routes::client::Client;
use crate::routes::refused::Refused;
use crate::routes::sessions::guessing::Guess;
use crate::routes::sessions::opened;

/// The body.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passwords {
    #[serde(deserialize_with = "secret")]
    old: SecretString,
    #[serde(deserialize_with = "secret")]
    new: SecretString,
}

/// 200 with new tokens for the caller's session: every other session has ended, and every access token from before is
/// refused. API keys stay.
pub async fn change(
    State(app): State<Arc<App>>,
    session: Session,
    client: Client,
    trail: Trail,
    Json(Passwords { old, new }): Json<Passwords>,
) -> Result<Response, Refused> {
    if let Some(error) = password_error("/new", new.expose_secret(), app.password_characters_min) {
        return Err(Problem::invalid(vec![error]).into());
    }
    let place = app.passwords.enter()?;
    let guess = match Guess::begin(&app, Some(&session.account.to_string()), &client) {
        Ok(guess) => guess,
        Err(too_many) => return Ok(too_many.into_response()),
    };
    let mut read = app.database.replicas.read(None).await?;
    let found = accounts::find_with_password(&mut read, session.account).await?;
    drop(read);
    let (_, stored) = found.ok_or(Code::Unauthenticated)?;
    let fits = old.expose_secret().len() <= PASSWORD_BYTES_MAX;
    let old = if fits { old } else { SecretString::default() };
    if !app.passwords.verify(place, old, Some(stored.clone())).await? {
        return Err(not_the_password());
    }
    guess.forgive();
    let hash = app.passwords.hash(app.passwords.enter()?, new).await?;

    let now = app.clock.now();
    let token = RefreshToken::generate(session.id).map_err(|error| Refused::internal(&error))?;
    let expires = app.session_expires(now);
    let changing = app.database.primary.write::<_, Refused, _>(move |tx| {
        Box::pin(async move {
            let found = accounts::find_with_password(tx, session.account).await?;
            let (account, current) = found.ok_or(Code::Unauthenticated)?;
            // Somebody else has changed it meanwhile, who knew the old one as well.
            if current != stored {
                return Err(not_the_password());
            }
            accounts::set_password(tx, account.id, &hash, now).await?;
            sessions::end_all(tx, account.id, Some(session.id)).await?;
            let actor = Actor::Account(account.id);
            Change::new(now, What::PasswordChanged, actor, trail).to(account.id).write(tx).await?;
            let opened = sessions::reopen(tx, account, token, now, expires).await?;
            opened.ok_or_else(|| Code::Unauthenticated.into())
        })
    });
    let changed = changing.await?;
    opened::answer(&app, changed.value, changed.position, now)
}

fn not_the_password() -> Refused {
    let error = wrong("/old", "wrong", "is not the password of this account".to_owned());
    Problem::invalid(vec![error]).into()
}
