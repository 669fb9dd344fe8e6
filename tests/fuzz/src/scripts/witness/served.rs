//! What a client is given out of the store.

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use stepwell_edge_core::cache::rfc9111::asked::Asked;
use stepwell_edge_core::cache::rfc9111::stored::Stored;
use stepwell_edge_core::cache::status::CacheStatus;
use stepwell_shared::time::Timestamp;

use super::{Witness, must};
use crate::plain::Directives;

/// Fields that the cache itself says anew.
const SAID_ANEW: [&str; 4] = ["age", "cache-status", "content-length", "content-range"];
const OF_A_HOP: [&str; 7] =
    ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];

/// An answer out of the store, and what it answers.
#[derive(Clone, Copy)]
pub(in crate::scripts) struct Served<'a> {
    pub(in crate::scripts) asked: &'a Asked,
    pub(in crate::scripts) request: &'a HeaderMap,
    /// What it was made of.
    pub(in crate::scripts) stored: &'a Stored,
    pub(in crate::scripts) response: &'a Response<Bytes>,
    pub(in crate::scripts) how: CacheStatus,
    pub(in crate::scripts) now: Timestamp,
}

impl Witness {
    /// Sees an answer served.
    pub(in crate::scripts) fn check_served(&mut self, served: Served<'_>) {
        let Served { asked, request, stored, response, how, now } = served;
        let headers = response.headers();
        let of_a_hop = OF_A_HOP.iter().find(|name| headers.contains_key(**name));
        must(of_a_hop.is_none(), "RFC 9110 §7.6.1: fields of a hop end at it", || format!("{of_a_hop:?}"));
        self.check_key(headers);
        self.check_body(asked, request, response);
        if !how.is_reuse() {
            return;
        }
        check_withheld(headers);
        // A 416 has a policy of its own: that nobody keeps it.
        let is_of_a_range = response.status() == StatusCode::RANGE_NOT_SATISFIABLE;
        let policy = if is_of_a_range { &stored.entry.headers } else { headers };
        self.check_variance(request, policy);
        self.check_authorisation(policy);
        self.check_purges(asked, policy);
        if let Some(age_s) = self.check_age(headers, now) {
            self.check_freshness(request, (stored.entry.status, policy), how, age_s);
        }
    }
}

/// What only the origin's word lets out again (RFC 9111 §5.2.2.4).
fn check_withheld(headers: &HeaderMap) {
    let Some(directives) = Directives::governing(headers) else { return };
    must(
        !directives.has_bare("no-cache"),
        "RFC 9111 §5.2.2.4: no-cache is served only once confirmed",
        || format!("{headers:?}"),
    );
    for name in directives.names("no-cache").into_iter().map(str::to_ascii_lowercase) {
        must(
            !headers.contains_key(&*name) || SAID_ANEW.contains(&&*name),
            "RFC 9111 §5.2.2.4: such fields are withheld",
            || name.clone(),
        );
    }
}
