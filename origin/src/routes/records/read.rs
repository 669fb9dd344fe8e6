//! `GET /v1/collections/{collection}/records/{id}`

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use stepwell_shared::bookmark::Position;
use stepwell_shared::ids::Id;

use super::audience::Audience;
use super::etag;
use super::expand::Expanded;
use super::problems::refusal;
use super::served::{Served, no_such_record, parse_id};
use super::shape::Shape;
use crate::access::caller::Caller;
use crate::app::App;
use crate::collections::collection::Lifetimes;
use crate::collections::sets::record_tags;
use crate::database::Source;
use crate::database::queries::records::row::Stored;
use crate::database::queries::records::single;
use crate::domain::access;
use crate::routes::answer::{self, Public};
use crate::routes::bookmark::Bookmark;
use crate::routes::refused::Refused;

/// How long edges remember that a record does not exist. Its creation purges the answer; what it bounds is what a
/// flood of made-up ids can keep in their memory.
const MISSING: Lifetimes = Lifetimes { edge_s: 10, stale_s: 0 };

/// Shows one record.
pub async fn read(
    State(app): State<Arc<App>>,
    Path((collection, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    Bookmark(at_least): Bookmark,
    caller: Result<Option<Caller>, Refused>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let served = app.records.get(&collection)?;
    let shape = Shape::read(served.collection(), query.as_deref().unwrap_or_default())?;
    let audience = Audience::of(&app.records, served, &shape.expand, caller)?;
    access::may_try(&served.collection().rules.read, audience.account()).map_err(refusal)?;
    let id = parse_id(&id)?;

    let mut read = app.database.replicas.read(at_least).await?;
    let position = read.position();
    let found = if shape.expand.is_empty() {
        find(&mut read, &app, served, &shape, id, audience).await?
    } else {
        find(&mut read.snapshot().await?, &app, served, &shape, id, audience).await?
    };
    drop(read);
    let Some((row, expanded)) = found else { return missing(served, id, audience, position) };

    let mut body = Vec::with_capacity(1024);
    let view = shape.view.as_ref().unwrap_or(&served.whole);
    view.write(&row, &expanded.of(&shape.expand, &row), &mut body);
    let etag = etag::of_record(row.version()?, &body);
    if audience != Audience::Everybody {
        return Ok(answer::private_validated(&headers, etag, body));
    }
    let public = Public {
        lifetimes: served.collection().cache.record,
        tags: record_tags(served.collection(), id, &expanded.shown()),
        position,
        etag: Some(etag),
    };
    Ok(public.json(&headers, body))
}

/// The record with what its relations show, if it exists and may be read.
async fn find(
    source: &mut impl Source,
    app: &App,
    served: &Served,
    shape: &Shape,
    id: Id,
    audience: Audience,
) -> Result<Option<(Stored, Expanded)>, Refused> {
    let Some(row) = single::by_id(source, &served.table, id).await? else { return Ok(None) };
    if !served.is_public() {
        let record = row.record(served.collection())?;
        access::read(served.collection(), audience.account(), &record).map_err(refusal)?;
    }
    let rows = std::slice::from_ref(&row);
    let expanded = Expanded::load(source, &app.records, &shape.expand, rows, audience.account()).await?;
    Ok(Some((row, expanded)))
}

fn missing(served: &Served, id: Id, audience: Audience, position: Position) -> Result<Response, Refused> {
    if audience != Audience::Everybody {
        return Err(no_such_record());
    }
    let Refused(problem) = no_such_record();
    let tags = record_tags(served.collection(), id, &[]);
    Ok(Public { lifetimes: MISSING, tags, position, etag: None }.problem(&problem))
}
