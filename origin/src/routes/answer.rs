//! Answers, each with the headers of its class. What may be stored, for how long and until which purge is said here.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use data_encoding::HEXLOWER;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use sha2::{Digest as _, Sha256};
use stepwell_shared::bookmark::Position;
use stepwell_shared::conditional::not_modified;
use stepwell_shared::headers::{BOOKMARK, BOOKMARK_COOKIE, CACHE_TAG, CDN_CACHE_CONTROL, POSITION, READERS};
use stepwell_shared::limits::TAGS_MAX;
use stepwell_shared::problem::Problem;
use stepwell_shared::readers::Readers;
use stepwell_shared::security;
use stepwell_shared::tags::Tag;

use crate::collections::collection::Lifetimes;

/// The media type of every body that is neither a problem nor a page.
pub const JSON: HeaderValue = HeaderValue::from_static("application/json");
const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-store");
/// How long a browser's bookmark lives: longer than any replica lags.
const BOOKMARK_COOKIE_S: u32 = 60;

/// An answer that is the same for everybody, for edges to store until one of its tags is purged.
#[derive(Clone, Debug)]
pub struct Public {
    /// How long, at most.
    pub lifetimes: Lifetimes,
    /// What it depends on, beside its path, which is implied. An answer with more than [`TAGS_MAX`] is not stored: a purge could miss it.
    pub tags: Vec<Tag>,
    /// The log position read before its data.
    pub position: Position,
    /// The validator, quotes included.
    pub etag: Option<HeaderValue>,
}

impl Public {
    /// 200 with a JSON body, or 304 without one for a request that has it already.
    pub fn json(&self, request: &HeaderMap, body: impl Into<Bytes>) -> Response {
        let mut response = if not_modified(request, self.etag.as_ref()) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            json(StatusCode::OK, body)
        };
        self.put_headers(response.headers_mut());
        response
    }

    /// The same for some alone, where `readers` says whom. That is for an edge of ours, which holds each caller against
    /// them: any other shared cache would take it for everybody's.
    pub fn json_for(
        &self,
        readers: Option<&Readers>,
        request: &HeaderMap,
        body: impl Into<Bytes>,
    ) -> Response {
        let mut response = self.json(request, body);
        if let Some(readers) = readers {
            response.headers_mut().insert(READERS, header(readers));
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        }
        response
    }

    /// A problem that edges may remember, such as a record that does not exist.
    pub fn problem(&self, problem: &Problem) -> Response {
        let mut response = problem_body(problem);
        self.put_headers(response.headers_mut());
        response
    }

    fn put_headers(&self, headers: &mut HeaderMap) {
        if let Some(etag) = &self.etag {
            headers.insert(ETAG, etag.clone());
        }
        if self.tags.len() > TAGS_MAX {
            headers.insert(CACHE_CONTROL, PRIVATE);
            return;
        }
        if !self.tags.is_empty() {
            headers
                .insert(CACHE_TAG, header(&self.tags.iter().map(Tag::as_str).collect::<Vec<_>>().join(",")));
        }
        headers.insert(POSITION, header(&self.position));
        headers.insert(CDN_CACHE_CONTROL, header(&shared_policy(self.lifetimes)));
        // Browsers hear of no purge, so they ask each time.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
}

/// A strong validator of an answer that nothing else versions: a hash of its bytes.
pub fn etag_of(body: &[u8]) -> HeaderValue {
    let digest = Sha256::digest(body);
    header(&format!("\"{}\"", HEXLOWER.encode(&digest[..16])))
}

/// RFC 9213, with the extensions of RFC 5861.
fn shared_policy(lifetimes: Lifetimes) -> String {
    let Lifetimes { edge_s, stale_s } = lifetimes;
    format!("max-age={edge_s}, stale-while-revalidate={stale_s}, stale-if-error={stale_s}")
}

/// A JSON answer for this caller alone.
pub fn private(status: StatusCode, body: impl Into<Bytes>) -> Response {
    let mut response = json(status, body);
    response.headers_mut().insert(CACHE_CONTROL, PRIVATE);
    response
}

/// A JSON answer for this caller alone, or 304 for a request that has it already. No cache keeps it; its validator is
/// what a later change names in `If-Match`.
pub fn private_validated(request: &HeaderMap, etag: HeaderValue, body: impl Into<Bytes>) -> Response {
    let mut response = if not_modified(request, Some(&etag)) {
        private(StatusCode::NOT_MODIFIED, Bytes::new())
    } else {
        private(StatusCode::OK, body)
    };
    response.headers_mut().insert(ETAG, etag);
    response
}

/// The answer to a write: its bookmark makes the caller's later reads include it. An empty body is not sent as JSON.
pub fn written(status: StatusCode, body: impl Into<Bytes>, position: Position) -> Response {
    let mut response = private(status, body);
    let cookie = format!(
        "{BOOKMARK_COOKIE}={position}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={BOOKMARK_COOKIE_S}"
    );
    response.headers_mut().insert(BOOKMARK, header(&position));
    response.headers_mut().insert(SET_COOKIE, header(&cookie));
    response
}

/// Whatever is answered, and what Stepwell asks of browsers by default: the last thing that each router does.
pub async fn secured(mut response: Response) -> Response {
    security::put_on(response.headers_mut());
    response
}

/// A problem as a body, with its status.
pub fn problem_body(problem: &Problem) -> Response {
    let mut response = Response::new(Body::from(problem.to_json()));
    *response.status_mut() = problem.code.status();
    let media_type = HeaderValue::from_static(stepwell_shared::problem::CONTENT_TYPE);
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

fn json(status: StatusCode, body: impl Into<Bytes>) -> Response {
    let body = body.into();
    let has_body = !body.is_empty();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    if has_body {
        response.headers_mut().insert(CONTENT_TYPE, JSON);
    }
    response
}

/// A header value from our own numbers and words.
fn header(text: &impl ToString) -> HeaderValue {
    HeaderValue::try_from(text.to_string()).expect("digits, letters and punctuation are visible ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::IF_NONE_MATCH;
    use stepwell_shared::bookmark::Epoch;

    fn public(tags: usize) -> Public {
        Public {
            lifetimes: Lifetimes { edge_s: 600, stale_s: 86_400 },
            tags: (0..tags).map(|n| Tag::parse(&format!("record/posts/{n}")).unwrap()).collect(),
            position: Position { epoch: Epoch(10), sequence: 31 },
            etag: Some(HeaderValue::from_static("\"7\"")),
        }
    }

    fn text(response: &Response, name: impl http::header::AsHeaderName) -> Option<&str> {
        response.headers().get(name).map(|value| value.to_str().unwrap())
    }

    #[test]
    fn a_public_answer_says_how_long_until_which_purge_and_from_when() {
        let response = public(2).json(&HeaderMap::new(), "{}");
        let policy = "max-age=600, stale-while-revalidate=86400, stale-if-error=86400";
        assert_eq!(text(&response, CDN_CACHE_CONTROL), Some(policy));
        assert_eq!(text(&response, CACHE_TAG), Some("record/posts/0,record/posts/1"));
        assert_eq!(text(&response, POSITION), Some("a-1f"));
        assert_eq!(text(&response, CACHE_CONTROL), Some("no-cache"));
        assert_eq!(text(&response, ETAG), Some("\"7\""));
    }

    #[test]
    fn an_answer_that_a_purge_could_miss_is_not_stored() {
        let response = public(TAGS_MAX + 1).json(&HeaderMap::new(), "{}");
        assert_eq!(text(&response, CACHE_CONTROL), Some("private, no-store"));
        assert_eq!(text(&response, CDN_CACHE_CONTROL), None);
        assert!(text(&public(TAGS_MAX).json(&HeaderMap::new(), "{}"), CDN_CACHE_CONTROL).is_some());
    }

    #[test]
    fn a_request_that_has_the_answer_gets_no_body() {
        for (known, status) in
            [("\"7\"", 304), ("W/\"7\"", 304), ("\"8\", \"7\"", 304), ("*", 304), ("\"8\"", 200)]
        {
            let request = HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_static(known))]);
            assert_eq!(public(1).json(&request, "{}").status(), status, "{known}");
        }
    }

    #[test]
    fn a_write_carries_its_bookmark_twice() {
        let response = written(StatusCode::CREATED, "{}", Position { epoch: Epoch(1), sequence: 2 });
        assert_eq!(text(&response, BOOKMARK), Some("1-2"));
        let cookie = "__Host-stepwell-bookmark=1-2; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=60";
        assert_eq!(text(&response, SET_COOKIE), Some(cookie));
        assert_eq!(text(&response, CACHE_CONTROL), Some("private, no-store"));
    }
}
