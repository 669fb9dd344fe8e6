//! Header names of Stepwell's own, and the standard ones that `http` does not name.

use http::HeaderName;

/// Comma-separated tags of a response, from the origin to its edges and to a CDN.
pub const CACHE_TAG: HeaderName = HeaderName::from_static("cache-tag");
/// What the edge did and why (RFC 9211).
pub const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");
/// Cache policy for shared caches (RFC 9213).
pub const CDN_CACHE_CONTROL: HeaderName = HeaderName::from_static("cdn-cache-control");
/// The position that a write's purges got; sent back with reads.
pub const BOOKMARK: HeaderName = HeaderName::from_static("stepwell-bookmark");
/// The cookie that carries the bookmark for browsers.
pub const BOOKMARK_COOKIE: &str = "__Host-stepwell-bookmark";
/// The log position before which an answer's data was read; from the origin to its edges only.
pub const POSITION: HeaderName = HeaderName::from_static("stepwell-position");
/// Who may read an answer of the authorised class ([`crate::readers`]); from the origin to its edges only.
pub const READERS: HeaderName = HeaderName::from_static("stepwell-readers");
/// The signature of a request by an edge of ours, and what it covers (RFC 9421 §4).
pub const SIGNATURE: HeaderName = HeaderName::from_static("signature");
/// See [`SIGNATURE`].
pub const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");
/// Whom an edge asks for; from an edge that signs to its origin only. [`PURPOSE_EDGE`], or absent for a client.
pub const PURPOSE: HeaderName = HeaderName::from_static("stepwell-purpose");
/// The edge asks for itself: it follows the log, fills its store, answers a census.
pub const PURPOSE_EDGE: &str = "edge";
/// Makes a create safe to repeat (draft-ietf-httpapi-idempotency-key-header).
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Where a request's time went (W3C Server Timing).
pub const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
/// The limits on how often a client asks (draft-ietf-httpapi-ratelimit-headers-10 §3).
pub const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// What is left of them (§4 there).
pub const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// The prefix of every internal header: a client's own are stripped at the first tier, all but the bookmark.
pub const INTERNAL_PREFIX: &str = "stepwell-";
