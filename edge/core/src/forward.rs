//! What of a request reaches the origin.

use http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONNECTION, COOKIE, ETAG, HOST, IF_NONE_MATCH, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use stepwell_shared::bookmark::Position;
use stepwell_shared::headers::{
    BOOKMARK, CACHE_TAG, CDN_CACHE_CONTROL, INTERNAL_PREFIX, POSITION, READERS, SIGNATURE, SIGNATURE_INPUT,
};

/// Fields between two hops only (RFC 9110 §7.6.1); `keep-alive` and `proxy-connection` have no constant.
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// The prefix of most fields by which a request says which proxies it has passed: `x-forwarded-host`, ….
const FORWARDED_PREFIX: &str = "x-forwarded-";

/// The others, and those that ask for another place, host or method than the request's line and `Host` say. Frameworks
/// and web servers believe each of them, and no key holds any.
const PROXY_CLAIMS: [HeaderName; 14] = [
    HeaderName::from_static("forwarded"),
    HeaderName::from_static("front-end-https"),
    HeaderName::from_static("true-client-ip"),
    HeaderName::from_static("x-client-ip"),
    HeaderName::from_static("x-host"),
    HeaderName::from_static("x-http-host-override"),
    HeaderName::from_static("x-http-method"),
    HeaderName::from_static("x-http-method-override"),
    HeaderName::from_static("x-method-override"),
    HeaderName::from_static("x-original-host"),
    HeaderName::from_static("x-original-url"),
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("x-rewrite-url"),
    HeaderName::from_static("x-url-scheme"),
];

/// The header of a request for an answer that may be stored: nothing of the client's but a bound on staleness, since
/// whatever is not in the key must not change the answer. With a validator it asks whether that entry still stands.
pub fn shared_headers(bookmark: Option<Position>, validator: Option<&HeaderValue>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(position) = bookmark
        && let Ok(value) = HeaderValue::try_from(position.to_string())
    {
        headers.insert(BOOKMARK, value);
    }
    if let Some(etag) = validator {
        headers.insert(IF_NONE_MATCH, etag.clone());
    }
    headers
}

/// Makes a client's header fit to be forwarded for its own eyes: hop-by-hop fields, claims of proxies and names of
/// ours go, signatures included: those of edges alone mean anything here. What is ours and clients may send (the bookmark, the idempotency key) stays.
pub fn clean_request(headers: &mut HeaderMap) {
    remove_hop_by_hop(headers);
    remove_proxy_claims(headers);
    headers.remove(SIGNATURE);
    headers.remove(SIGNATURE_INPUT);
    remove_where(headers, |name| name.as_str().starts_with(INTERNAL_PREFIX) && *name != BOOKMARK);
}

/// Removes the fields by which an outside request would claim to have passed a proxy of ours, or to be another than it
/// is.
pub fn remove_proxy_claims(headers: &mut HeaderMap) {
    remove_where(headers, |name| name.as_str().starts_with(FORWARDED_PREFIX) || PROXY_CLAIMS.contains(name));
}

fn remove_where(headers: &mut HeaderMap, goes: impl Fn(&HeaderName) -> bool) {
    // Removal by collected name: a map cannot be changed while it is walked.
    let names: Vec<HeaderName> = headers.keys().filter(|name| goes(name)).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

/// Removes fields between two hops, those that `Connection` names included, but never one that a message needs end to
/// end: a client must not be able to have the edge drop its credentials or a cache its policy.
pub fn remove_hop_by_hop(headers: &mut HeaderMap) {
    const END_TO_END: [HeaderName; 7] =
        [AUTHORIZATION, CACHE_CONTROL, COOKIE, ETAG, HOST, SET_COOKIE, http::header::CONTENT_TYPE];
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .filter(|name| !END_TO_END.contains(name))
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

/// Makes an answer of the no-store class fit for a client: no cache behind this one may keep it either, and what only
/// edges read goes.
pub fn forbid_storing(headers: &mut HeaderMap) {
    remove_hop_by_hop(headers);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.remove(CDN_CACHE_CONTROL);
    headers.remove(CACHE_TAG);
    headers.remove(POSITION);
    headers.remove(READERS);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn outside_requests_cannot_speak_as_a_proxy_of_ours() {
        let mut outside = headers(&[
            ("x-forwarded-host", "evil"),
            ("x-forwarded-whatever", "evil"),
            ("x-original-url", "/evil"),
            ("x-http-method", "DELETE"),
            ("stepwell-caller", "root"),
            ("forwarded", "for=evil"),
            ("signature", "stepwell=:AAAA:"),
            ("signature-input", "stepwell=()"),
            ("stepwell-bookmark", "1-1"),
            ("connection", "x-drop, authorization"),
            ("x-drop", "1"),
            ("authorization", "Bearer t"),
            ("upgrade", "h2c"),
        ]);
        clean_request(&mut outside);
        let left: Vec<&str> = outside.keys().map(HeaderName::as_str).collect();
        assert_eq!(left.len(), 2);
        assert!(left.contains(&"authorization") && left.contains(&"stepwell-bookmark"));
    }

    #[test]
    fn an_answer_that_is_not_stored_says_so_to_all() {
        let mut answer =
            headers(&[("cdn-cache-control", "max-age=60"), ("cache-control", "public"), ("cache-tag", "a")]);
        forbid_storing(&mut answer);
        assert_eq!(answer, headers(&[("cache-control", "private, no-store")]));
    }
}
