//! What of an answer's header is stored, and how a later one changes it (RFC 9111 §3.1, §3.2).

use http::header::{AGE, CONTENT_LENGTH, CONTENT_RANGE, DATE, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION};
use http::{HeaderMap, HeaderName};

use super::age::Exchange;
use super::date;
use super::directives::Restriction;
use crate::forward::remove_hop_by_hop;

/// The header to store (RFC 9111 §3.1): without fields of the connection and those that only its first receiver may
/// see, with a `Date` (RFC 9110 §6.6.1).
pub(super) fn kept(headers: &HeaderMap, private: &Restriction, exchange: Exchange) -> HeaderMap {
    let mut kept = headers.clone();
    remove_hop_by_hop(&mut kept);
    let of_proxies =
        [PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, HeaderName::from_static("proxy-authentication-info")];
    for name in of_proxies.iter().chain(&[AGE, CONTENT_LENGTH]) {
        kept.remove(name);
    }
    if let Restriction::Fields(names) = private {
        for name in names {
            kept.remove(name);
        }
    }
    if date::of(&kept, &DATE, exchange.answered_at).is_none() {
        kept.insert(DATE, date::format(exchange.answered_at));
    }
    kept
}

/// A stored header with the fields of a later answer over it (RFC 9111 §3.2). What describes the content as it is stored
/// stays.
pub(super) fn merged(stored: &HeaderMap, later: &HeaderMap) -> HeaderMap {
    let mut headers = stored.clone();
    // A date that is not given anew would make the answer as old as the first one.
    headers.remove(DATE);
    for name in later.keys() {
        if *name != CONTENT_LENGTH && *name != CONTENT_RANGE {
            headers.remove(name);
        }
    }
    for (name, value) in later {
        if *name != CONTENT_LENGTH && *name != CONTENT_RANGE {
            headers.append(name, value.clone());
        }
    }
    headers
}
