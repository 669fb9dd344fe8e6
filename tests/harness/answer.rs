//! An answer of the server, and what tests want to know of it.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use stepwell_shared::bookmark::Position;
use stepwell_shared::headers::{BOOKMARK, CACHE_STATUS};
use stepwell_shared::problem;

use crate::cache_status::CacheStatus;

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its header.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
    /// The request, for messages.
    pub what: String,
}

impl Answer {
    /// The same, once it is sure that the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.what, self.text());
        self
    }

    /// The body as text.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{}: no JSON ({error}): {}", self.what, self.text()))
    }

    /// The value of a field that occurs once.
    #[track_caller]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?.to_str().expect("header values of ours are ASCII");
        assert!(values.next().is_none(), "{}: {name} occurs twice", self.what);
        Some(value)
    }

    /// What the edge says that it did.
    #[track_caller]
    pub fn cache_status(&self) -> CacheStatus {
        let value =
            self.header(CACHE_STATUS.as_str()).unwrap_or_else(|| panic!("{}: no Cache-Status", self.what));
        CacheStatus::parse(value)
    }

    /// The bookmark that a write answered.
    #[track_caller]
    pub fn bookmark(&self) -> Position {
        let value = self.header(BOOKMARK.as_str()).unwrap_or_else(|| panic!("{}: no bookmark", self.what));
        value.parse().expect("the server writes bookmarks right")
    }

    /// The code of a problem, once it is sure that this is a well-formed one (RFC 9457).
    #[track_caller]
    pub fn problem(&self) -> String {
        let content_type = self.headers.get(CONTENT_TYPE).map(http::HeaderValue::as_bytes);
        assert_eq!(content_type, Some(problem::CONTENT_TYPE.as_bytes()), "{}: {}", self.what, self.text());
        let body = self.json();
        let code = body["code"].as_str().unwrap_or_else(|| panic!("{}: no code: {body}", self.what));
        assert_eq!(body["status"], self.status.as_u16(), "{}: {body}", self.what);
        assert_eq!(body["type"], format!("urn:stepwell:problem:{code}"), "{}", self.what);
        assert!(body["title"].is_string(), "{}: {body}", self.what);
        code.to_owned()
    }
}
