//! What an answer says of its use, in `Cache-Control` and beside it.

use http::HeaderName;
use http::header::{CACHE_CONTROL, EXPIRES, PRAGMA, SET_COOKIE};

use super::{directives, each, has, same, seconds, set_directives};
use crate::case::Case;

pub(super) fn cdn_policy(case: &mut Case) {
    let name = HeaderName::from_static("cdn-cache-control");
    if let Some(policy) = case.headers.remove(name).filter(|policy| !policy.as_bytes().contains(&b'&')) {
        case.headers.remove(EXPIRES);
        case.headers.insert(CACHE_CONTROL, policy);
    }
}

pub(super) fn quoted_strings(case: &mut Case) {
    each(&mut case.headers, |name, value| if name == "ext" { None } else { Some(same(name, value)) });
}

pub(super) fn case_of_directives(case: &mut Case) {
    for headers in [&mut case.first.headers, &mut case.headers, &mut case.second.headers] {
        each(headers, |name, value| Some(same(&name.to_ascii_lowercase(), value)));
    }
}

pub(super) fn must_understand(case: &mut Case) {
    if has(&case.headers, "must-understand") {
        let is_known = matches!(case.status, 200..=206 | 300..=308 | 400..=417 | 500..=505);
        each(
            &mut case.headers,
            |name, value| if name == "no-store" { None } else { Some(same(name, value)) },
        );
        if !is_known {
            let mut all = directives(&case.headers);
            all.push("no-store".to_owned());
            set_directives(&mut case.headers, &all);
        }
    }
}

pub(super) fn named_fields(case: &mut Case) {
    each(&mut case.headers, |name, value| {
        let is_qualified = matches!(name, "private" | "no-cache") && value.is_some();
        if is_qualified { None } else { Some(same(name, value)) }
    });
}

pub(super) fn first_lifetime(case: &mut Case) {
    let mut all = directives(&case.headers);
    let mut lifetimes = all.iter().filter(|directive| directive.starts_with("max-age")).cloned();
    if let Some(first) = lifetimes.next() {
        all.retain(|directive| !directive.starts_with("max-age") || *directive == first);
        all.dedup();
        set_directives(&mut case.headers, &all);
    }
}

pub(super) fn lifetimes(case: &mut Case) {
    each(&mut case.headers, |name, value| match name {
        "max-age" | "s-maxage" => Some(format!("{name}={}", seconds(value))),
        _ => Some(same(name, value)),
    });
}

pub(super) fn revalidation(case: &mut Case) {
    let is_shared = has(&case.headers, "s-maxage");
    let forbids = is_shared || has(&case.headers, "proxy-revalidate");
    // Of credentials proxy-revalidate says nothing, unlike the two others (RFC 9111 §3.5).
    if case.first.headers.contains_key("authorization") && !is_shared {
        return;
    }
    each(
        &mut case.headers,
        |name, value| if name == "proxy-revalidate" { None } else { Some(same(name, value)) },
    );
    if forbids {
        let mut all = directives(&case.headers);
        all.push("must-revalidate".to_owned());
        set_directives(&mut case.headers, &all);
    }
}

pub(super) fn immutable(case: &mut Case) {
    each(&mut case.headers, |name, value| if name == "immutable" { None } else { Some(same(name, value)) });
}

pub(super) fn pragma_in_answer(case: &mut Case) {
    case.headers.remove(PRAGMA);
}

pub(super) fn cookies(case: &mut Case) {
    case.headers.remove(SET_COOKIE);
}
