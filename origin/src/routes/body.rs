//! Request bodies: JSON within its limit, or a problem that says what is wrong with it.

use std::error::Error;
use std::fmt;

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use stepwell_shared::limits::BODY_BYTES_MAX;
use stepwell_shared::problem::Code;

use super::refused::Refused;
use crate::overload::held::Held;

/// RFC 7396 §4.
const MERGE_PATCH: &str = "application/merge-patch+json";
const JSON: &str = "application/json";

/// A body of the media type `application/json`, or of `application/merge-patch+json`, as it came.
#[derive(Clone, Debug)]
pub struct JsonBytes(pub Bytes);

/// A JSON body, an object, read as a `T`.
#[derive(Clone, Debug)]
pub struct Json<T>(pub T);

impl<S: Sync> FromRequest<S> for JsonBytes {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refused> {
        if !is_json(request.headers()) {
            let detail = format!("send the body as JSON, with \"Content-Type: {JSON}\"");
            return Err(Refused::new(Code::UnsupportedMediaType, detail));
        }
        let held = request.extensions().get::<Held>().cloned();
        let arriving = Limited::new(request.into_body(), BODY_BYTES_MAX).collect();
        let arrived = match held {
            Some(held) => held.while_arriving(arriving).await?,
            None => arriving.await,
        };
        match arrived {
            Ok(whole) => Ok(Self(whole.to_bytes())),
            Err(error) if is_over_limit(&*error) => {
                let detail = format!("a body has at most {BODY_BYTES_MAX} bytes");
                Err(Refused::new(Code::BodyTooLarge, detail))
            }
            Err(_) => Err(Refused::new(Code::BadRequest, "the body ended before it was complete")),
        }
    }
}

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Json<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        let JsonBytes(bytes) = JsonBytes::from_request(request, state).await?;
        object("the body", &bytes).map(Self)
    }
}

/// Reads an object, which a refusal calls `what`. serde would take the values of an array for members, in the order in
/// which they are declared.
pub fn object<'b, T: Deserialize<'b>>(what: &str, json: &'b [u8]) -> Result<T, Refused> {
    let malformed = |why: &dyn fmt::Display| Refused::new(Code::BadRequest, format!("{what}: {why}"));
    if json.trim_ascii_start().starts_with(b"[") {
        return Err(malformed(&"an array, expected an object"));
    }
    // serde_json's words name the place and what was expected, never the values.
    serde_json::from_slice(json).map_err(|error| malformed(&error))
}

/// Whether a body was broken off for its length: here, or by an edge in this process, whose word comes wrapped.
fn is_over_limit(error: &(dyn Error + 'static)) -> bool {
    error.is::<LengthLimitError>() || error.source().is_some_and(is_over_limit)
}

/// Parameters such as `charset` change nothing: JSON is UTF-8 (RFC 8259 §8.1).
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case(JSON) || essence.eq_ignore_ascii_case(MERGE_PATCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    #[derive(Debug, serde::Deserialize)]
    struct Sum {
        of: Vec<u8>,
    }

    async fn read(content_type: &str, body: impl Into<Body>) -> Result<Vec<u8>, Code> {
        let request = Request::builder().header(CONTENT_TYPE, content_type).body(body.into()).unwrap();
        let read = Json::<Sum>::from_request(request, &()).await;
        read.map(|Json(sum)| sum.of).map_err(|refused| refused.0.code)
    }

    #[tokio::test]
    async fn json_is_read_and_nothing_else() {
        let sum = r#"{"of": [1, 2]}"#;
        assert_eq!(read("application/json; charset=utf-8", sum).await, Ok(vec![1, 2]));
        assert_eq!(read("Application/Merge-Patch+JSON", sum).await, Ok(vec![1, 2]));
        assert_eq!(read("text/plain", sum).await, Err(Code::UnsupportedMediaType));
        assert_eq!(read("application/jsonp", sum).await, Err(Code::UnsupportedMediaType));
        // The last would be an object without its names.
        for wrong in ["{\"of\": [1, 2]", "[1", "[]", "[[1, 2]]", " \n[[1, 2]]"] {
            assert_eq!(read("application/json", wrong).await, Err(Code::BadRequest), "{wrong}");
        }
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_not_read_to_its_end() {
        let endless =
            futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 4096])));
        let endless = Body::from_stream(endless);
        assert_eq!(read("application/json", endless).await, Err(Code::BodyTooLarge));
        // An edge in this process breaks it off a moment earlier.
        let endless = Body::new(Limited::new(Body::from(vec![b' '; BODY_BYTES_MAX + 1]), BODY_BYTES_MAX));
        assert_eq!(read("application/json", endless).await, Err(Code::BodyTooLarge));
    }
}
