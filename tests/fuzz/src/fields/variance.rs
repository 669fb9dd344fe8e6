//! `Vary`, and the fields that it names.

use http::header::{ACCEPT_LANGUAGE, IF_NONE_MATCH, VARY};
use http::{HeaderMap, HeaderName, HeaderValue};
use stepwell_edge_core::cache::rfc9111::variance::Vary;
use stepwell_shared::conditional::not_modified;

use crate::plain;

pub(super) fn check(headers: &HeaderMap) {
    check_tag(headers);
    let vary = Vary::of(headers);
    if plain::list(headers, &VARY).is_some_and(|members| members.contains(&"*")) {
        assert_eq!(vary, Vary::Star);
    }
    let (Some(selecting), Vary::Fields(fields)) = (vary.selecting(headers), &vary) else { return };
    assert!(selecting.matches(headers, headers), "RFC 9111 §4.1: a request matches itself");
    let mut other = headers.clone();
    other.append("x-not-named", HeaderValue::from_static("1"));
    assert!(fields.iter().any(|name| name == "x-not-named") || selecting.matches(&other, headers));
    for name in fields.iter().filter(|name| **name != ACCEPT_LANGUAGE) {
        for changed in changed(headers, name) {
            let is_other = plain::say_the_same(name, headers, &changed) == Some(false);
            assert!(
                !is_other || !selecting.matches(&changed, headers),
                "RFC 9111 §4.1: {name} is not the same"
            );
        }
    }
}

/// The same header without a field, and with other values of it.
fn changed(headers: &HeaderMap, name: &HeaderName) -> [HeaderMap; 3] {
    let mut without = headers.clone();
    let value = without.remove(name).unwrap_or(HeaderValue::from_static("1"));
    let (mut longer, mut more) = (headers.clone(), headers.clone());
    let text = [value.as_bytes(), b"x"].concat();
    longer.insert(name.clone(), HeaderValue::from_bytes(&text).expect("still a value"));
    more.append(name.clone(), HeaderValue::from_static("another"));
    [without, longer, more]
}

/// RFC 9110 §13.1.2: a client that names the tag has it.
fn check_tag(headers: &HeaderMap) {
    let tags = plain::line(headers, &IF_NONE_MATCH);
    let sane = HeaderValue::from_static("\"a,b\"");
    assert!(tags != Some("*") || not_modified(headers, Some(&sane)));
    let mut request = headers.clone();
    request.append(IF_NONE_MATCH, HeaderValue::from_static("\"x\", W/\"a,b\""));
    assert!(not_modified(&request, Some(&sane)));
    assert!(!not_modified(&HeaderMap::new(), Some(&sane)));
}
