//! One operation of a batch: what a request of its own would be, within the batch's transaction.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use stepwell_shared::problem::Code;
use stepwell_shared::time::Timestamp;

use crate::app::App;
use crate::catalog::Served;
use crate::database::Transaction;
use crate::domain::caller::{Caller, Deed};
use crate::domain::record::Record;
use crate::domain::validate::Patch;
use crate::domain::{access, validate};
use crate::routes::body::object;
use crate::routes::records::change::{self, Target};
use crate::routes::records::etag::{self, Precondition};
use crate::routes::records::named::{self, parse_id};
use crate::routes::records::problems::refusal;
use crate::routes::refused::Refused;

/// An operation as a client writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<'a> {
    method: Method,
    collection: String,
    /// Of the record that exists.
    id: Option<String>,
    /// Its version: the text that `If-Match` would have.
    if_match: Option<String>,
    /// The new record, or the merge patch.
    #[serde(borrow)]
    body: Option<&'a RawValue>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Method {
    Post,
    Patch,
    Delete,
}

/// An operation that is ready to be done.
#[derive(Debug)]
pub enum Operation {
    /// A new record, complete.
    Create(Arc<Served>, Record),
    /// A change in part.
    Update(Target, Patch),
    /// A removal.
    Delete(Target),
}

/// What an operation came to.
#[derive(Debug)]
pub enum Done {
    /// The record is new.
    Created(Arc<Served>, Record),
    /// The record is this now.
    Updated(Arc<Served>, Record),
    /// The record is gone.
    Deleted,
}

impl Operation {
    /// Reads and checks an operation; the collection's rules are asked as far as they do not need the record.
    pub fn prepare(app: &App, caller: &Caller, json: &str) -> Result<Self, Refused> {
        let wire: Wire<'_> = object("the operation", json.as_bytes())?;
        let served = Arc::clone(named::collection(&app.records, &wire.collection)?);
        match (wire.method, wire.id, wire.body) {
            (Method::Post, None, Some(body)) if wire.if_match.is_none() => {
                access::create(served.collection(), Some(caller)).map_err(refusal)?;
                let values = validate::create(served.collection(), body.get().as_bytes())?;
                let record =
                    change::new_record(&served, &app.ids, Some(caller.account), values, app.clock.now());
                Ok(Self::Create(served, record))
            }
            (Method::Patch, Some(id), Some(body)) => {
                access::may_try(served.collection(), Deed::Update, Some(caller)).map_err(refusal)?;
                let patch = validate::patch(served.collection(), body.get().as_bytes())?;
                Ok(Self::Update(target(served, &id, wire.if_match.as_deref(), caller)?, patch))
            }
            (Method::Delete, Some(id), None) => {
                access::may_try(served.collection(), Deed::Delete, Some(caller)).map_err(refusal)?;
                Ok(Self::Delete(target(served, &id, wire.if_match.as_deref(), caller)?))
            }
            (Method::Post, ..) => Err(malformed("POST has a body, and neither id nor if_match")),
            (Method::Patch, ..) => Err(malformed("PATCH has an id and a body")),
            (Method::Delete, ..) => Err(malformed("DELETE has an id and no body")),
        }
    }

    /// Does it for `caller`, for whom it was prepared.
    pub async fn run(
        &self,
        transaction: &mut Transaction,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<Done, Refused> {
        match self {
            Self::Create(served, record) => {
                change::create(transaction, served, Some(caller), record).await?;
                Ok(Done::Created(Arc::clone(served), record.clone()))
            }
            Self::Update(target, patch) => {
                let after = target.update(transaction, patch, now).await?;
                Ok(Done::Updated(Arc::clone(&target.served), after))
            }
            Self::Delete(target) => {
                target.delete(transaction).await?;
                Ok(Done::Deleted)
            }
        }
    }
}

fn target(served: Arc<Served>, id: &str, if_match: Option<&str>, caller: &Caller) -> Result<Target, Refused> {
    let precondition = if_match.map_or(Precondition::None, Precondition::parse);
    Ok(Target { served, id: parse_id(id)?, caller: Some(caller.clone()), precondition })
}

fn malformed(why: impl std::fmt::Display) -> Refused {
    Refused::new(Code::BadRequest, format!("the operation: {why}"))
}

impl Done {
    /// Appends `{"status":201,"etag":"…","record":{…}}`, or `{"status":204}`.
    pub fn write(&self, out: &mut Vec<u8>) {
        let (status, served, record) = match self {
            Self::Created(served, record) => (201, served, record),
            Self::Updated(served, record) => (200, served, record),
            Self::Deleted => return out.extend_from_slice(b"{\"status\":204}"),
        };
        let mut json = Vec::new();
        served.whole.write(record, &[], &mut json);
        let etag = etag::of_record(record.version, &json);
        // The validator's quotes are part of it.
        let etag = serde_json::Value::from(etag.to_str().unwrap_or_default());
        out.extend_from_slice(format!("{{\"status\":{status},\"etag\":{etag},\"record\":").as_bytes());
        out.append(&mut json);
        out.push(b'}');
    }
}
