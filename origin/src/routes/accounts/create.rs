//! `POST /v1/accounts`: signs up.

use std::sync::Arc;

use axum::extract::State;
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use stepwell_shared::problem::{Code, FieldError, Problem};

use super::credentials::Credentials;
use super::shown;
use crate::access::email::Email;
use crate::app::App;
use crate::audit::{Actor, Change, Trail, What};
use crate::database::queries::accounts::{self, StoredAccount};
use crate::routes::body::Json;
use crate::routes::idempotency::{self, Answered, Created, IdempotencyKey};
use crate::routes::refused::Refused;

/// Where keys of sign-ups are kept: there is no account yet that could own them.
const SCOPE: &str = "accounts";

/// 201 with the account; `conflict` when the address has one already.
pub async fn create(
    State(app): State<Arc<App>>,
    key: IdempotencyKey,
    trail: Trail,
    Json(credentials): Json<Credentials>,
) -> Result<Answered, Refused> {
    let (email, password) = credentials.for_new_account(app.password_characters_min)?;
    // The address alone: not even a fast hash of a password is kept.
    let repeatable = key.over(SCOPE, email.as_str().as_bytes());
    let place = app.passwords.enter()?;
    let password_hash = app.passwords.hash(place, password).await?;
    let now = app.clock.now();
    let id = app.ids.next(0);
    let job = app.database.primary.write(move |tx| {
        Box::pin(async move {
            if let Some(earlier) = idempotency::replay(tx, repeatable.as_ref()).await? {
                return Ok(earlier);
            }
            let account = StoredAccount::new(id, &email, now);
            let inserted = accounts::insert(tx, &account, &password_hash).await;
            inserted
                .map_err(|error| if error.is_unique_violation() { taken(&email) } else { error.into() })?;
            Change::new(now, What::AccountMade, Actor::Anybody, trail).to(id).write(tx).await?;
            let body = serde_json::to_vec(&shown(account)).map_err(|error| Refused::internal(&error))?;
            let headers = vec![(LOCATION, HeaderValue::from_static("/v1/accounts/me"))];
            let created = Created { status: StatusCode::CREATED, headers, body: body.into() };
            idempotency::keep(tx, repeatable.as_ref(), created, now).await
        })
    });
    Ok(job.await?.value)
}

fn taken(email: &Email) -> Refused {
    let detail = format!("{} has an account already; sign in, or use another address", email.as_str());
    let error = FieldError { pointer: "/email".into(), code: "unique".into(), detail: "is taken".into() };
    Refused(Problem { code: Code::Conflict, detail, errors: vec![error] })
}
