//! `POST /v1/batch`: creates, changes and removals in one transaction. All are done, or none is.

mod operation;

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;
use stepwell_shared::limits::BATCH_OPERATIONS_MAX;
use stepwell_shared::problem::{FieldError, Problem};

use self::operation::{Done, Operation};
use super::problems::of_operation;
use crate::app::App;
use crate::domain::caller::Caller;
use crate::routes::body::{JsonBytes, object};
use crate::routes::idempotency::{Created, IdempotencyKey, keep, replay};
use crate::routes::refused::Refused;

/// The body of a batch.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch<'a> {
    /// Read one by one, so that an error says which.
    #[serde(borrow)]
    operations: Vec<&'a RawValue>,
}

/// Does every operation in order, each on what those before it left, and answers what each came to.
pub async fn batch(
    State(app): State<Arc<App>>,
    caller: Caller,
    key: IdempotencyKey,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Refused> {
    let repeatable = key.over(format!("{} batch", caller.account), &body);
    let operations = prepare(&app, &caller, &body)?;
    let now = app.clock.now();
    let answered = app.database.primary.write(move |transaction| {
        Box::pin(async move {
            if let Some(answered) = replay(transaction, repeatable.as_ref()).await? {
                return Ok(answered);
            }
            let mut done = Vec::with_capacity(operations.len());
            for (place, operation) in operations.iter().enumerate() {
                let result = operation.run(transaction, &caller, now).await;
                done.push(result.map_err(|refused| of_operation(place, refused))?);
            }
            let body = render(&done).into();
            let created = Created { status: StatusCode::OK, headers: Vec::new(), body };
            keep(transaction, repeatable.as_ref(), created, now).await
        })
    });
    Ok(answered.await?.value.into_response())
}

/// Everything that can be checked before the transaction.
fn prepare(app: &App, caller: &Caller, body: &[u8]) -> Result<Vec<Operation>, Refused> {
    let batch: Batch<'_> = object("the body", body)?;
    if batch.operations.len() > BATCH_OPERATIONS_MAX {
        let detail = format!("must hold at most {BATCH_OPERATIONS_MAX}; it holds {}", batch.operations.len());
        let pointer = "/operations".to_owned();
        return Err(Problem::invalid(vec![FieldError { pointer, code: "max".to_owned(), detail }]).into());
    }
    let prepare = |(place, json): (usize, &&RawValue)| {
        Operation::prepare(app, caller, json.get()).map_err(|refused| of_operation(place, refused))
    };
    batch.operations.iter().enumerate().map(prepare).collect()
}

fn render(done: &[Done]) -> Vec<u8> {
    let mut body = b"{\"results\":[".to_vec();
    for (place, done) in done.iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        done.write(&mut body);
    }
    body.extend_from_slice(b"]}");
    body
}

#[cfg(test)]
mod tests;
