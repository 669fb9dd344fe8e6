//! What must hold of an exchange with the origin, and of what is made of it.

use std::sync::Arc;

use http::header::{CONNECTION, CONTENT_RANGE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, RANGE};
use http::{HeaderMap, Method};
use stepwell_edge_core::cache::rfc9111::asked::Asked;
use stepwell_edge_core::cache::rfc9111::reuse::{Ask, How};
use stepwell_edge_core::cache::rfc9111::stored::Stored;

use super::super::super::witness::must;
use crate::plain::{self, Directives};

/// Every validator that came with an answer to a `HEAD` is that of what it freshens (RFC 9111 §4.3.5).
pub(super) fn freshened(old: &Stored, headers: &HeaderMap) {
    let held = &old.entry.headers;
    let mut validators = [ETAG, LAST_MODIFIED].into_iter().filter(|name| headers.contains_key(name));
    let other = validators.find(|name| headers.get(name) != held.get(name));
    must(other.is_none(), "RFC 9111 §4.3.5: every validator that came is the stored one", || {
        format!("{held:?} {headers:?}")
    });
}

/// A `304` that names another content by a strong validator confirms nothing (RFC 9111 §4.3.4).
pub(super) fn confirmed(ask: &Ask<Arc<Stored>>, headers: &HeaderMap) {
    let new = plain::line(headers, &ETAG).filter(|tag| tag.starts_with('"'));
    let stored =
        ask.stored.as_ref().map(|stored| stored.entry.headers.get_all(ETAG).iter().collect::<Vec<_>>());
    let is_named = new
        .zip(stored.as_ref())
        .is_none_or(|(new, old)| old.iter().any(|tag| tag.as_bytes() == new.as_bytes()));
    must(is_named, "RFC 9111 §4.3.4: a strong validator confirms the answer that has it", || {
        format!("{stored:?} by {new:?}")
    });
}

/// Two parts are one answer, under one header (RFC 9111 §3.4).
pub(super) fn joined(ask: &Ask<Arc<Stored>>, stored: &Stored, headers: &HeaderMap) {
    let Some(old) = ask.stored.as_ref() else {
        return must(false, "a part is joined to what is stored", String::new);
    };
    let takes_back = headers.contains_key(CONNECTION)
        || Directives::governing(headers).is_none_or(|directives| directives.has("private"));
    let lost = old
        .entry
        .headers
        .keys()
        .find(|name| **name != CONTENT_RANGE && !stored.entry.headers.contains_key(*name));
    must(
        takes_back || lost.is_none(),
        "RFC 9111 §3.4: what only the older part says holds for both",
        || format!("{lost:?}"),
    );
}

/// What the origin is sent (RFC 9110 §7.6, RFC 9111 §4.3.1).
pub(super) fn sent(sent: &HeaderMap, asked: &Asked, ask: &Ask<Arc<Stored>>) {
    let of_a_hop = ["connection", "te", "upgrade", "transfer-encoding", "keep-alive", "proxy-authorization"];
    must(
        !of_a_hop.iter().any(|name| sent.contains_key(*name)),
        "RFC 9110 §7.6.1: fields of a hop end at it",
        || format!("{sent:?}"),
    );
    must(
        sent.contains_key("via") && sent.contains_key("cdn-loop"),
        "RFC 9110 §7.6.3: a proxy names itself",
        || format!("{sent:?}"),
    );
    if !asked.may_look_up || ask.how == How::Verbatim {
        return;
    }
    let stored = ask.stored.as_ref().map(|stored| &stored.entry.headers);
    for (condition, validator) in [(IF_NONE_MATCH, ETAG), (IF_MODIFIED_SINCE, LAST_MODIFIED)] {
        let own = stored.filter(|_| ask.how == How::Conditionally).and_then(|headers| headers.get(validator));
        must(
            sent.get(&condition) == own,
            "RFC 9111 §4.3.1: the conditions are those of what is stored",
            || format!("{condition}: {:?}, not {own:?}", sent.get(&condition)),
        );
    }
    must(
        asked.method == Method::GET || !sent.contains_key(RANGE),
        "RFC 9110 §14.2: only GET knows ranges",
        String::new,
    );
}
