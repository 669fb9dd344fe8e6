//! `DELETE /v1/collections/{collection}/records/{id}`

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;

use super::change::Target;
use super::etag::Precondition;
use super::problems::refusal;
use super::served::parse_id;
use crate::access::caller::Caller;
use crate::app::App;
use crate::domain::access;
use crate::routes::answer;
use crate::routes::refused::Refused;

/// Removes a record that no other refers to. With `If-Match`, only the version that it names.
pub async fn delete(
    State(app): State<Arc<App>>,
    Path((collection, id)): Path<(String, String)>,
    caller: Option<Caller>,
    precondition: Precondition,
) -> Result<Response, Refused> {
    let served = Arc::clone(app.records.get(&collection)?);
    let caller = caller.map(|caller| caller.account);
    access::may_try(&served.collection().rules.delete, caller).map_err(refusal)?;
    let target = Target { served, id: parse_id(&id)?, caller, precondition };
    let committed = app
        .database
        .primary
        .write(move |transaction| Box::pin(async move { target.delete(transaction).await }));
    Ok(answer::written(StatusCode::NO_CONTENT, Bytes::new(), committed.await?.position))
}
