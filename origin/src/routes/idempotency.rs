//! Creates that are safe to repeat (draft-ietf-httpapi-idempotency-key-header): the same key with the same request
//! gets the answer that the first one got, and creates nothing.
//!
//! A create route takes [`IdempotencyKey`], calls [`IdempotencyKey::over`] on what was asked for, and in its job calls
//! [`replay`] first and [`keep`] last. Both do nothing for a request without a key.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode};
use sha2::{Digest as _, Sha256};
use stepwell_shared::bookmark::Position;
use stepwell_shared::headers::IDEMPOTENCY_KEY;
use stepwell_shared::limits::IDEMPOTENCY_KEY_BYTES_MAX;
use stepwell_shared::problem::Code;
use stepwell_shared::time::Timestamp;

use super::answer;
use super::refused::Refused;
use crate::database::Transaction;
use crate::database::queries::idempotency::{self as queries, Kept, Repeatable};

/// Says that an answer is an earlier one's.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The key of a request, if it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(pub Option<String>);

/// What a create answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Usually 201.
    pub status: StatusCode,
    /// Beside those of every answer to a write: `Location`, `ETag`.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// JSON.
    pub body: Bytes,
}

/// What a create answers, now or earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    created: Created,
    position: Position,
    replayed: bool,
}

impl IdempotencyKey {
    /// What makes a repeat of this request the same request: who asks for it where (`scope`), the key, and `content`.
    pub fn over(self, scope: impl Into<String>, content: &[u8]) -> Option<Repeatable> {
        let fingerprint = || Sha256::digest(content).into();
        self.0.map(|key| Repeatable { scope: scope.into(), key, fingerprint: fingerprint() })
    }
}

/// The answer that this request got when it came before.
pub async fn replay(
    transaction: &mut Transaction,
    repeatable: Option<&Repeatable>,
) -> Result<Option<Answered>, Refused> {
    let Some(repeatable) = repeatable else { return Ok(None) };
    let Some(kept) = queries::find(transaction, repeatable).await? else { return Ok(None) };
    if kept.fingerprint != repeatable.fingerprint {
        return Err(Refused::new(Code::IdempotencyMismatch, "use a new key for a new request"));
    }
    let headers = kept.headers.iter().map(|(name, value)| Ok((name.parse()?, value.parse()?)));
    let headers = headers.collect::<Result<_, http::Error>>().map_err(|error| Refused::internal(&error))?;
    let status = StatusCode::from_u16(kept.status).map_err(|error| Refused::internal(&error))?;
    let created = Created { status, headers, body: kept.body.into() };
    Ok(Some(Answered { created, position: kept.position, replayed: true }))
}

/// Keeps the answer for repeats, in the transaction of what it answers, after its purges.
pub async fn keep(
    transaction: &mut Transaction,
    repeatable: Option<&Repeatable>,
    created: Created,
    at: Timestamp,
) -> Result<Answered, Refused> {
    let position = transaction.position();
    if let Some(repeatable) = repeatable {
        let text = |(name, value): &(HeaderName, HeaderValue)| {
            value.to_str().map(|value| (name.to_string(), value.to_owned()))
        };
        let headers = created.headers.iter().map(text).collect::<Result<_, _>>();
        let kept = Kept {
            fingerprint: repeatable.fingerprint.to_vec(),
            status: created.status.as_u16(),
            headers: headers.map_err(|error| Refused::internal(&error))?,
            body: created.body.to_vec(),
            position,
        };
        queries::keep(transaction, repeatable, &kept, at).await?;
    }
    Ok(Answered { created, position, replayed: false })
}

impl IntoResponse for Answered {
    fn into_response(self) -> Response {
        let mut response = answer::written(self.created.status, self.created.body, self.position);
        response.headers_mut().extend(self.created.headers);
        if self.replayed {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let mut values = parts.headers.get_all(IDEMPOTENCY_KEY).into_iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(Self(None)),
            (Some(value), None) => parse(value).map(|key| Self(Some(key))).ok_or_else(malformed),
            (Some(_), Some(_)) => Err(malformed()),
        }
    }
}

/// The draft says a structured-field string, in quotes (RFC 9651 §3.3.3); many clients leave the quotes out.
fn parse(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?.trim();
    let key = text.strip_prefix('"').map_or(Some(text), |text| text.strip_suffix('"'))?;
    let fits = (1..=IDEMPOTENCY_KEY_BYTES_MAX).contains(&key.len());
    let plain = key.bytes().all(|b| (b.is_ascii_graphic() || b == b' ') && b != b'"' && b != b'\\');
    (fits && plain).then(|| key.to_owned())
}

fn malformed() -> Refused {
    let detail = format!(
        "send one Idempotency-Key of 1 to {IDEMPOTENCY_KEY_BYTES_MAX} characters in quotes, such as a UUID"
    );
    Refused::new(Code::BadRequest, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_with_quotes_or_without() {
        let parse = |text: &'static str| parse(&HeaderValue::from_static(text));
        assert_eq!(parse("\"a-1\""), Some("a-1".into()));
        assert_eq!(parse("a-1"), Some("a-1".into()));
        for bad in ["", "\"\"", "\"a", "a\"b", "a\\b"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
