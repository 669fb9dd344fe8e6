//! The one place where errors become what a client sees.

use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use stepwell_shared::problem::{Code, Problem};

use super::answer;
use crate::access::passwords::PasswordError;
use crate::database;

/// Seconds after which a request that was shed is worth another try.
const RETRY_AFTER_S: HeaderValue = HeaderValue::from_static("1");

/// A request that is not done, and why. What handlers, extractors and jobs return as their error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub Problem);

impl Refused {
    /// With a sentence about this occurrence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self(Problem::new(code, detail))
    }

    /// Our own fault: the cause goes into the log, the client learns only that it happened.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self(Code::Internal.into())
    }
}

impl<P: Into<Problem>> From<P> for Refused {
    fn from(problem: P) -> Self {
        Self(problem.into())
    }
}

impl From<database::Error> for Refused {
    fn from(error: database::Error) -> Self {
        use database::Error;
        match error {
            Error::Overloaded | Error::Closed => Code::Overloaded.into(),
            Error::Abandoned(_) | Error::NotCommitted(_) | Error::Statement(_) | Error::Damaged(_) => {
                Self::internal(&error)
            }
        }
    }
}

impl From<PasswordError> for Refused {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Overloaded | PasswordError::Interrupted => Code::Overloaded.into(),
            PasswordError::Failed(_) => Self::internal(&error),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = answer::problem_body(&self.0);
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self.0.code {
            Code::Overloaded | Code::TooManyRequests => headers.insert(RETRY_AFTER, RETRY_AFTER_S),
            // RFC 9110 §15.5.2 asks for a challenge with every 401.
            Code::Unauthenticated | Code::WrongCredentials => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
            }
            _ => None,
        };
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn internals_stay_inside() {
        let cause = database::Error::Statement(Arc::new(sqlx::Error::Protocol("the secret plan".into())));
        let refused = Refused::from(cause);
        assert_eq!(refused.0, Code::Internal.into());
    }

    #[test]
    fn what_is_shed_says_when_to_come_back_and_what_needs_a_token_says_which_kind() {
        let shed = Refused::from(database::Error::Overloaded).into_response();
        assert_eq!((shed.status().as_u16(), &shed.headers()[RETRY_AFTER]), (503, &RETRY_AFTER_S));
        let unknown = Refused::from(Code::Unauthenticated).into_response();
        assert_eq!(
            (unknown.status().as_u16(), unknown.headers()[WWW_AUTHENTICATE].to_str().unwrap()),
            (401, "Bearer")
        );
    }
}
