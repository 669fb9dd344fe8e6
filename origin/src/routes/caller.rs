//! Who sends a request: `Caller` where somebody must be signed in, `Option<Caller>` where anybody may ask, `Session` where
//! it is about the account itself, `Asker` where it depends on the request whether it matters, `Operator` where nobody else
//! may.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use stepwell_shared::api::sessions::Carrier;
use stepwell_shared::bookmark::Position;
use stepwell_shared::claims::Claims;
use stepwell_shared::credentials::{self, Credentials};
use stepwell_shared::cross_site;
use stepwell_shared::ids::Id;
use stepwell_shared::problem::Code;

use super::refused::Refused;
use crate::access::api_keys;
use crate::app::App;
use crate::domain::caller::Caller;

/// Somebody who is signed in, and the session that their token belongs to: whoever may decide about the account itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// Their account.
    pub account: Id,
    /// The session.
    pub id: Id,
    /// What carries its tokens.
    pub carrier: Carrier,
}

/// Whoever sends a request, to be looked at where the answer depends on it.
#[derive(Debug)]
pub struct Asker {
    /// Who it is, if signed in.
    pub caller: Result<Option<Caller>, Refused>,
    /// Up to where the log was known before that was found out: what later purges take from the caller, such as a role,
    /// the caller may still have here.
    pub since: Position,
}

/// The role of accounts that may do what the operator does.
const OPERATOR_ROLE: &str = "operator";

/// A request that carries the operator's token, or that of a session whose account has the operator's role.
#[derive(Clone, Copy, Debug)]
pub struct Operator {
    /// The account that has the role; `None` for the token.
    pub account: Option<Id>,
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        caller(parts, app).await?.ok_or_else(nobody)
    }
}

impl OptionalFromRequestParts<Arc<App>> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Option<Self>, Refused> {
        caller(parts, app).await
    }
}

impl FromRequestParts<Arc<App>> for Asker {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let since = app.database.replicas.position();
        Ok(Self { caller: caller(parts, app).await, since })
    }
}

impl FromRequestParts<Arc<App>> for Session {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        let found = sent(parts, app)?.ok_or_else(nobody)?;
        if found.is_api_key() {
            let detail = "a key cannot do this: log in, and send the access token of that session";
            return Err(Refused::new(Code::Forbidden, detail));
        }
        let claims = verified(found, app)?;
        let id = claims.sid.ok_or_else(refused)?;
        Ok(Self { account: claims.sub, id, carrier: carrier(found) })
    }
}

impl FromRequestParts<Arc<App>> for Operator {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        if app.operator.admits(&parts.headers) {
            return Ok(Self { account: None });
        }
        let detail = "this is the operator's: send the token of the data folder's operator.token, the configured one, or \
            that of a session whose account has the role \"operator\"";
        let stranger = Refused::new(Code::Unauthenticated, detail);
        let Some(found) = sent(parts, app)?.filter(|found| !found.is_api_key()) else { return Err(stranger) };
        match verified(found, app) {
            Ok(claims) if claims.roles.iter().any(|role| role == OPERATOR_ROLE) => {
                Ok(Self { account: Some(claims.sub) })
            }
            _ => Err(stranger),
        }
    }
}

/// Who sends a request, by whichever credentials.
async fn caller(parts: &Parts, app: &App) -> Result<Option<Caller>, Refused> {
    let Some(found) = sent(parts, app)? else { return Ok(None) };
    if found.is_api_key() {
        let caller = api_keys::caller(&app.database, found.token(), app.clock.now()).await?;
        return caller.map(Some).ok_or_else(refused);
    }
    let claims = verified(found, app)?;
    Ok(Some(Caller { account: claims.sub, roles: claims.roles.clone(), scopes: None }))
}

/// The credentials of a request. A change that comes with a cookie must not be another site's.
fn sent<'p>(parts: &'p Parts, app: &App) -> Result<Option<Credentials<'p>>, Refused> {
    let found = credentials::of_request(&parts.headers)
        .map_err(|bad| Refused::new(Code::Unauthenticated, bad.to_string()))?;
    if found.is_some_and(Credentials::is_cookie) {
        cross_site::check(&parts.method, &parts.uri, &parts.headers, &app.trusted_origins)?;
    }
    Ok(found)
}

/// A token that is sent must be good, also where none is needed: whoever sends an expired one believes to be signed in.
fn verified(found: Credentials<'_>, app: &App) -> Result<Arc<Claims>, Refused> {
    let claims = app.tokens.verify(found.token(), app.database.tail.revocations(), app.clock.now());
    claims.map_err(|error| {
        tracing::debug!(%error, "a token is refused");
        refused()
    })
}

const fn carrier(found: Credentials<'_>) -> Carrier {
    if found.is_cookie() { Carrier::Cookie } else { Carrier::Token }
}

fn nobody() -> Refused {
    Refused::new(Code::Unauthenticated, "send a token as \"Authorization: Bearer …\"")
}

fn refused() -> Refused {
    Refused::new(Code::Unauthenticated, "the token is not valid, or no longer; refresh it or log in again")
}
