//! `GET /.well-known/security.txt`: whom to tell of a hole (RFC 9116).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use stepwell_shared::problem::Code;
use stepwell_shared::time::Timestamp;

use super::answer::{Public, etag_of};
use super::refused::Refused;
use crate::app::App;
use crate::collections::collection::Lifetimes;
use crate::domain::datetime;

/// It changes once a day, and with the configuration; nobody reads it often.
const LIFETIMES: Lifetimes = Lifetimes { edge_s: 3600, stale_s: 24 * 3600 };
const DAY_MS: u64 = 24 * 3600 * 1000;
/// RFC 9116 §2.5.5 asks for less than a year. The file is as good as its configuration for as long as it is served.
const GOOD_FOR_MS: u64 = 180 * DAY_MS;
/// RFC 9116 §3.
const PLAIN_TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// 200 with the file; 404 where no contact is configured.
pub async fn security_txt(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Refused> {
    let contact = app.security_contact.as_deref().ok_or(Code::NotFound)?;
    let body = written(contact, app.clock.now());
    let (etag, position) = (Some(etag_of(body.as_bytes())), app.database.tail.head());
    let mut response = Public { lifetimes: LIFETIMES, tags: Vec::new(), position, etag }.json(&headers, body);
    if response.status() == StatusCode::OK {
        response.headers_mut().insert(CONTENT_TYPE, PLAIN_TEXT);
    }
    Ok(response)
}

/// The same text all day, so that its validator stands.
fn written(contact: &str, now: Timestamp) -> String {
    let today_ms = now.as_ms() - now.as_ms() % DAY_MS;
    let expires = i64::try_from(today_ms + GOOD_FOR_MS).unwrap_or(i64::MAX);
    format!("Contact: {contact}\nExpires: {}\n", datetime::to_text(expires))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_whom_to_tell_and_until_when_alike_all_day() {
        let noon = Timestamp::from_ms(1_800_000_000_000);
        let text = written("mailto:security@example.com", noon);
        assert_eq!(text, "Contact: mailto:security@example.com\nExpires: 2027-07-14T00:00:00.000Z\n");
        assert_eq!(written("mailto:security@example.com", noon.plus_ms(1000)), text);
        assert_ne!(written("mailto:security@example.com", noon.plus_ms(DAY_MS)), text);
    }
}
