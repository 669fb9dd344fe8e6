//! `POST /v1/keys`: makes a key.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use secrecy::ExposeSecret as _;
use stepwell_shared::api::keys::{MadeKey, NewKey};
use stepwell_shared::problem::{Code, FieldError, Problem};
use stepwell_shared::time::Timestamp;

use super::shown;
use crate::access::api_keys::{KEYS_MAX, Key};
use crate::app::App;
use crate::audit::{Actor, Change, Trail, What};
use crate::database::queries::api_keys::{self, StoredKey};
use crate::domain::caller::Scope;
use crate::domain::datetime;
use crate::routes::accounts::credentials::wrong;
use crate::routes::answer;
use crate::routes::body::Json;
use crate::routes::caller::Session;
use crate::routes::refused::Refused;

/// Characters of a key's name.
const NAME_CHARACTERS_MAX: usize = 80;
/// Scopes of one key.
const SCOPES_MAX: usize = 64;

/// 201 with the key, which is shown this once. An `Idempotency-Key` is not heeded: the answer to repeat would have to be
/// kept, and with it the key.
pub async fn create(
    State(app): State<Arc<App>>,
    session: Session,
    trail: Trail,
    Json(new): Json<NewKey>,
) -> Result<Response, Refused> {
    let now = app.clock.now();
    let (scopes, expires) = check(&app, &new, now)?;
    let key = Key::generate(app.ids.next(0)).map_err(|error| Refused::internal(&error))?;
    let stored = StoredKey {
        id: key.id,
        account: session.account,
        name: new.name,
        scopes,
        created: now,
        last_used_day: None,
        expires,
    };
    let hash = key.hash();
    let making = app.database.primary.write::<_, Refused, _>(move |tx| {
        Box::pin(async move {
            if api_keys::count(tx, stored.account).await? >= KEYS_MAX {
                let detail =
                    format!("an account has at most {KEYS_MAX} keys; remove one that is not used any more");
                return Err(Refused::new(Code::Forbidden, detail));
            }
            api_keys::insert(tx, &stored, hash).await?;
            let row =
                Change::new(now, What::KeyMade, Actor::Account(stored.account), trail).to(stored.account);
            row.with(format!("{}: {}", stored.id, stored.scopes)).write(tx).await?;
            Ok(stored)
        })
    });
    let made = making.await?;
    let body = MadeKey { key: key.expose().expose_secret().to_owned(), shown: shown(made.value) };
    let body = serde_json::to_vec(&body).map_err(|error| Refused::internal(&error))?;
    Ok(answer::written(StatusCode::CREATED, body, made.position))
}

/// The scopes as they are stored and the expiry, or all that is wrong with them.
fn check(app: &App, new: &NewKey, now: Timestamp) -> Result<(String, Option<Timestamp>), Problem> {
    let mut errors: Vec<FieldError> = Vec::new();
    if new.name.trim().is_empty() || new.name.chars().count() > NAME_CHARACTERS_MAX {
        errors.push(wrong("/name", "length", format!("must have 1 to {NAME_CHARACTERS_MAX} characters")));
    }
    if new.scopes.is_empty() || new.scopes.len() > SCOPES_MAX {
        errors.push(wrong("/scopes", "length", format!("must name 1 to {SCOPES_MAX} scopes")));
    }
    let mut scopes: Vec<String> = Vec::new();
    for (place, text) in new.scopes.iter().take(SCOPES_MAX).enumerate() {
        let pointer = format!("/scopes/{place}");
        match text.parse::<Scope>() {
            Err(error) => errors.push(wrong(&pointer, "format", error.to_string())),
            Ok(scope) if scope.collection().is_some_and(|name| !app.collections.contains_key(name)) => {
                errors.push(wrong(&pointer, "missing", "names a collection that there is not".to_owned()));
            }
            Ok(scope) => scopes.push(scope.to_string()),
        }
    }
    let expires = new.expires.as_deref().map(|text| datetime::parse(text).map(i64::cast_unsigned));
    let expires = expires.map(|ms| ms.map(Timestamp::from_ms).filter(|at| *at > now));
    if expires == Some(None) {
        let detail = "must be a time to come, in RFC 3339, such as 2027-12-31T00:00:00Z";
        errors.push(wrong("/expires", "format", detail.to_owned()));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    scopes.sort_unstable();
    scopes.dedup();
    Ok((scopes.join(" "), expires.flatten()))
}
