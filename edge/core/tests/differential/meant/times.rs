//! Dates, and ages and lifetimes that follow from them.

use http::header::{AGE, CACHE_CONTROL, DATE, EXPIRES, LAST_MODIFIED};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::{has, seconds};
use crate::case::{ANSWERED_AT, Case};

pub(super) fn dates(case: &mut Case) {
    for name in [DATE, EXPIRES, LAST_MODIFIED] {
        let Some(value) = case.headers.get(&name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        else {
            continue;
        };
        let date = httpdate::parse_http_date(&value).ok();
        let date = date.and_then(|date| HeaderValue::try_from(httpdate::fmt_http_date(date)).ok());
        match date {
            Some(date) if case.headers.get_all(&name).iter().count() == 1 => {
                drop(case.headers.insert(name, date));
            }
            None if name == EXPIRES => drop(case.headers.insert(name, HeaderValue::from_static("0"))),
            None => drop(case.headers.remove(name)),
            Some(_) => {}
        }
    }
}

pub(super) fn two_expiries(case: &mut Case) {
    if case.headers.get_all(EXPIRES).iter().count() > 1 {
        case.headers.insert(EXPIRES, HeaderValue::from_static("0"));
    }
}

/// Seconds from the answer's arrival to one of its dates.
pub(super) fn offset_s(headers: &HeaderMap, name: &HeaderName) -> Option<i64> {
    let date = httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()?;
    let date_s = date.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
    Some(date_s.cast_signed() - ANSWERED_AT.as_secs().cast_signed())
}

pub(super) fn guess(case: &mut Case) {
    const DAY_S: i64 = 24 * 3600;
    let made_s = offset_s(&case.headers, &DATE).unwrap_or(0);
    let changed_s = offset_s(&case.headers, &LAST_MODIFIED).unwrap_or(made_s);
    let is_stated =
        has(&case.headers, "max-age") || has(&case.headers, "s-maxage") || case.headers.contains_key(EXPIRES);
    let may_guess = [200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501].contains(&case.status);
    if !is_stated && (may_guess || has(&case.headers, "public")) && (made_s - changed_s) / 10 > DAY_S {
        case.headers.append(CACHE_CONTROL, HeaderValue::from_static("max-age=86400"));
    }
}

pub(super) fn age(case: &mut Case) {
    let first = case.headers.get(AGE).and_then(|age| age.to_str().ok()?.split(',').next()).map(str::to_owned);
    let stated_s: u64 = seconds(first.as_deref()).parse().expect("digits");
    let apparent_s = offset_s(&case.headers, &DATE).map_or(0, |offset_s| offset_s.min(0).unsigned_abs());
    let age_s = apparent_s.max(stated_s + case.under_way_s);
    case.under_way_s = 0;
    case.headers.remove(AGE);
    if age_s > 0 {
        case.headers.insert(AGE, HeaderValue::from(age_s));
    }
}

/// Whether the lifetime counts from the answer's arrival, which is just before a second's end: then it is never over by
/// just so many seconds.
pub(crate) fn ends_within_a_second(case: &Case) -> bool {
    let is_stated = has(&case.headers, "max-age") || has(&case.headers, "s-maxage");
    let is_dated = offset_s(&case.headers, &DATE).is_some();
    let is_counted = if case.headers.contains_key(EXPIRES) {
        offset_s(&case.headers, &EXPIRES).is_some_and(|expires_s| expires_s > 0)
    } else {
        case.headers.contains_key(LAST_MODIFIED)
    };
    is_counted && !is_stated && !is_dated
}
