//! Between the origin's answer and CloudFront's cache: for how long, under which tags, for whom.
//!
//! What the origin says to edges (`CDN-Cache-Control`, its position, its readers) becomes what CloudFront reads:
//! `Cache-Control` with `s-maxage`. What may not be stored says so to every cache. Answers that only some may read are
//! sent on by CloudFront with the `Cache-Control` of the generated response headers policy, which keeps them out of
//! caches behind it.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AGE, CACHE_CONTROL};
use http::{HeaderMap, HeaderValue, StatusCode};
use stepwell_edge_core::authenticate::{Caller, may_read};
use stepwell_edge_core::cache::decide::Reason;
use stepwell_edge_core::cache::entry::Entry;
use stepwell_edge_core::cache::filing::{Refusal, judge};
use stepwell_edge_core::cache::freshness::Lifetimes;
use stepwell_edge_core::cache::status::{CacheStatus, Forwarded, Outcome};
use stepwell_edge_core::cache::unstored;
use stepwell_edge_core::forward::forbid_storing;
use stepwell_edge_core::pipeline::{LookUp, Received};
use stepwell_shared::headers::{CACHE_STATUS, CACHE_TAG, SERVER_TIMING};
use stepwell_shared::time::Timestamp;

use crate::event::{self, Occasion};
use crate::fields;
use crate::function::{Function, head};
use crate::key::{self, KEY};

/// The answer, as CloudFront may store it and send it on. The body stays as it came.
pub fn handle(function: &Function, occasion: Occasion, now: Timestamp) -> Option<event::Response> {
    let mut response = occasion.response?;
    let Ok(mut headers) = fields::read(&response.headers) else {
        // Nothing that cannot be read may be stored or sent on.
        response.headers = fields::write(&HeaderMap::from_iter([(CACHE_CONTROL, NEVER)]));
        return Some(response);
    };
    let status = response.status.parse().unwrap_or(StatusCode::BAD_GATEWAY);
    match head(&occasion.request) {
        Err(_) => forbid_storing(&mut headers),
        Ok(head) => match function.receive(&head, now) {
            // The answer is the origin's to explain, to CloudFront as to any cache.
            Received::Http(_) => return Some(response),
            // Refused since the origin was asked: the token was revoked, or ran out.
            Received::Answer(_) => forbid_storing(&mut headers),
            Received::Forward(forward) => unstored::of_class(&mut headers, forward.class, forward.reason),
            Received::LookUp(lookup) => match stored(&lookup, head.headers.get(KEY), status, &headers, now) {
                Ok(kept) => headers = kept,
                Err(refusal) => {
                    forbid_storing(&mut headers);
                    let forwarded = Forwarded { reason: Reason::Missing, outcome: Outcome::Refused(refusal) };
                    headers.insert(CACHE_STATUS, CacheStatus::Forwarded(forwarded).to_value());
                }
            },
        },
    }
    response.headers = fields::replaced(&response.headers, &headers);
    Some(response)
}

const NEVER: HeaderValue = HeaderValue::from_static("private, no-store");

/// The header under which CloudFront stores an answer, if it may.
fn stored(
    lookup: &LookUp<'_>,
    key: Option<&HeaderValue>,
    status: StatusCode,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<HeaderMap, Refusal> {
    let caller = lookup.caller.as_ref();
    check_key(caller, key)?;
    // A 304 gives what CloudFront has a new header: it may be kept as a 200 may.
    let judged = if status == StatusCode::NOT_MODIFIED { StatusCode::OK } else { status };
    let entry = judge(lookup.class, lookup.path(), judged, headers, now)?.complete(Bytes::new())?;
    if !may_read(caller, &entry) {
        return Err(Refusal::Readers);
    }
    let Entry { headers: mut kept, lifetimes, immutable, .. } = entry;
    // Places for what another edge says of each answer: CloudFront says it itself, or not at all.
    for name in [AGE, CACHE_STATUS, SERVER_TIMING, CACHE_TAG] {
        kept.remove(name);
    }
    kept.insert(CACHE_CONTROL, policy(lifetimes, immutable));
    for line in headers.get_all(CACHE_TAG) {
        kept.append(CACHE_TAG, line.clone());
    }
    Ok(kept)
}

/// Whether CloudFront keeps this answer under the key that is its caller's. It does, as long as the behaviours are the
/// generated ones; one that somebody changed by hand must not give a person's answer to all.
fn check_key(caller: Option<&Caller>, key: Option<&HeaderValue>) -> Result<(), Refusal> {
    if caller.map(|caller| caller.claims.sub) == key.and_then(key::account) {
        Ok(())
    } else {
        Err(Refusal::Readers)
    }
}

/// For CloudFront and for browsers, which ask each time, as they do without a CDN.
fn policy(lifetimes: Lifetimes, immutable: bool) -> HeaderValue {
    let seconds = |ms: u64| Duration::from_millis(ms).as_secs();
    let fresh = seconds(lifetimes.fresh_for_ms);
    let mut text = if immutable {
        format!("public, max-age={fresh}, s-maxage={fresh}, immutable")
    } else {
        format!("public, max-age=0, s-maxage={fresh}")
    };
    for (name, ms) in [
        ("stale-while-revalidate", lifetimes.stale_while_revalidate_ms),
        ("stale-if-error", lifetimes.stale_if_error_ms),
    ] {
        if seconds(ms) > 0 {
            // Writing to a string cannot fail.
            let _ = write!(text, ", {name}={}", seconds(ms));
        }
    }
    HeaderValue::try_from(text).unwrap_or(NEVER)
}
