//! The answer to whatever opens or renews a session.

use axum::response::Response;
use http::StatusCode;
use secrecy::ExposeSecret as _;
use stepwell_shared::api::sessions::{Carrier, Session};
use stepwell_shared::bookmark::Position;
use stepwell_shared::time::Timestamp;

use super::cookies;
use crate::access::sessions::Opened;
use crate::access::tokens::Bearer;
use crate::app::App;
use crate::routes::accounts::shown;
use crate::routes::answer;
use crate::routes::refused::Refused;

/// 200 with the session's tokens: in the body, or for a browser in cookies. `position` is where the session was written,
/// so that what revokes it comes later.
pub fn answer(app: &App, opened: Opened, position: Position, now: Timestamp) -> Result<Response, Refused> {
    let Opened { account, session, token } = opened;
    let bearer = Bearer { account: account.id, session: session.id, roles: account.roles.clone() };
    let access = app.tokens.issue(bearer, position, now);
    let refresh = token.expose();
    let refresh_expires_in = session.expires.since_ms(now) / 1000;
    let mut body = Session {
        access_token: None,
        refresh_token: None,
        token_type: None,
        expires_in: access.expires_in_s,
        refresh_expires_in,
        account: shown(account),
    };
    if session.carrier == Carrier::Token {
        body.access_token = Some(access.token.clone());
        body.refresh_token = Some(refresh.expose_secret().to_owned());
        body.token_type = Some("Bearer".to_owned());
    }
    let body = serde_json::to_vec(&body).map_err(|error| Refused::internal(&error))?;
    let mut response = answer::written(StatusCode::OK, body, position);
    if session.carrier == Carrier::Cookie {
        let refresh = (refresh.expose_secret(), refresh_expires_in);
        cookies::set(response.headers_mut(), (&access.token, access.expires_in_s), refresh);
    }
    Ok(response)
}
