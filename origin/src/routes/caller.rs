//! Who sends a request: `Caller` where somebody must be signed in, `Option<Caller>` where anybody may ask, `Operator` where
//! nobody else may.

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::header::AUTHORIZATION;
use http::request::Parts;
use stepwell_shared::ids::Id;
use stepwell_shared::problem::Code;

use super::refused::Refused;
use crate::access::operator::bearer;
use crate::app::App;

/// Somebody who is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Their account.
    pub account: Id,
}

/// A request that carries the operator's token.
#[derive(Clone, Copy, Debug)]
pub struct Operator;

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        let caller = caller(parts, app)?;
        caller
            .ok_or_else(|| Refused::new(Code::Unauthenticated, "send a token as \"Authorization: Bearer …\""))
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

/// A token that is sent must be good, also where none is needed: whoever sends an expired one believes to be signed in.
fn caller(parts: &Parts, app: &App) -> Result<Option<Caller>, Refused> {
    if !parts.headers.contains_key(AUTHORIZATION) {
        return Ok(None);
    }
    let refused =
        || Refused::new(Code::Unauthenticated, "the token is not valid, or no longer; log in again");
    let token = bearer(&parts.headers).ok_or_else(refused)?;
    let claims = app.tokens.verify(token, app.clock.now()).map_err(|error| {
        tracing::debug!(%error, "a token is refused");
        refused()
    })?;
    Ok(Some(Caller { account: claims.sub }))
}
