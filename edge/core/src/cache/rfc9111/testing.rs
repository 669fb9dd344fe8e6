//! Requests and stored answers for the tests of this module, said in few words.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use stepwell_shared::bookmark::Position;
use stepwell_shared::time::Timestamp;

use super::age::Exchange;
use super::asked::Asked;
use super::options::Options;
use super::stored::{Stored, Variants};
use super::storing::Answer;
use crate::cache::filing::Refusal;
use crate::cache::purge_log::PurgeLog;

/// The moment at which answers of the tests arrive.
pub(crate) const NOW: Timestamp = Timestamp::from_ms(1_800_000_000_000);

/// So many seconds after [`NOW`].
pub(crate) fn after_s(seconds: u64) -> Timestamp {
    NOW.plus_ms(seconds * 1000)
}

/// `name: value` a line.
pub(crate) fn fields(lines: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
    }
    headers
}

/// `METHOD TARGET` to the host `h`, with these fields.
pub(crate) fn head(line: &str, lines: &[&str]) -> Parts {
    let (method, target) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(target).body(()).unwrap().into_parts().0;
    request.headers = fields(lines);
    request.headers.insert("host", HeaderValue::from_static("h"));
    request
}

pub(crate) fn asked(head: &Parts) -> Asked {
    Asked::of(head, true).unwrap()
}

/// What is kept of an answer with this status, header and content to a request.
pub(crate) fn stored_for(
    head: &Parts,
    status: u16,
    lines: &[&str],
    content: &'static str,
) -> Result<Stored, Refusal> {
    let (asked, headers) = (asked(head), fields(lines));
    answer(&asked, &head.headers, status, &headers)
        .judge(&Options::default())?
        .complete(Bytes::from_static(content.as_bytes()))
}

/// What is kept of a `200` to `GET /`.
pub(crate) fn stored(lines: &[&str], content: &'static str) -> Stored {
    stored_for(&head("GET /", &[]), 200, lines, content).unwrap()
}

pub(crate) fn answer<'a>(
    asked: &'a Asked,
    request: &'a HeaderMap,
    status: u16,
    headers: &'a HeaderMap,
) -> Answer<'a> {
    Answer {
        asked,
        request,
        status: StatusCode::from_u16(status).unwrap(),
        headers,
        exchange: Exchange { asked_at: NOW, answered_at: NOW },
        position: Position::default(),
    }
}

/// A key under which these are stored, the last one latest.
pub(crate) fn variants(all: impl IntoIterator<Item = Stored>) -> Variants<Arc<Stored>> {
    all.into_iter().fold(Variants::default(), |variants, stored| variants.with(Arc::new(stored)))
}

/// A log in which nothing was purged yet.
pub(crate) fn log() -> PurgeLog {
    PurgeLog::own(64, 1)
}
