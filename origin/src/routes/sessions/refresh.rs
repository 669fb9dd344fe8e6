//! `POST /v1/sessions/refresh`: exchanges a refresh token for the next pair.

use std::sync::Arc;

use axum::extract::{FromRequest as _, Request, State};
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use stepwell_shared::api::sessions::Carrier;
use stepwell_shared::credentials::{self, REFRESH_COOKIE};
use stepwell_shared::cross_site;
use stepwell_shared::problem::Code;

use super::opened;
use crate::access::opaque::salt;
use crate::access::refresh::RefreshToken;
use crate::access::sessions::{Client, Refreshed, refresh as exchange};
use crate::app::App;
use crate::audit::{Actor, Change, Trail, What};
use crate::routes::accounts::credentials::secret;
use crate::routes::body::Json;
use crate::routes::refused::Refused;

/// A program's body; a browser sends none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    #[serde(default, deserialize_with = "secret")]
    refresh_token: Option<SecretString>,
}

/// 200 with the session's next tokens. A token that was replaced before ends its session.
pub async fn refresh(
    State(app): State<Arc<App>>,
    trail: Trail,
    request: Request,
) -> Result<Response, Refused> {
    let (uri, headers) = (request.uri().clone(), request.headers().clone());
    let (token, carrier) = if let Some(token) = in_body(request).await? {
        (token, Carrier::Token)
    } else {
        let token = in_cookie(&headers)?;
        cross_site::check(&Method::POST, &uri, &headers, &app.trusted_origins)?;
        (token, Carrier::Cookie)
    };
    let token = RefreshToken::parse(token.expose_secret()).ok_or_else(refused)?;
    let salt = salt().map_err(|error| Refused::internal(&error))?;
    let now = app.clock.now();
    let (client, expires) = (Client::of(&headers, carrier), app.session_expires(now));
    let exchanged = app.database.primary.write::<_, Refused, _>(move |tx| {
        Box::pin(async move {
            let exchanged = exchange(tx, &token, client, &salt, now, expires).await?;
            if let Refreshed::Reused(account) = exchanged {
                let row = Change::new(now, What::RefreshTokenReused, Actor::Anybody, trail);
                row.to(account).with(token.session.to_string()).write(tx).await?;
            }
            Ok(exchanged)
        })
    });
    let exchanged = exchanged.await?;
    match exchanged.value {
        Refreshed::Opened(session) => opened::answer(&app, *session, exchanged.position, now),
        Refreshed::Reused(account) => {
            tracing::warn!(%account, "a refresh token came a second time; its session has ended");
            Err(refused())
        }
        Refreshed::Refused => Err(refused()),
    }
}

async fn in_body(request: Request) -> Result<Option<SecretString>, Refused> {
    if !request.headers().contains_key(CONTENT_TYPE) {
        return Ok(None);
    }
    let Json(body): Json<Body> = Json::from_request(request, &()).await?;
    Ok(body.refresh_token)
}

fn in_cookie(headers: &HeaderMap) -> Result<SecretString, Refused> {
    let cookie = credentials::cookie(headers, REFRESH_COOKIE)
        .map_err(|bad| Refused::new(Code::Unauthenticated, bad.to_string()))?;
    let how = "send {\"refresh_token\": …} as the log-in answered it; browsers send its cookie";
    cookie.map(SecretString::from).ok_or_else(|| Refused::new(Code::Unauthenticated, how))
}

/// One answer for every reason: whoever tries tokens learns nothing.
fn refused() -> Refused {
    Refused::new(Code::Unauthenticated, "the refresh token is not valid, or no longer; log in again")
}
