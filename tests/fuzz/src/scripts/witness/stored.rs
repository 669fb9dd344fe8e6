//! What may be stored at all (RFC 9111 §3), and what of its header (§3.1).

use http::header::{CONNECTION, DATE, SET_COOKIE};
use http::{HeaderMap, HeaderName, Method, StatusCode};
use stepwell_edge_core::cache::rfc9111::asked::Asked;
use stepwell_edge_core::cache::rfc9111::stored::Stored;

use super::{Heard, Witness, must};
use crate::plain::{self, Directives};

/// Fields between two hops (RFC 9110 §7.6.1), and those between a client and its proxy (RFC 9111 §3.1).
const NEVER: [&str; 11] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-authorization",
    "age",
];

/// Fields that every recipient needs: `Connection` must not name them (RFC 9110 §7.6.1), and where it does, they stay.
const END_TO_END: [&str; 7] =
    ["authorization", "cache-control", "cookie", "etag", "host", "set-cookie", "content-type"];

impl Witness {
    /// Sees an answer stored for a request.
    pub(in crate::scripts) fn check_stored(&self, stored: &Stored, asked: &Asked, request: &HeaderMap) {
        let headers = &stored.entry.headers;
        let kept = |name: &str| headers.contains_key(name);
        must(!NEVER.iter().any(|name| kept(name)), "RFC 9111 §3.1: fields of a hop are not stored", || {
            format!("{headers:?}")
        });
        must(
            self.options.stores_cookies || !kept(SET_COOKIE.as_str()),
            "the operator stores no cookies",
            String::new,
        );
        must(
            headers.get_all(DATE).iter().count() == 1,
            "RFC 9110 §6.6.1: what has no date is given one",
            String::new,
        );
        must(
            is_storable_status(stored.entry.status),
            "RFC 9111 §3: a status that says nothing of the resource",
            || stored.entry.status.to_string(),
        );
        must(
            asked.method == Method::GET || asked.method == Method::HEAD || asked.method == Method::POST,
            "RFC 9111 §3: the method",
            String::new,
        );
        must(
            stored.selecting.matches(request, headers),
            "RFC 9111 §4.1: an answer matches its own request",
            || format!("{:?}", stored.selecting),
        );
        check_governed(headers, stored.entry.status);
        for heard in
            [self.head_of(headers), self.content_of(headers)].into_iter().flatten().map(|(_, heard)| heard)
        {
            check_source(heard);
        }
        // What an earlier answer took back, a later one may have given.
        if let Some((_, heard)) = self.head_of(headers) {
            check_abridged(heard, headers);
        }
        self.check_content(stored);
    }

    fn check_content(&self, stored: &Stored) {
        let Some((_, heard)) = self.content_of(&stored.entry.headers) else { return };
        let Some(portion) = heard.portion else { return };
        let first = stored.part.map_or(0, |part| part.first);
        must(
            portion.content.holds(first, &stored.entry.body),
            "RFC 9111 §3.4: bytes are stored where they stand",
            || format!("{:?} from {first} of {portion:?}", stored.entry.body),
        );
    }
}

const fn is_storable_status(status: StatusCode) -> bool {
    !matches!(status.as_u16(), 100..=199 | 304 | 412 | 416)
}

/// The header as it is stored must itself allow storing.
fn check_governed(headers: &HeaderMap, status: StatusCode) {
    let Some(directives) = Directives::governing(headers) else { return };
    must(
        !directives.has("no-store") || directives.has("must-understand"),
        "RFC 9111 §5.2.2.5: no-store is not stored",
        || format!("{status} {headers:?}"),
    );
    must(!directives.has_bare("private"), "RFC 9111 §5.2.2.7: private is not stored", || {
        format!("{headers:?}")
    });
}

/// So must each answer that it was made of, and the request to it.
fn check_source(heard: &Heard) {
    let asks_for_none = Directives::of(&heard.request).is_some_and(|directives| directives.has("no-store"));
    must(!asks_for_none, "RFC 9111 §5.2.1.5: an answer to a request with no-store is not stored", || {
        format!("{heard:?}")
    });
    if heard.status != StatusCode::NOT_MODIFIED && heard.method != Method::HEAD {
        check_governed(&heard.headers, heard.status);
    }
}

/// What an answer takes back of its own fields is not stored.
fn check_abridged(heard: &Heard, stored: &HeaderMap) {
    let gone = |name: &str| !heard.headers.contains_key(name) || heard.headers.get(name) != stored.get(name);
    let nominated = plain::list(&heard.headers, &CONNECTION).unwrap_or_default();
    for name in nominated.into_iter().map(str::to_ascii_lowercase) {
        // A name that this very answer lost is no longer there to be compared.
        if HeaderName::from_bytes(name.as_bytes()).is_ok() && !END_TO_END.contains(&&*name) && name != "date"
        {
            must(gone(&name), "RFC 9110 §7.6.1: what Connection names is not stored", || name.clone());
        }
    }
    let directives = Directives::governing(&heard.headers).unwrap_or_default();
    for name in directives.names("private").into_iter().map(str::to_ascii_lowercase) {
        if HeaderName::from_bytes(name.as_bytes()).is_ok() && name != "date" {
            must(gone(&name), "RFC 9111 §5.2.2.7: fields that are private are not stored", || name.clone());
        }
    }
}
