//! The answer that a stored one makes to a request (RFC 9111 §4, §4.3.2; RFC 9110 §13.2, §14.2).

use bytes::Bytes;
use http::header::{
    AGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE,
    DATE, ETAG, EXPIRES, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use stepwell_shared::conditional::not_modified;
use stepwell_shared::headers::{CACHE_STATUS, CDN_CACHE_CONTROL};
use stepwell_shared::time::Timestamp;

use super::asked::Asked;
use super::date;
use super::directives::Restriction;
use super::extent::wanted_range;
use super::partial::{Part, Sliced};
use super::stored::Stored;
use crate::cache::status::CacheStatus;

/// Serves a stored answer: whole, in part, or as a `304` where the client has it already.
pub fn from_stored(
    stored: &Stored,
    asked: &Asked,
    request: &HeaderMap,
    status: CacheStatus,
    now: Timestamp,
) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    response.headers_mut().clone_from(&stored.entry.headers);
    if let (Restriction::Fields(names), true) = (&stored.no_cache, status.is_reuse()) {
        // RFC 9111 §5.2.2.4: these may be sent again only once the origin has confirmed them.
        for name in names {
            response.headers_mut().remove(name);
        }
    }
    if status.is_reuse() {
        let age_s = stored.entry.age_ms(now) / 1000;
        response.headers_mut().insert(AGE, HeaderValue::from(age_s));
    }
    // One of a chain: what caches before this one said stays (RFC 9211 §2).
    response.headers_mut().append(CACHE_STATUS, status.to_value());
    if is_unchanged(stored.entry.status, &stored.entry.headers, request, now) {
        make_not_modified(&mut response);
    } else {
        fill(&mut response, stored, asked, request, now);
    }
    response
}

/// Whether the client's own copy stands, going by the header of what it would get. `If-None-Match` counts before
/// `If-Modified-Since`; where no time of change is known, that of the answer's making stands in (RFC 9111 §4.3.2).
pub fn is_unchanged(status: StatusCode, answer: &HeaderMap, request: &HeaderMap, now: Timestamp) -> bool {
    if !matches!(status, StatusCode::OK | StatusCode::PARTIAL_CONTENT) {
        return false;
    }
    if request.contains_key(IF_NONE_MATCH) {
        return not_modified(request, answer.get(ETAG));
    }
    let Some(since) = date::of(request, &IF_MODIFIED_SINCE, now) else { return false };
    let changed_at = date::of(answer, &LAST_MODIFIED, now).or_else(|| date::of(answer, &DATE, now));
    changed_at.is_some_and(|changed_at| changed_at <= since)
}

/// RFC 9110 §15.4.5: a 304 carries what updates a stored answer, not what describes a body.
pub fn make_not_modified<B: Default>(response: &mut Response<B>) {
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    *response.body_mut() = B::default();
    for name in [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_RANGE] {
        response.headers_mut().remove(name);
    }
}

/// Puts in what the request wants of the content.
fn fill(response: &mut Response<Bytes>, stored: &Stored, asked: &Asked, request: &HeaderMap, now: Timestamp) {
    let body = &stored.entry.body;
    *response.status_mut() = stored.entry.status;
    let is_ranged = matches!(stored.entry.status, StatusCode::OK | StatusCode::PARTIAL_CONTENT);
    let whole = Part::whole(body.len() as u64);
    let sliced = wanted_range(stored, asked, request, now)
        .filter(|_| is_ranged)
        .map(|range| stored.part.as_ref().unwrap_or(&whole).slice(body, range));
    match sliced {
        Some(Sliced::Satisfied { body, content_range }) => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            response.headers_mut().insert(CONTENT_RANGE, content_range);
            *response.body_mut() = body;
        }
        Some(Sliced::Unsatisfiable { content_range }) => make_unsatisfied(response, content_range),
        Some(Sliced::NotHeld) | None if asked.method == Method::HEAD => {
            // RFC 9110 §8.6: a 204 has no length.
            if stored.entry.status != StatusCode::NO_CONTENT {
                response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
            }
        }
        Some(Sliced::NotHeld) | None => *response.body_mut() = body.clone(),
    }
}

/// RFC 9110 §15.5.17. A 416 speaks of one request's range: under the stored answer's own policy a cache behind this one
/// might keep it for whole ones (RFC 9111 §3 asks for no more than a lifetime).
fn make_unsatisfied(response: &mut Response<Bytes>, content_range: HeaderValue) {
    *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
    let headers = response.headers_mut();
    for name in [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LANGUAGE, EXPIRES, CDN_CACHE_CONTROL] {
        headers.remove(name);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_RANGE, content_range);
}

#[cfg(test)]
mod tests {
    use super::super::testing::{after_s, asked, head, stored, stored_for};
    use super::*;

    const FRESH: &str = "cache-control: max-age=9";
    const HIT: CacheStatus = CacheStatus::Hit { left_ms: 1 };

    fn said(stored: &Stored, line: &str, lines: &[&str], status: CacheStatus) -> Response<Bytes> {
        let head = head(line, lines);
        from_stored(stored, &asked(&head), &head.headers, status, after_s(3))
    }

    #[test]
    fn a_hit_tells_its_age_and_keeps_what_was_said_before() {
        let kept = stored(&[FRESH, "cache-status: other; hit", "no-cache-field: 1"], "content");
        let response = said(&kept, "GET /", &[], HIT);
        assert_eq!((response.status(), response.headers()["age"].as_bytes()), (StatusCode::OK, &b"3"[..]));
        let chain: Vec<_> = response.headers().get_all("cache-status").iter().collect();
        assert_eq!(chain, ["other; hit", "stepwell; hit; ttl=1"]);
        assert_eq!(&**response.body(), b"content");
    }

    #[test]
    fn named_fields_wait_for_the_origins_word() {
        let kept = stored(&["cache-control: max-age=9, no-cache=\"x-a\"", "x-a: 1"], "");
        assert!(!said(&kept, "GET /", &[], HIT).headers().contains_key("x-a"));
        let confirmed = crate::cache::status::Forwarded {
            reason: crate::cache::decide::Reason::Expired,
            outcome: crate::cache::status::Outcome::Revalidated,
        };
        assert!(said(&kept, "GET /", &[], CacheStatus::Forwarded(confirmed)).headers().contains_key("x-a"));
    }

    #[test]
    fn who_has_it_is_told_so() {
        let modified = "last-modified: Thu, 01 Jan 2026 00:00:00 GMT";
        let kept = stored(&[FRESH, "etag: W/\"a\"", modified, "content-type: text/plain"], "content");
        for (lines, expected) in [
            (&["if-none-match: \"b\", \"a\""][..], 304),
            (&["if-none-match: \"b\"", "if-modified-since: Thu, 01 Jan 2026 00:00:00 GMT"], 200),
            (&["if-modified-since: Thu, 01 Jan 2026 00:00:00 GMT"], 304),
            (&["if-modified-since: Wed, 31 Dec 2025 23:59:59 GMT"], 200),
            (&["if-modified-since: yesterday"], 200),
        ] {
            let response = said(&kept, "GET /", lines, HIT);
            assert_eq!(response.status(), expected, "{lines:?}");
            assert_eq!(response.body().is_empty(), expected == 304);
        }
        let response = said(&kept, "GET /", &["if-none-match: *"], HIT);
        assert!(response.headers().contains_key("etag") && !response.headers().contains_key("content-type"));
        // Without a time of change the time of making counts (RFC 9111 §4.3.2): it is later than this.
        let undated = stored(&[FRESH], "content");
        assert_eq!(
            said(&undated, "GET /", &["if-modified-since: Thu, 01 Jan 2026 00:00:00 GMT"], HIT).status(),
            200
        );
        let error = stored_for(&head("GET /", &[]), 404, &[FRESH, "etag: \"a\""], "").unwrap();
        assert_eq!(said(&error, "GET /", &["if-none-match: \"a\""], HIT).status(), 404);
    }

    #[test]
    fn ranges_are_cut_from_what_is_stored() {
        let kept = stored(&[FRESH, "etag: \"a\""], "0123456789");
        for (line, lines, status, body) in [
            ("GET /", &["range: bytes=2-3"][..], 206, "23"),
            ("GET /", &["range: bytes=-1"], 206, "9"),
            ("GET /", &["range: bytes=10-"], 416, ""),
            ("GET /", &["range: bytes=0-1, 3-4"], 200, "0123456789"),
            ("GET /", &["range: lines=0-1"], 200, "0123456789"),
            ("GET /", &["range: bytes=2-3", "if-range: \"b\""], 200, "0123456789"),
            ("HEAD /", &["range: bytes=2-3"], 200, ""),
        ] {
            let response = said(&kept, line, lines, HIT);
            assert_eq!(
                (response.status().as_u16(), &**response.body()),
                (status, body.as_bytes()),
                "{lines:?}"
            );
        }
        assert_eq!(said(&kept, "HEAD /", &[], HIT).headers()["content-length"], "10");
        let empty = stored_for(&head("GET /", &[]), 204, &[FRESH], "").unwrap();
        assert!(!said(&empty, "HEAD /", &[], HIT).headers().contains_key("content-length"));
        let behind = said(&kept, "GET /", &["range: bytes=10-"], HIT);
        assert_eq!(behind.headers()["content-range"], "bytes */10");
        assert_eq!(behind.headers()["cache-control"], "no-store");
        let missing = stored_for(&head("GET /", &[]), 404, &[FRESH], "nothing").unwrap();
        assert_eq!(said(&missing, "GET /", &["range: bytes=0-1"], HIT).status(), 404);
    }
}
