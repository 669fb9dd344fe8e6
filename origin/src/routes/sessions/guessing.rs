//! Attempts to guess a password, counted before it is compared.

use std::sync::Arc;

use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::RETRY_AFTER;
use stepwell_shared::problem::Code;

use crate::access::attempts::{Attempt, Attempts, Wait};
use crate::app::App;
use crate::routes::client::Client;
use crate::routes::refused::Refused;

/// The attempts that one request took; they stay taken unless it is told that the password was right.
pub struct Guess {
    taken: Vec<(Arc<Attempts>, Attempt)>,
}

/// Too many were wrong: 429 at once, without a look at any account.
#[derive(Clone, Copy, Debug)]
pub struct TooMany(Wait);

impl Guess {
    /// Takes an attempt at `account`, whatever names it, and one of the client's address where that is known.
    pub fn begin(app: &App, account: Option<&str>, client: &Client) -> Result<Self, TooMany> {
        let now = app.clock.now();
        let mut guess = Self { taken: Vec::new() };
        let address = client.address.map(|address| address.to_string());
        let limits =
            [(app.passwords.of_address(), address.as_deref()), (app.passwords.of_account(), account)];
        for (attempts, key) in limits {
            if let Some(key) = key {
                guess.taken.push((Arc::clone(attempts), attempts.take(key, now).map_err(TooMany)?));
            }
        }
        Ok(guess)
    }

    /// It was no guess.
    pub fn forgive(self) {
        for (attempts, attempt) in self.taken {
            attempts.forgive(attempt);
        }
    }
}

impl TooMany {
    /// 429 with the time to wait.
    pub fn into_response(self) -> Response {
        let Wait { seconds } = self.0;
        let detail = format!("too many passwords were wrong; try again in {seconds} s");
        let mut response = Refused::new(Code::TooManyRequests, detail).into_response();
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        response
    }
}
