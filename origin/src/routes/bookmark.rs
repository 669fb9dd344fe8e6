//! The bookmark of a request: what its caller has written or seen already.

use axum::extract::FromRequestParts;
use http::request::Parts;
use stepwell_shared::bookmark::{Position, of_request};
use stepwell_shared::headers::BOOKMARK;
use stepwell_shared::problem::Code;

use super::refused::Refused;

/// From the header, else from the browser's cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bookmark(pub Option<Position>);

impl<S: Sync> FromRequestParts<S> for Bookmark {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let refused = |error| Refused::new(Code::BadRequest, format!("{BOOKMARK}: {error}"));
        of_request(&parts.headers).map(Self).map_err(refused)
    }
}
