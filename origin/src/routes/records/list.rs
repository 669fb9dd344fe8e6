//! `GET /v1/collections/{collection}/records`

pub mod cursor;
pub mod filters;
pub mod plan;
pub mod request;

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use stepwell_shared::bookmark::Position;
use stepwell_shared::ids::Id;

use self::plan::plan;
use self::request::Request;
use super::audience::Audience;
use super::etag;
use super::expand::Expanded;
use super::problems::refusal;
use crate::app::{App, FromEdge};
use crate::catalog::Served;
use crate::collections::sets::{list_tags, sets_of_list};
use crate::database::queries::records::list::{Page, count, page};
use crate::database::queries::records::row::Stored;
use crate::database::queries::records::selection::Selection;
use crate::domain::access;
use crate::routes::answer::{self, Public};
use crate::routes::bookmark::Bookmark;
use crate::routes::caller::Asker;
use crate::routes::records::named;
use crate::routes::refused::Refused;

/// A page as it was read: all of it at one position of the log.
struct Found {
    page: Page,
    expanded: Expanded,
    count: Option<i64>,
    position: Position,
}

/// Shows a page of the records that the caller may read.
pub async fn list(
    State(app): State<Arc<App>>,
    Path(collection): Path<String>,
    RawQuery(query): RawQuery,
    Bookmark(at_least): Bookmark,
    asker: Asker,
    edge: Option<Extension<FromEdge>>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let served = named::collection(&app.records, &collection)?;
    let request = Request::read(served.collection(), query.as_deref().unwrap_or_default())?;
    let audience = Audience::of(&app.records, served, &request.shape.expand, asker)?;
    let scope = access::list(served.collection(), audience.caller()).map_err(refusal)?;
    let selection = plan(&served.table, &request, &scope)?;
    let found = find(&app, served, &request, &selection, at_least, &audience).await?;
    let body = render(served, &request, &selection, &found);
    let etag = etag::of_list(&body);
    let readers = audience.readers_of_list(served.collection());
    if audience != Audience::Everybody && (edge.is_none() || readers.is_none()) {
        return Ok(answer::private_validated(&headers, etag, body));
    }
    let ids: Vec<Id> = found.page.rows.iter().map(Stored::id).collect::<Result<_, _>>()?;
    let sets = sets_of_list(served.collection(), &request.filters.equal, audience.account());
    let public = Public {
        lifetimes: served.collection().cache.list,
        tags: list_tags(served.collection(), &sets, &ids, &found.expanded.shown(), audience.tagged()),
        position: audience.position(found.position),
        etag: Some(etag),
    };
    Ok(public.json_for(readers.as_ref(), &headers, body))
}

/// Reads everything that the answer shows, at one state of the data.
async fn find(
    app: &App,
    served: &Served,
    request: &Request,
    selection: &Selection,
    at_least: Option<Position>,
    audience: &Audience,
) -> Result<Found, Refused> {
    let mut read = app.database.replicas.read(at_least).await?;
    let position = read.position();
    let relations = &request.shape.expand;
    if !request.count && relations.is_empty() {
        let page = page(&mut read, &served.table, selection).await?;
        return Ok(Found { page, expanded: Expanded::default(), count: None, position });
    }
    let mut snapshot = read.snapshot().await?;
    let page = page(&mut snapshot, &served.table, selection).await?;
    let count =
        if request.count { Some(count(&mut snapshot, &served.table, selection).await?) } else { None };
    let expanded = Expanded::load(&mut snapshot, &app.records, relations, &page.rows, audience.caller());
    Ok(Found { expanded: expanded.await?, page, count, position })
}

fn render(served: &Served, request: &Request, selection: &Selection, found: &Found) -> Vec<u8> {
    let mut body = Vec::with_capacity(64 + found.page.rows.len() * 1024);
    body.extend_from_slice(b"{\"items\":[");
    let view = request.shape.view.as_ref().unwrap_or(&served.whole);
    for (place, row) in found.page.rows.iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        view.write(row, &found.expanded.of(&request.shape.expand, row), &mut body);
    }
    let next = match &found.page.next {
        // Letters, digits, '-' and '_' need no escape.
        Some(place) => format!("],\"next\":\"{}\"", cursor::encode(served.collection(), selection, place)),
        None => "],\"next\":null".to_owned(),
    };
    body.extend_from_slice(next.as_bytes());
    if let Some(count) = found.count {
        body.extend_from_slice(format!(",\"count\":{count}").as_bytes());
    }
    body.push(b'}');
    body
}

#[cfg(test)]
mod tests;
