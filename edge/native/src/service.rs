//! One request, from a client's connection to its answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use stepwell_edge_core::authenticate::may_read;
use stepwell_edge_core::cache::decide::{Reason, Verdict, decide};
use stepwell_edge_core::cache::entry::Entry;
use stepwell_edge_core::cache::status::CacheStatus;
use stepwell_edge_core::pipeline::{LookUp, Received};
use stepwell_edge_core::route::nothing_here;
use stepwell_edge_core::trace::Trace;
use stepwell_edge_core::{rate, respond};
use stepwell_shared::routes::Class;
use stepwell_shared::time::Timestamp;

use crate::Inner;
use crate::body::EdgeBody;
use crate::connection::{ClientAddress, Connection};
use crate::door;
use crate::fetch::{Answered, Fetch, fetch, revalidate_behind};
use crate::forward::forward;
use crate::rfc9111;
use crate::upload::Upload;

/// What is noted of a request on its way.
pub(crate) struct Noted {
    /// The class of its route, once that is known.
    pub(crate) class: Option<Class>,
    /// Its place in a trace.
    pub(crate) trace: Trace,
    /// Who sent it.
    pub(crate) client: ClientAddress,
}

/// Answers a request that came at `began`. Returns how long that took as well.
pub(crate) async fn handle(
    inner: &Arc<Inner>,
    connection: &Connection,
    (head, body): (Parts, Upload),
    began: Instant,
    noted: &mut Noted,
) -> (Response<EdgeBody>, Duration) {
    if inner.is_door {
        let (response, _) = door::pass(inner, head, body).await;
        return (response, began.elapsed());
    }
    let sharing = inner.core.load().edge.sharing(&head.method, &head.headers);
    let (mut response, origin) = answer(inner, connection, head, body, noted).await;
    if let Some(sharing) = sharing {
        sharing.put_on(response.headers_mut());
    }
    if connection.is_secure && !inner.core.load().edge.router.leaves_any_other() {
        respond::under_tls(response.headers_mut());
    }
    let took = began.elapsed();
    respond::tell_timing(response.headers_mut(), server_timing(took, origin));
    (response, took)
}

async fn answer(
    inner: &Arc<Inner>,
    connection: &Connection,
    head: Parts,
    body: Upload,
    noted: &mut Noted,
) -> Answered {
    let now = inner.now();
    // What it was told is held for the decision alone, and not while anybody waits.
    let received = inner.core.load().receive(&head, &**inner, now);
    let lookup = match received {
        Received::Answer(response) => return (response.map(EdgeBody::from), None),
        Received::Forward(plan) => {
            noted.class = Some(plan.class);
            let class = rate::Class::of(plan.rate);
            let counted =
                match inner.rates.count(class, plan.sender.as_ref().map(Into::into), noted.client, now) {
                    Ok(counted) => counted,
                    Err(too_many) => return (too_many.answer(), None),
                };
            let (access, plan) = (plan.access, plan.into());
            let (mut response, took) = forward(inner, plan, head, body, noted).await;
            inner.rates.learn(&counted, access, response.status());
            counted.put_on(response.headers_mut());
            return (response, took);
        }
        Received::Http(asked) => {
            noted.class = Some(Class::Http);
            return rfc9111::answer(inner, asked, head, body, connection, noted).await;
        }
        Received::LookUp(lookup) => lookup,
    };
    noted.class = Some(lookup.class);
    looked_up(inner, lookup, &head.headers, now, noted).await
}

/// Answers from the store, or has the origin asked.
async fn looked_up(
    inner: &Arc<Inner>,
    lookup: LookUp<'_>,
    headers: &HeaderMap,
    now: Timestamp,
    noted: &Noted,
) -> Answered {
    let entry = inner.store.get(&lookup.key);
    let verdict = inner.read_log(|log| decide(entry.as_deref(), lookup.bookmark, log, now));
    let caller = lookup.caller.as_ref();
    match (verdict, entry) {
        (Verdict::Serve { .. } | Verdict::ServeAndRevalidate { .. }, Some(entry))
            if !may_read(caller, &entry) =>
        {
            hidden(inner, &lookup, now, noted)
        }
        (Verdict::Serve { left_ms }, Some(entry)) => {
            let status = CacheStatus::Hit { left_ms };
            (respond::from_entry(&entry, caller, status, headers, now).map(EdgeBody::from), None)
        }
        (Verdict::ServeAndRevalidate { past_ms }, Some(entry)) => {
            let status = CacheStatus::StaleHit { past_ms };
            let response = respond::from_entry(&entry, caller, status, headers, now).map(EdgeBody::from);
            let (lookup, stale, trace) = (Arc::new(lookup.into_owned()), Some(entry), noted.trace);
            let reason = Reason::Expired;
            revalidate_behind(inner, Fetch { lookup, reason, stale, may_cover_errors: false, trace });
            (response, None)
        }
        // Boxed, so that the future of a hit stays small.
        (verdict, stale) => Box::pin(missed(inner, lookup, (verdict, stale), headers, noted)).await,
    }
}

/// Tells somebody that there is nothing, where the store has something for others. It counts as if the origin had said so:
/// else whoever is over their limit could tell the two apart.
fn hidden(inner: &Inner, lookup: &LookUp<'_>, now: Timestamp, noted: &Noted) -> Answered {
    let claimant = lookup.caller.as_ref().map(Into::into);
    let counted = inner.rates.count(rate::Class::of(lookup.rate), claimant, noted.client, now);
    let response = match counted {
        Ok(_) => respond::problem(&nothing_here()).map(EdgeBody::from),
        Err(too_many) => too_many.answer(),
    };
    (response, None)
}

/// Answers what the store cannot, if the client may still ask for that.
async fn missed(
    inner: &Arc<Inner>,
    lookup: LookUp<'_>,
    (verdict, stale): (Verdict, Option<Arc<Entry>>),
    headers: &HeaderMap,
    noted: &Noted,
) -> Answered {
    let class = rate::Class::of(lookup.rate);
    let counted =
        match inner.rates.count(class, lookup.caller.as_ref().map(Into::into), noted.client, inner.now()) {
            Ok(counted) => counted,
            Err(too_many) => return (too_many.answer(), None),
        };
    let (reason, may_cover_errors) = match verdict {
        Verdict::Fetch { reason, may_cover_errors } => (reason, may_cover_errors),
        _ => (Reason::Missing, false),
    };
    let is_private = lookup.class.is_private();
    let lookup = Arc::new(lookup.into_owned());
    let fetching = Fetch { lookup, reason, stale, may_cover_errors, trace: noted.trace };
    let (mut response, took) = fetch(inner, fetching, headers).await;
    match (is_private, response.status()) {
        // That nothing is there for a caller must look the same whether or not the store has it for another.
        (true, StatusCode::NOT_FOUND) => (response, None),
        (true, _) => {
            counted.put_on(response.headers_mut());
            (response, took)
        }
        // It is for others as well, through caches behind this one.
        (false, _) => (response, took),
    }
}

/// Milliseconds spent here, those at the origin included, and those at the origin.
fn server_timing(all: Duration, origin: Option<Duration>) -> HeaderValue {
    let ms = |duration: Duration| {
        let us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        (us / 1000, us % 1000)
    };
    let (whole, part) = ms(all);
    let text = match origin.map(ms) {
        None => format!("edge;dur={whole}.{part:03}"),
        Some((origin, origin_part)) => {
            format!("edge;dur={whole}.{part:03}, origin;dur={origin}.{origin_part:03}")
        }
    };
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("edge"))
}
