//! Whom a stored answer may be given to (RFC 9111 §3.5, §4, §4.1).

use http::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, VARY};
use http::{HeaderMap, HeaderName};

use super::{Witness, must};
use crate::plain::{self, Directives};

impl Witness {
    /// The answer is of what was asked for.
    pub(super) fn check_key(&self, headers: &HeaderMap) {
        for (place, heard) in [self.content_of(headers), self.head_of(headers)].into_iter().flatten() {
            must(
                heard.resource == self.resource,
                "RFC 9111 §4: an answer is served under its own target",
                || format!("answer {place} to {} for {}", heard.resource, self.resource),
            );
        }
    }

    /// Each field that it varies by says the same in the request that it answered and in this one.
    pub(super) fn check_variance(&self, request: &HeaderMap, headers: &HeaderMap) {
        let Some((place, heard)) = self.head_of(headers) else { return };
        for name in plain::list(headers, &VARY).unwrap_or_default() {
            must(name != "*", "RFC 9111 §4.1: an asterisk always fails to match", || {
                format!("answer {place}")
            });
            let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { continue };
            if name == ACCEPT_LANGUAGE && headers.contains_key(CONTENT_LANGUAGE) {
                continue;
            }
            must(
                plain::say_the_same(&name, &heard.request, request) != Some(false),
                "RFC 9111 §4.1: what an answer varies by must match",
                || {
                    format!(
                        "{name} of answer {place}: {:?}, {:?}",
                        heard.request.get(&name),
                        request.get(&name)
                    )
                },
            );
        }
    }

    /// The answer to a request with credentials is for others only where it said so itself; and where one to such a
    /// request came last, the header that it made of both says so.
    pub(super) fn check_authorisation(&self, headers: &HeaderMap) {
        let own = self.content_of(headers).map(|(_, heard)| (heard, &heard.headers));
        let last = self.head_of(headers).map(|(_, heard)| (heard, headers));
        for (_, headers) in [own, last].into_iter().flatten().filter(|(heard, _)| heard.is_authorised) {
            let Some(directives) = Directives::governing(headers) else { continue };
            let is_shared = ["public", "must-revalidate", "s-maxage"].iter().any(|name| directives.has(name));
            must(is_shared, "RFC 9111 §3.5: it answered a request with credentials", || {
                format!("{headers:?}")
            });
        }
    }
}
