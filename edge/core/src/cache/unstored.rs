//! Answers that are not stored: what of their header their client gets.

use http::HeaderMap;
use stepwell_shared::headers::{CACHE_STATUS, POSITION};
use stepwell_shared::routes::Class;

use super::decide::Reason;
use super::filing::Refusal;
use super::status::{CacheStatus, Forwarded, Outcome};
use crate::forward::{forbid_storing, remove_hop_by_hop};

/// Makes an answer of a class that is never stored fit for its client.
pub fn of_class(headers: &mut HeaderMap, class: Class, reason: Reason) {
    if class == Class::Pass {
        pass(headers);
    } else {
        forbid_storing(headers);
    }
    say(headers, reason, Refusal::Class);
}

/// Makes an answer that might have been stored, and was refused, fit for whoever asked.
pub fn refused(headers: &mut HeaderMap, class: Class, reason: Reason, refusal: Refusal) {
    // What everybody gets may well be stored behind us: it is only too large for here. What some alone may read, nobody
    // behind us holds against who asks.
    if refusal == Refusal::Size && !class.is_private() {
        pass(headers);
    } else {
        forbid_storing(headers);
    }
    say(headers, reason, refusal);
}

fn pass(headers: &mut HeaderMap) {
    remove_hop_by_hop(headers);
    headers.remove(POSITION);
}

fn say(headers: &mut HeaderMap, reason: Reason, refusal: Refusal) {
    let forwarded = Forwarded { reason, outcome: Outcome::Refused(refusal) };
    headers.insert(CACHE_STATUS, CacheStatus::Forwarded(forwarded).to_value());
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use stepwell_shared::headers::{CACHE_TAG, CDN_CACHE_CONTROL, READERS};

    use super::*;

    /// What goes on of an answer that says all that edges are told.
    fn left(class: Class, refusal: Refusal) -> Vec<&'static str> {
        let mut headers = HeaderMap::new();
        for name in [CDN_CACHE_CONTROL, CACHE_TAG, POSITION, READERS] {
            headers.insert(name, HeaderValue::from_static("x"));
        }
        refused(&mut headers, class, Reason::Missing, refusal);
        let told = [
            ("tags", CACHE_TAG),
            ("lifetime", CDN_CACHE_CONTROL),
            ("position", POSITION),
            ("readers", READERS),
        ];
        told.into_iter().filter(|(_, name)| headers.contains_key(name)).map(|(told, _)| told).collect()
    }

    #[test]
    fn what_is_too_large_is_left_to_caches_behind_only_where_it_is_for_everybody() {
        assert_eq!(left(Class::Public, Refusal::Size)[..2], ["tags", "lifetime"]);
        for class in [Class::Authorised, Class::PerCaller] {
            assert_eq!(left(class, Refusal::Size), [""; 0], "{class:?}");
        }
        assert_eq!(left(Class::Public, Refusal::SetCookie), [""; 0]);
    }
}
