//! `PATCH /v1/collections/{collection}/records/{id}`

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use http::header::ETAG;

use super::change::Target;
use super::etag::{self, Precondition};
use super::problems::refusal;
use super::served::parse_id;
use crate::access::caller::Caller;
use crate::app::App;
use crate::domain::{access, validate};
use crate::routes::answer;
use crate::routes::body::JsonBytes;
use crate::routes::refused::Refused;

/// Changes a record by a merge patch (RFC 7396) and answers it whole. With `If-Match`, only the version that it names.
pub async fn update(
    State(app): State<Arc<App>>,
    Path((collection, id)): Path<(String, String)>,
    caller: Option<Caller>,
    precondition: Precondition,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Refused> {
    let served = Arc::clone(app.records.get(&collection)?);
    let caller = caller.map(|caller| caller.account);
    access::may_try(&served.collection().rules.update, caller).map_err(refusal)?;
    let patch = validate::patch(served.collection(), &body)?;
    let target = Target { served: Arc::clone(&served), id: parse_id(&id)?, caller, precondition };
    let now = app.clock.now();
    let committed = app
        .database
        .primary
        .write(move |transaction| Box::pin(async move { target.update(transaction, &patch, now).await }));
    let committed = committed.await?;
    let mut body = Vec::new();
    served.whole.write(&committed.value, &[], &mut body);
    let etag = etag::of_record(committed.value.version, &body);
    let mut response = answer::written(StatusCode::OK, body, committed.position);
    response.headers_mut().insert(ETAG, etag);
    Ok(response)
}
