//! What every answer of Stepwell's own asks of browsers, whichever tier makes it.
//!
//! The origin puts it on, so that stored answers carry it and a hit costs nothing; the edge puts it on what it answers
//! itself. Answers of the class `http` are their origin's, and stay as they are.

use http::header::{
    CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue};

/// Who may load an answer without asking by CORS (Fetch §3.7).
pub const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Each field with what it says where the answer itself says nothing else.
pub const FIELDS: [(HeaderName, HeaderValue); 5] = [
    // Data is no page: should a browser take it for one, nothing in it runs, loads, or is framed (CSP Level 3). Pages
    // have a policy of their own.
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    // Other sites' pages cannot load an answer as a script or an image. Fetch holds only requests without CORS against
    // it, so that it takes nothing from an origin that may read by CORS.
    (CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin")),
    // Paths name records, which are nobody else's business.
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    // An answer is of the type that it says (Fetch §3.6).
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    // For browsers that do not know frame-ancestors (RFC 7034).
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

/// Two years, as lists of such hosts ask for. Not for subdomains, which may be somebody else's.
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// Puts [`FIELDS`] on an answer; what it says already stands.
pub fn put_on(headers: &mut HeaderMap) {
    for (name, value) in FIELDS {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    }
}

/// Tells a browser that this host is reached by TLS alone from now on (RFC 6797). Only for what is sent over TLS: §7.2
/// forbids it elsewhere.
pub fn put_under_tls(headers: &mut HeaderMap) {
    if !headers.contains_key(STRICT_TRANSPORT_SECURITY) {
        headers.insert(STRICT_TRANSPORT_SECURITY, ONLY_TLS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_says_itself_stands() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("script-src 'self'"));
        put_on(&mut headers);
        assert_eq!(headers.len(), FIELDS.len());
        assert_eq!(headers[CONTENT_SECURITY_POLICY], "script-src 'self'");
        assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
        let once = headers.clone();
        put_on(&mut headers);
        assert_eq!(headers, once);
    }

    #[test]
    fn nothing_is_said_of_tls_without_it() {
        let mut headers = HeaderMap::new();
        put_on(&mut headers);
        assert!(!headers.contains_key(STRICT_TRANSPORT_SECURITY));
        put_under_tls(&mut headers);
        assert_eq!(headers[STRICT_TRANSPORT_SECURITY], "max-age=63072000");
    }
}
