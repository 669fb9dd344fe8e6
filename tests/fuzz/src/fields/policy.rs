//! `Cache-Control`, `CDN-Cache-Control`, `Expires`, `Age`.

use http::header::{AGE, CACHE_CONTROL, DATE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use stepwell_edge_core::cache::rfc9111::age::Exchange;
use stepwell_edge_core::cache::rfc9111::directives::{
    DELTA_S_MAX, RequestDirectives, ResponseDirectives, Restriction,
};
use stepwell_edge_core::cache::rfc9111::lifetime::Wishes;

use super::NOW;
use crate::plain::{self, Directives};

const CDN_CACHE_CONTROL: HeaderName = HeaderName::from_static("cdn-cache-control");

pub(super) fn check(headers: &HeaderMap) {
    let response = ResponseDirectives::of(headers);
    check_bounds(&response);
    check_spelling(headers, &response);
    check_restrictions(headers);
    if let Some(plain) = Directives::of(headers) {
        check_plain(&plain, &response, &RequestDirectives::of(headers));
    }
    check_lifetime(headers);
    check_age(headers);
}

fn check_bounds(response: &ResponseDirectives) {
    let spans = [
        response.max_age_s.unwrap_or(0),
        response.s_maxage_s.unwrap_or(0),
        response.stale_while_revalidate_s.unwrap_or(0),
        response.stale_if_error_s.unwrap_or(0),
    ];
    assert!(spans.iter().all(|span_s| *span_s <= DELTA_S_MAX), "{response:?}");
}

/// RFC 9111 §5.2: the names of directives have no case, and lines are one list.
fn check_spelling(headers: &HeaderMap, response: &ResponseDirectives) {
    let mut upper = HeaderMap::new();
    for line in headers.get_all(CACHE_CONTROL) {
        upper.append(
            CACHE_CONTROL,
            HeaderValue::from_bytes(&line.as_bytes().to_ascii_uppercase()).expect("still a value"),
        );
    }
    assert_eq!(ResponseDirectives::of(&upper), *response);
    let lines: Vec<&[u8]> = headers.get_all(CACHE_CONTROL).iter().map(HeaderValue::as_bytes).collect();
    if !lines.is_empty() && !lines.iter().any(|line| line.contains(&b'"')) {
        let one = HeaderValue::from_bytes(&lines.join(&b" ,\t"[..])).expect("still a value");
        assert_eq!(ResponseDirectives::of(&HeaderMap::from_iter([(CACHE_CONTROL, one)])), *response);
    }
}

/// A restriction on a line of its own is heard whatever the other lines say.
fn check_restrictions(headers: &HeaderMap) {
    let mut restricted = headers.clone();
    restricted
        .append(CACHE_CONTROL, HeaderValue::from_static("no-store, private, no-cache, must-revalidate"));
    let heard = ResponseDirectives::of(&restricted);
    assert!(heard.no_store && heard.must_revalidate && heard.forbids_stale());
    assert!(heard.private == Restriction::All && heard.no_cache == Restriction::All);
    restricted.append(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    let heard = RequestDirectives::of(&restricted);
    assert!(heard.no_store && heard.no_cache);
}

fn check_plain(plain: &Directives, response: &ResponseDirectives, request: &RequestDirectives) {
    assert_eq!(response.max_age_s, plain.seconds("max-age"));
    assert_eq!(response.s_maxage_s, plain.seconds("s-maxage"));
    assert_eq!((response.no_store, request.no_store), (plain.has("no-store"), plain.has("no-store")));
    assert_eq!(response.public, plain.has("public"));
    assert_eq!(response.must_revalidate, plain.has("must-revalidate"));
    assert_eq!(response.proxy_revalidate, plain.has("proxy-revalidate"));
    assert_eq!(response.must_understand, plain.has("must-understand"));
    for (restriction, name) in [(&response.private, "private"), (&response.no_cache, "no-cache")] {
        match restriction {
            Restriction::None => assert!(!plain.has(name)),
            Restriction::All => assert!(plain.has(name)),
            Restriction::Fields(fields) => {
                assert!(!plain.has_bare(name));
                let fields: Vec<&str> = fields.iter().map(HeaderName::as_str).collect();
                let names: Vec<String> =
                    plain.names(name).iter().map(|name| name.to_ascii_lowercase()).collect();
                assert_eq!(fields, names);
            }
        }
    }
    assert_eq!(
        (request.max_age_s, request.only_if_cached),
        (plain.seconds("max-age"), plain.has("only-if-cached"))
    );
    assert!(!plain.has("no-cache") || request.no_cache);
}

/// No answer is fresh for longer than it says, whoever reads it; and a field for CDNs that cannot be read says nothing
/// (RFC 9213 §2.1).
fn check_lifetime(headers: &HeaderMap) {
    let wishes = Wishes::of(StatusCode::OK, headers, NOW);
    if let Some(most_ms) = plain::lifetime_ms(StatusCode::OK, headers) {
        assert!(wishes.lifetimes.fresh_for_ms <= most_ms, "{wishes:?}, not {most_ms}");
        let stated = Directives::governing(headers)
            .and_then(|d| d.seconds("s-maxage").or_else(|| d.seconds("max-age")));
        assert!(stated.is_none_or(|stated_s| wishes.is_explicit && wishes.lifetimes.fresh_for_ms == stated_s * 1000));
    }
    let (mut broken, mut without) = (headers.clone(), headers.clone());
    broken.append(CDN_CACHE_CONTROL, HeaderValue::from_static("max-age=5, &"));
    without.remove(CDN_CACHE_CONTROL);
    assert_eq!(Wishes::of(StatusCode::OK, &broken, NOW), Wishes::of(StatusCode::OK, &without, NOW));
}

/// RFC 9111 §4.2.3.
fn check_age(headers: &HeaderMap) {
    let exchange = Exchange { asked_at: NOW, answered_at: NOW.plus_ms(2000) };
    let age_ms = exchange.initial_age_ms(headers);
    assert!(age_ms >= 2000);
    if let Some(age_s) = plain::age_s(headers).filter(|_| !headers.contains_key(DATE)) {
        assert_eq!(age_ms, age_s.min(DELTA_S_MAX) * 1000 + 2000, "{:?}", headers.get(AGE));
    }
}
