//! Who is let in: so many of each kind of work, and the rest is told at once to come back.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use stepwell_shared::problem::Code;

use super::refused::Refused;
use crate::app::App;
use crate::overload::held::Held;
use crate::overload::kind::Kind;
use crate::overload::limiter::Full;

/// Answers a request if there is a place for it. Before its body is read or the database asked.
pub async fn admitted(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let Some(kind) = Kind::of(request.method(), request.uri().path()) else {
        return next.run(request).await;
    };
    // An edge in this process has taken the place before it made anything of the request.
    let held = match request.extensions().get::<Held>() {
        Some(held) => held.clone(),
        None => match app.overload.of(kind).enter() {
            Ok(place) => Held::new(place),
            Err(full) => return Refused::from(full).into_response(),
        },
    };
    request.extensions_mut().insert(held.clone());
    let response = next.run(request).await;
    // What is refused for its form was no work and tells nothing; but a wrong password costs what a right one does.
    let tells = kind == Kind::LogIn || !response.status().is_client_error();
    if let Some(place) = held.take().filter(|_| tells) {
        place.answered();
    }
    response
}

impl From<Full> for Refused {
    fn from(_: Full) -> Self {
        Code::Overloaded.into()
    }
}

#[cfg(test)]
mod tests;
