//! Who sends a request: `Caller` where somebody must be signed in, `Option<Caller>` where anybody may ask, `Session` where
//! it is about the account itself, `Operator` where nobody else may.

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use stepwell_shared::api::sessions::Carrier;
use stepwell_shared::claims::Claims;
use stepwell_shared::ids::Id;
use stepwell_shared::problem::Code;
use stepwell_shared::{credentials, cross_site};

use super::refused::Refused;
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

/// A request that carries the operator's token.
#[derive(Clone, Copy, Debug)]
pub struct Operator;

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        caller(parts, app)?.ok_or_else(nobody)
    }
}

impl OptionalFromRequestParts<Arc<App>> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Option<Self>, Refused> {
        caller(parts, app)
    }
}

impl FromRequestParts<Arc<App>> for Operator {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        if app.operator.admits(&parts.headers) {
            return Ok(Self);
        }
        let detail = "this is the operator's: send the token of the data folder's operator.token, or the configured one";
        Err(Refused::new(Code::Unauthenticated, detail))
    }
}

impl FromRequestParts<Arc<App>> for Session {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        let Verified { claims, carrier } = verified(parts, app)?.ok_or_else(nobody)?;
        let id = claims.sid.ok_or_else(|| {
            Refused::new(Code::Unauthenticated, "the token belongs to no session; log in again")
        })?;
        Ok(Self { account: claims.sub, id, carrier })
    }
}

fn caller(parts: &Parts, app: &App) -> Result<Option<Caller>, Refused> {
    let caller = |verified: Verified| {
        let claims = verified.claims;
        Caller { account: claims.sub, roles: claims.roles.clone(), scopes: None }
    };
    Ok(verified(parts, app)?.map(caller))
}

/// Credentials that verified.
struct Verified {
    claims: Arc<Claims>,
    carrier: Carrier,
}

/// A token that is sent must be good, also where none is needed: whoever sends an expired one believes to be signed in.
fn verified(parts: &Parts, app: &App) -> Result<Option<Verified>, Refused> {
    let refused = |why: String| Refused::new(Code::Unauthenticated, why);
    let found = credentials::of_request(&parts.headers).map_err(|bad| refused(bad.to_string()))?;
    let Some(found) = found else { return Ok(None) };
    let carrier = if found.is_cookie() { Carrier::Cookie } else { Carrier::Token };
    if carrier == Carrier::Cookie {
        cross_site::check(&parts.method, &parts.uri, &parts.headers, &app.trusted_origins)?;
    }
    let claims = app.tokens.verify(found.token(), app.database.tail.revocations(), app.clock.now());
    let claims = claims.map_err(|error| {
        tracing::debug!(%error, "a token is refused");
        refused("the token is not valid, or no longer; refresh it or log in again".to_owned())
    })?;
    Ok(Some(Verified { claims, carrier }))
}

fn nobody() -> Refused {
    Refused::new(Code::Unauthenticated, "send a token as \"Authorization: Bearer …\"")
}
