//! Problems: every error that a client can see (RFC 9457), made in one place from a closed set of codes.

use http::StatusCode;
use serde::{Deserialize, Serialize};

/// The media type of a problem body.
pub const CONTENT_TYPE: &str = "application/problem+json";

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $slug:literal, $status:ident, $title:literal;)*) => {
        /// Stable codes. Programs match on them; a code never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code, for the documents.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as programs see it.
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$name => $slug,)* }
            }

            /// The status that goes with it.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// What it means, in the same words each time.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

codes! {
    /// The request's form is wrong: its target, a header, its JSON.
    BadRequest = "bad-request", BAD_REQUEST, "The request is malformed";
    /// A query parameter that the route does not know, twice, or with a value that it cannot have.
    BadParameter = "bad-parameter", BAD_REQUEST, "A query parameter is wrong";
    /// No token, or one that does not verify.
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "Sign in first";
    /// E-mail or password is wrong; which one is not told.
    WrongCredentials = "wrong-credentials", UNAUTHORIZED, "The e-mail address or the password is wrong";
    /// The caller is known and may not.
    Forbidden = "forbidden", FORBIDDEN, "This is not allowed";
    /// A browser's cookies came with a change that a page of another site may have asked for.
    CrossSite = "cross-site", FORBIDDEN, "The request comes from another site";
    /// The origin takes requests of its edges alone, and this is not signed by one.
    UnknownEdge = "unknown-edge", FORBIDDEN, "The request does not come through an edge of this deployment";
    /// Nothing here that the caller may know of.
    NotFound = "not-found", NOT_FOUND, "There is nothing here";
    /// The path exists, the method does not.
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "The method is not allowed here";
    /// A unique value is taken.
    Conflict = "conflict", CONFLICT, "A value that must be unique is taken";
    /// Other records refer to this one.
    InUse = "in-use", CONFLICT, "Other records refer to this one";
    /// The record changed since the version that `If-Match` names.
    VersionMismatch = "version-mismatch", PRECONDITION_FAILED, "The record has changed since you read it";
    /// The body is over its limit.
    BodyTooLarge = "body-too-large", PAYLOAD_TOO_LARGE, "The body is too large";
    /// The target is over its limit.
    TargetTooLong = "target-too-long", URI_TOO_LONG, "The request target is too long";
    /// The body's media type is not one that the route reads.
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The media type is not supported";
    /// The body is well-formed and its values break the collection's declaration.
    Invalid = "invalid", UNPROCESSABLE_ENTITY, "Some values are not allowed";
    /// The same `Idempotency-Key` came with another request.
    IdempotencyMismatch = "idempotency-mismatch", UNPROCESSABLE_ENTITY, "The Idempotency-Key was used for another request";
    /// The body came too slowly.
    RequestTimeout = "request-timeout", REQUEST_TIMEOUT, "The request took too long to arrive";
    /// Too much of this was asked at once.
    TooManyRequests = "too-many-requests", TOO_MANY_REQUESTS, "Too many requests; try again later";
    /// Our fault; the details are in the log.
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something went wrong on our side";
    /// The request asks for another protocol.
    UpgradeRefused = "upgrade-refused", NOT_IMPLEMENTED, "The connection cannot be upgraded here";
    /// The request wants only what is stored (`only-if-cached`), and nothing is.
    NotStored = "not-stored", GATEWAY_TIMEOUT, "Nothing is stored for this request";
    /// The request has passed this cache before.
    LoopDetected = "loop-detected", LOOP_DETECTED, "The request goes round in a circle";
    /// The edge could not reach the origin.
    OriginUnreachable = "origin-unreachable", BAD_GATEWAY, "The origin could not be reached";
    /// The origin took too long, or could not be reached to confirm what is stored.
    OriginSilent = "origin-silent", GATEWAY_TIMEOUT, "The origin did not answer in time";
    /// More work than there is room for; nothing was done.
    Overloaded = "overloaded", SERVICE_UNAVAILABLE, "Too much is going on; try again later";
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.slug())
    }
}

/// The body of an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind it is.
    pub code: Code,
    /// What happened this time and how to mend it; never an internal.
    pub detail: String,
    /// Each value that is wrong.
    pub errors: Vec<FieldError>,
}

/// One value of the request that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// Where: a JSON pointer into the body (RFC 6901).
    pub pointer: String,
    /// Which rule: `required`, `type`, `max`, `unknown`, ….
    pub code: String,
    /// The rule in words, with its bound.
    pub detail: String,
}

#[derive(Serialize)]
struct Wire<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    code: Code,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
}

impl Problem {
    /// A problem with a sentence about this occurrence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new() }
    }

    /// The values of a body that break their declaration.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] => format!("{}: {}", only.pointer, only.detail),
            many => format!("{} values are wrong; see \"errors\"", many.len()),
        };
        Self { code: Code::Invalid, detail, errors }
    }

    /// The body, as `application/problem+json`.
    pub fn to_json(&self) -> Vec<u8> {
        let wire = Wire {
            r#type: format!("urn:stepwell:problem:{}", self.code.slug()),
            title: self.code.title(),
            status: self.code.status().as_u16(),
            code: self.code,
            detail: &self.detail,
            errors: &self.errors,
        };
        // Strings and numbers always serialise.
        serde_json::to_vec(&wire).unwrap_or_default()
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code, "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_the_members_of_rfc_9457() {
        let problem = Problem::invalid(vec![FieldError {
            pointer: "/title".into(),
            code: "required".into(),
            detail: "is required".into(),
        }]);
        assert_eq!(
            String::from_utf8(problem.to_json()).unwrap(),
            r#"{"type":"urn:stepwell:problem:invalid","title":"Some values are not allowed","status":422,"code":"invalid","detail":"/title: is required","errors":[{"pointer":"/title","code":"required","detail":"is required"}]}"#
        );
    }

    #[test]
    fn codes_are_distinct() {
        let slugs: std::collections::BTreeSet<_> = Code::ALL.iter().map(|c| c.slug()).collect();
        assert_eq!(slugs.len(), Code::ALL.len());
    }
}
