//! Age and freshness, as whoever receives an answer sees them (RFC 9111 §4.2).

use http::header::{AGE, DATE, EXPIRES, LAST_MODIFIED};
use http::{HeaderMap, HeaderName, StatusCode};

use super::{Directives, date_s, line, number};

/// What `Age` says, in seconds.
pub fn age_s(headers: &HeaderMap) -> Option<u64> {
    number(line(headers, &AGE)?)
}

/// The longest that an answer is fresh, counted from when it was made, in milliseconds.
pub fn lifetime_ms(status: StatusCode, headers: &HeaderMap) -> Option<u64> {
    let directives = Directives::governing(headers)?;
    let stated_s = directives.seconds("s-maxage").or_else(|| directives.seconds("max-age"));
    if let Some(stated_s) = stated_s {
        return Some(stated_s * 1000);
    }
    let is_targeted = line(headers, &HeaderName::from_static("cdn-cache-control"))
        .is_some_and(|line| !line.trim().is_empty());
    if headers.contains_key(EXPIRES) && !is_targeted {
        if line(headers, &EXPIRES) == Some("0") {
            return Some(0);
        }
        return Some(date_s(headers, &EXPIRES)?.saturating_sub(date_s(headers, &DATE)?) * 1000);
    }
    let may_guess = directives.has("public")
        || [200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501].contains(&status.as_u16());
    if !may_guess || !headers.contains_key(LAST_MODIFIED) {
        return Some(0);
    }
    let unchanged_s = date_s(headers, &DATE)?.saturating_sub(date_s(headers, &LAST_MODIFIED)?);
    // RFC 9111 §4.2.2: a tenth is the typical fraction. A cache that had to date the answer itself knows when to the
    // millisecond.
    Some((unchanged_s + 1) * 100)
}
