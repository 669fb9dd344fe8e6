//! `Location` and what else leads to a resource, and the groups of answers.

use http::header::{CONTENT_LOCATION, HOST, LOCATION};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use stepwell_edge_core::cache::rfc9111::asked::Asked;
use stepwell_edge_core::cache::rfc9111::{groups, invalidate, uri};
use stepwell_shared::limits::CACHE_GROUPS_MAX;

pub(super) fn check(headers: &HeaderMap) {
    let (mut head, ()) = Request::new(()).into_parts();
    head.method = Method::POST;
    head.uri = http::Uri::from_static("/a/b?c");
    head.headers.insert(HOST, headers.get(HOST).cloned().unwrap_or(HeaderValue::from_static("a.org:81")));
    assert!(
        groups::of(headers, "a").len() <= CACHE_GROUPS_MAX
            && groups::invalidated_by(headers, "a").len() <= CACHE_GROUPS_MAX
    );
    let Ok(asked) = Asked::of(&head, true) else { return };
    assert_eq!((asked.target(), asked.path()), ("/a/b?c", "/a/b"));
    for name in [LOCATION, CONTENT_LOCATION] {
        for reference in headers.get_all(name) {
            check_reference(&asked, reference);
        }
    }
    let changed = invalidate::after(&asked, StatusCode::OK, headers);
    assert!(changed.contains(&uri::tag(&asked.key)), "RFC 9111 §4.4: the target is invalid");
}

/// A reference leads to a resource of the same host or nowhere (RFC 9111 §4.4), and said in full to the same.
fn check_reference(asked: &Asked, reference: &HeaderValue) {
    let Some(key) = uri::key(asked, reference.as_bytes()) else { return };
    let target = key.strip_prefix(asked.host()).unwrap_or_else(|| panic!("{key} is elsewhere"));
    assert!(target.starts_with('/') && !target.contains('#'), "{key}");
    assert!(
        !target.split(['?', '/']).any(|segment| segment == "..") || target.contains('?'),
        "{key} is not resolved"
    );
    if !asked.host().is_empty() {
        let whole = format!("http://{key}");
        assert_eq!(uri::key(asked, whole.as_bytes()).as_deref(), Some(&*key), "{reference:?}");
    }
}
