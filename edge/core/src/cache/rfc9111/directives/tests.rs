use super::*;
use http::HeaderValue;

fn headers(lines: &[&'static str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(CACHE_CONTROL, HeaderValue::from_static(line));
    }
    headers
}

fn response(lines: &[&'static str]) -> ResponseDirectives {
    ResponseDirectives::of(&headers(lines))
}

#[test]
fn lifetimes_are_numbers_or_nothing() {
    for (line, expected) in [
        ("max-age=3600", Some(3600)),
        ("MaX-aGe=3600", Some(3600)),
        ("max-age=\"3600\"", Some(3600)),
        ("max-age=003600", Some(3600)),
        ("foo, max-age=1", Some(1)),
        ("max-age=99999999999999999999999", Some(DELTA_S_MAX)),
        ("max-age=-1", Some(0)),
        ("max-age='3600'", Some(0)),
        ("max-age=3600.0", Some(0)),
        ("max-age=a3600", Some(0)),
        ("max-age=3600a", Some(0)),
        ("max-age =3600", Some(0)),
        ("max-age= 3600", Some(0)),
        ("max-age", Some(0)),
        ("extension=\"max-age=3600\"", None),
        ("extension=\"a, max-age=3600\"", None),
        ("extension=\"\\\", max-age=3600\"", None),
        ("", None),
    ] {
        assert_eq!(response(&[line]).max_age_s, expected, "{line}");
    }
}

#[test]
fn the_first_of_two_counts() {
    assert_eq!(response(&["max-age=1, max-age=1800"]).max_age_s, Some(1));
    assert_eq!(response(&["max-age=1800", "max-age=1"]).max_age_s, Some(1800));
    let windows = response(&[
        "stale-if-error=1, stale-while-revalidate=2, stale-while-revalidate=60, stale-if-error=60",
    ]);
    assert_eq!((windows.stale_if_error_s, windows.stale_while_revalidate_s), (Some(1), Some(2)));
}

#[test]
fn restrictions_hold_even_where_they_are_odd() {
    assert!(response(&["No-StOrE"]).no_store && response(&["no-store=1"]).no_store);
    assert!(response(&["no-store =1"]).no_store && response(&["a, ,,no-store ,"]).no_store);
    assert_eq!(response(&["no-cache"]).no_cache, Restriction::All);
    assert_eq!(response(&["no-cache=\"\""]).no_cache, Restriction::All);
    assert_eq!(response(&["no-cache=\"a b\""]).no_cache, Restriction::All);
    let names = |names: &[&'static str]| {
        Restriction::Fields(names.iter().map(|name| HeaderName::from_static(name)).collect())
    };
    assert_eq!(response(&["no-cache=\"a, B\""]).no_cache, names(&["a", "b"]));
    assert_eq!(response(&["private=a", "private=\"b\""]).private, names(&["a", "b"]));
    assert_eq!(response(&["private=a, private"]).private, Restriction::All);
    assert_eq!(response(&["private, private=a"]).private, Restriction::All);
}

#[test]
fn a_request_may_speak_the_old_way_where_it_says_nothing_else() {
    let mut headers = HeaderMap::new();
    headers.insert(PRAGMA, HeaderValue::from_static("foo, no-Cache"));
    assert!(RequestDirectives::of(&headers).no_cache);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("max-stale"));
    let directives = RequestDirectives::of(&headers);
    assert!(!directives.no_cache && directives.max_stale_s == Some(u64::MAX));
}

#[test]
fn an_argument_that_cannot_be_read_asks_for_the_most() {
    let directives = RequestDirectives::of(&headers(&["max-age=x, min-fresh=x, max-stale=x"]));
    assert_eq!(directives.max_age_s, Some(0));
    assert_eq!(directives.min_fresh_s, Some(DELTA_S_MAX));
    assert_eq!(directives.max_stale_s, Some(0));
}
