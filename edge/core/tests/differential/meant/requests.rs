//! What requests say.

use http::header::{CACHE_CONTROL, IF_MODIFIED_SINCE, IF_NONE_MATCH, PRAGMA};
use http::{HeaderValue, Method};

use super::times::ends_within_a_second;
use super::{each, same, seconds};
use crate::case::Case;

pub(super) fn varied_fields(case: &mut Case) {
    for headers in [&mut case.first.headers, &mut case.second.headers] {
        for name in ["foo", "accept-language"] {
            let lines: Vec<&str> =
                headers.get_all(name).iter().filter_map(|line| line.to_str().ok()).collect();
            let value = lines.join(",").replace(' ', "").replace(";q=1.0", "");
            let value = if name == "foo" { value } else { value.to_lowercase() };
            if !lines.is_empty() {
                headers.insert(name, HeaderValue::from_str(&value).expect("a value"));
            }
        }
    }
}

pub(super) fn head(case: &mut Case) {
    if case.second.method == Method::HEAD && case.first.method == Method::GET {
        case.second.method = Method::GET;
    }
}

pub(super) fn pragma_in_request(case: &mut Case) {
    if case.second.headers.contains_key(CACHE_CONTROL) {
        case.second.headers.remove(PRAGMA);
    }
}

pub(super) fn wishes(case: &mut Case) {
    each(&mut case.second.headers, |name, value| match (name, value) {
        ("max-age", _) | ("max-stale", Some(_)) => Some(format!("{name}={}", seconds(value))),
        ("min-fresh", Some(value)) if !value.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(format!("{name}={}", 1_u64 << 31))
        }
        _ => Some(same(name, value)),
    });
}

pub(super) fn max_stale(case: &mut Case) {
    let is_whole = !ends_within_a_second(case);
    each(&mut case.second.headers, |name, value| match value.and_then(|value| value.parse::<u64>().ok()) {
        Some(bound_s) if name == "max-stale" && is_whole => Some(format!("{name}={}", bound_s + 1)),
        _ => Some(same(name, value)),
    });
}

pub(super) fn own_conditions(case: &mut Case) {
    case.second.headers.remove(IF_NONE_MATCH);
    case.second.headers.remove(IF_MODIFIED_SINCE);
}
