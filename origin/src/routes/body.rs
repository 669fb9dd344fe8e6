//! Request bodies: JSON within its limit, or a problem that says what is wrong with it.

use std::error::Error;

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
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

/// A JSON body, read as a `T`.
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
        // serde_json's words name the place and what was expected, never the values.
        let read = serde_json::from_slice(&bytes);
        read.map(Self).map_err(|error| Refused::new(Code::BadRequest, format!("the body: {error}")))
    }
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

    async fn read(content_type: &str, body: impl Into<Body>) -> Result<Vec<u8>, Code> {
        let request = Request::builder().header(CONTENT_TYPE, content_type).body(body.into()).unwrap();
        let read = Json::<Vec<u8>>::from_request(request, &()).await;
        read.map(|Json(read)| read).map_err(|refused| refused.0.code)
    }

    #[tokio::test]
    async fn json_is_read_and_nothing_else() {
        assert_eq!(read("application/json; charset=utf-8", "[1, 2]").await, Ok(vec![1, 2]));
        assert_eq!(read("Application/Merge-Patch+JSON", "[]").await, Ok(vec![]));
        assert_eq!(read("text/plain", "[1]").await, Err(Code::UnsupportedMediaType));
        assert_eq!(read("application/jsonp", "[1]").await, Err(Code::UnsupportedMediaType));
        assert_eq!(read("application/json", "[1").await, Err(Code::BadRequest));
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
