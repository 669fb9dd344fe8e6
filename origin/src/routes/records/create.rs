//! `POST /v1/collections/{collection}/records`

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{ETAG, LOCATION};
use http::{HeaderValue, StatusCode};
use stepwell_shared::ids::Id;

use super::problems::refusal;
use super::served::Served;
use super::{change, etag};
use crate::access::caller::Caller;
use crate::app::App;
use crate::domain::record::Record;
use crate::domain::{access, validate};
use crate::routes::body::JsonBytes;
use crate::routes::idempotency::{Created, IdempotencyKey, keep, replay};
use crate::routes::refused::Refused;

/// Creates a record that belongs to the caller. With an `Idempotency-Key`, a repeat gets the first answer.
pub async fn create(
    State(app): State<Arc<App>>,
    Path(collection): Path<String>,
    caller: Option<Caller>,
    key: IdempotencyKey,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Refused> {
    let served = Arc::clone(app.records.get(&collection)?);
    let owner = caller.map(|caller| caller.account);
    access::create(served.collection(), owner).map_err(refusal)?;
    let repeatable = key.over(scope(owner, &collection), &body);
    let values = validate::create(served.collection(), &body)?;
    let now = app.clock.now();
    let record = change::new_record(&served, &app.ids, owner, values, now);
    let answered = app.database.primary.write(move |transaction| {
        Box::pin(async move {
            if let Some(answered) = replay(transaction, repeatable.as_ref()).await? {
                return Ok(answered);
            }
            change::create(transaction, &served, &record).await?;
            keep(transaction, repeatable.as_ref(), created(&served, &record), now).await
        })
    });
    Ok(answered.await?.value.into_response())
}

/// Whose keys these are: two callers, or two collections, may use the same one.
fn scope(owner: Option<Id>, collection: &str) -> String {
    let owner = owner.map_or_else(|| "anybody".to_owned(), |account| account.to_string());
    format!("{owner} creates {collection}")
}

fn created(served: &Served, record: &Record) -> Created {
    let mut body = Vec::new();
    served.whole.write(record, &[], &mut body);
    let location = HeaderValue::from_str(&served.path(record.id));
    let location = location.expect("names of collections and ids are letters, digits and underscores");
    let headers = vec![(LOCATION, location), (ETAG, etag::of_record(record.version, &body))];
    Created { status: StatusCode::CREATED, headers, body: body.into() }
}
