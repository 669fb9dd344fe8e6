//! Answers that the edge makes itself.

use bytes::Bytes;
use http::header::{
    AGE, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use stepwell_shared::conditional::not_modified;
use stepwell_shared::headers::{CACHE_STATUS, SERVER_TIMING};
use stepwell_shared::problem::{CONTENT_TYPE as PROBLEM_JSON, Problem};
use stepwell_shared::security;
use stepwell_shared::time::Timestamp;

use crate::authenticate::{Caller, may_read};
use crate::cache::entry::Entry;
use crate::cache::status::CacheStatus;
use crate::route::nothing_here;

/// Serves a stored entry to a request with this header: whole, or `304` where the client has it already. To a caller who
/// may not read it there is nothing here.
pub fn from_entry(
    entry: &Entry,
    caller: Option<&Caller>,
    status: CacheStatus,
    request: &HeaderMap,
    now: Timestamp,
) -> Response<Bytes> {
    if !may_read(caller, entry) {
        return problem(&nothing_here());
    }
    let unchanged = entry.status == StatusCode::OK && not_modified(request, entry.etag());
    let mut response = Response::new(if unchanged { Bytes::new() } else { entry.body.clone() });
    *response.status_mut() = if unchanged { StatusCode::NOT_MODIFIED } else { entry.status };
    let headers = response.headers_mut();
    headers.clone_from(&entry.headers);
    if unchanged {
        // RFC 9110 §15.4.5: a 304 carries what updates a stored answer, not what describes a body.
        for name in [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LANGUAGE] {
            headers.remove(name);
        }
    }
    if status.is_reuse() {
        headers.insert(AGE, HeaderValue::from(whole_seconds(entry.age_ms(now))));
    } else {
        headers.remove(AGE);
    }
    headers.insert(CACHE_STATUS, status.to_value());
    response
}

/// Says where a request's time went, beside what tiers behind this one said of it.
pub fn tell_timing(headers: &mut HeaderMap, timing: HeaderValue) {
    match headers.get_mut(SERVER_TIMING) {
        Some(place) if place.is_empty() => *place = timing,
        _ => {
            headers.append(SERVER_TIMING, timing);
        }
    }
}

const fn whole_seconds(ms: u64) -> u64 {
    ms / 1000
}

/// Tells a client what went wrong.
pub fn problem(problem: &Problem) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(problem.to_json()));
    *response.status_mut() = problem.code.status();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(CACHE_STATUS, CacheStatus::Generated.to_value());
    if problem.code.status() == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    security::put_on(headers);
    response
}

/// Adds what only an answer over TLS may say. Not for the class `http`, whose origin says it or does not.
pub fn under_tls(headers: &mut HeaderMap) {
    security::put_under_tls(headers);
}

/// Tells which methods a path has, as the answer to `OPTIONS` or beside a problem.
pub fn with_allow(mut response: Response<Bytes>, allowed: &str) -> Response<Bytes> {
    if let Ok(value) = HeaderValue::from_str(allowed) {
        response.headers_mut().insert(ALLOW, value);
    }
    response
}

/// The answer to `OPTIONS`.
pub fn options(allowed: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response.headers_mut().insert(CACHE_STATUS, CacheStatus::Generated.to_value());
    security::put_on(response.headers_mut());
    with_allow(response, allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::freshness::Lifetimes;
    use http::header::{ETAG, IF_NONE_MATCH};
    use stepwell_shared::bookmark::Position;
    use stepwell_shared::problem::Code;

    fn entry() -> Entry {
        let mut headers = HeaderMap::new();
        headers.insert(ETAG, HeaderValue::from_static("\"v1\""));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Entry {
            status: StatusCode::OK,
            headers,
            body: Bytes::from_static(b"{}"),
            tags: Box::new([]),
            position: Position::default(),
            stored_at: Timestamp::from_ms(1000),
            initial_age_ms: 0,
            readers: None,
            lifetimes: Lifetimes::default(),
            immutable: false,
        }
    }

    #[test]
    fn a_client_that_has_it_already_gets_304_without_a_body() {
        let now = Timestamp::from_ms(3500);
        let mut request = HeaderMap::new();
        let whole = from_entry(&entry(), None, CacheStatus::Hit { left_ms: 1 }, &request, now);
        assert_eq!((whole.status(), &whole.body()[..]), (StatusCode::OK, &b"{}"[..]));
        assert_eq!(whole.headers()[AGE], "2");

        request.insert(IF_NONE_MATCH, HeaderValue::from_static("W/\"v1\""));
        let unchanged = from_entry(&entry(), None, CacheStatus::Hit { left_ms: 1 }, &request, now);
        assert_eq!(unchanged.status(), StatusCode::NOT_MODIFIED);
        assert!(unchanged.body().is_empty() && !unchanged.headers().contains_key(CONTENT_TYPE));
        assert_eq!(unchanged.headers()[ETAG], "\"v1\"");
    }

    #[test]
    fn a_problem_is_never_stored_and_says_how_to_sign_in() {
        let response = problem(&Problem::from(Code::Unauthenticated));
        assert_eq!(response.headers()[CACHE_CONTROL], "private, no-store");
        assert_eq!(response.headers()[WWW_AUTHENTICATE], "Bearer");
    }

    #[test]
    fn what_the_edge_answers_itself_asks_of_browsers_what_the_origin_asks() {
        for response in [problem(&Problem::from(Code::NotFound)), options("GET")] {
            for (name, value) in security::FIELDS {
                assert_eq!(response.headers().get(&name), Some(&value), "{name}");
            }
        }
    }
}
