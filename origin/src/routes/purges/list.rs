//! `GET /v1/purges?after=SEQUENCE`: a page of the log; for edges that ask for it, the stream of all that follows.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use futures_util::StreamExt as _;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use stepwell_shared::api::purges::{OLDEST_TOKEN, SEQUENCE_MAX};
use stepwell_shared::headers::SIGNATURE;
use stepwell_shared::normalize;
use stepwell_shared::problem::Code;
use stepwell_shared::routes::Parameter;

use crate::app::{App, FromEdge};
use crate::purge::follow;
use crate::routes::answer;
use crate::routes::refused::Refused;

/// 200 with a `PurgePage`, or with a stream of `LogLine`s.
pub async fn list(
    State(app): State<Arc<App>>,
    edge: Option<Extension<FromEdge>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let after = match begin(&uri)? {
        Begin::AtTheEnd => None,
        Begin::After(sequence) => Some(sequence),
        Begin::AtTheOldestToken => Some(app.purges.since(app.tokens.oldest(app.clock.now())).await?),
    };
    if let Some(Extension(FromEdge { name })) = edge
        && headers.get(ACCEPT).is_some_and(|accept| accept == follow::CONTENT_TYPE)
    {
        let telling = Arc::clone(&app);
        let revision = move || telling.briefing.revision(&telling.tokens);
        let lines = follow::lines(app.purges.clone(), &app.census, name, after, revision);
        // An origin that stops lets go of the edges elsewhere, which would hold its end up; the one in its process ends with it.
        let (stops_with, is_elsewhere) = (Arc::clone(&app), headers.contains_key(SIGNATURE));
        let lines = lines.scan(false, move |has_ended, line| {
            let goes_on = !std::mem::replace(has_ended, is_elsewhere && !stops_with.takes_traffic());
            std::future::ready(goes_on.then_some(line))
        });
        let mut response = Response::new(Body::from_stream(lines));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(follow::CONTENT_TYPE));
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        return Ok(response);
    }
    let mut page = app.purges.page(after).await?;
    page.revision = app.briefing.revision(&app.tokens);
    let body = serde_json::to_vec(&page).map_err(|error| Refused::internal(&error))?;
    Ok(answer::private(StatusCode::OK, body))
}

/// Where a page or a stream begins.
enum Begin {
    AtTheEnd,
    After(u64),
    /// Where the oldest token that may still be good was issued: an edge that starts learns what was revoked since.
    AtTheOldestToken,
}

fn begin(uri: &Uri) -> Result<Begin, Refused> {
    let known = ["after", "since"].map(Parameter::named);
    let parameters = normalize::query(uri.query().unwrap_or_default(), &known)?;
    let refused = |why| Err(Refused::new(Code::BadParameter, why));
    match parameters.as_slice() {
        [] => Ok(Begin::AtTheEnd),
        [(name, value)] if name == "after" => match sequence(value) {
            Some(sequence) => Ok(Begin::After(sequence)),
            None => refused("'after' is a sequence: a whole number from 0, of 63 bits at the most"),
        },
        [(_, value)] if value == OLDEST_TOKEN => Ok(Begin::AtTheOldestToken),
        [_] => refused("'since' is 'oldest-token'"),
        _ => refused("'after' and 'since' say the same: send one of them"),
    }
}

/// Digits alone: Rust would take a sign as well.
fn sequence(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|sequence| digits && *sequence <= SEQUENCE_MAX)
}
