//! Where a request came from, for the audit log.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use stepwell_edge_core::trace::id_of;

use super::client::Client;
use crate::audit::Trail;

impl<S: Sync> FromRequestParts<S> for Trail {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let Client { address } = Client::from_request_parts(parts, state).await?;
        Ok(Self { address, trace: id_of(&parts.headers) })
    }
}
