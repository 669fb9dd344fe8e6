//! Requests that the store cannot answer: ask the origin, once a key, and store what may be stored.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use stepwell_edge_core::authenticate::may_read;
use stepwell_edge_core::cache::decide::{Reason, Verdict, decide};
use stepwell_edge_core::cache::entry::Entry;
use stepwell_edge_core::cache::filing::{Refusal, judge, refreshed};
use stepwell_edge_core::cache::freshness::Lifetimes;
use stepwell_edge_core::cache::status::{CacheStatus, Forwarded, Outcome};
use stepwell_edge_core::cache::unstored;
use stepwell_edge_core::forward::{forbid_storing, shared_headers};
use stepwell_edge_core::pipeline::LookUp;
use stepwell_edge_core::respond;
use stepwell_edge_core::route::nothing_here;
use stepwell_edge_core::trace::Trace;
use stepwell_shared::limits::{ENTRY_BYTES_MAX, ORIGIN_TIMEOUT_MS};
use stepwell_shared::problem::{Code, Problem};

use crate::body::{Body, EdgeBody, ReadError, read_whole, whole};
use crate::fills::{Filled, Fills, Waiting, outcome};
use crate::upstream::{EdgesOwn, Full, Place};
use crate::{Inner, shed};

/// A request that has to ask the origin, and what it knows already.
#[derive(Clone)]
pub(crate) struct Fetch {
    pub(crate) lookup: Arc<LookUp<'static>>,
    pub(crate) reason: Reason,
    /// What is stored, if anything: to be revalidated, or to cover errors.
    pub(crate) stale: Option<Arc<Entry>>,
    pub(crate) may_cover_errors: bool,
    /// The place in a trace of whoever asks first.
    pub(crate) trace: Trace,
}

/// An answer, and how long the origin took where it was asked.
pub(crate) type Answered = (Response<EdgeBody>, Option<Duration>);

/// Revalidates behind an answer that is served stale.
pub(crate) fn revalidate_behind(inner: &Arc<Inner>, fetch: Fetch) {
    // Where the origin has no place, what is stale is served on, and the next request asks again.
    if let Ok(Waiting { duty: Some(mut duty), .. }) = join(inner, &fetch) {
        let inner = inner.clone();
        let place = duty.place();
        tokio::spawn(async move { duty.finish(fill(&inner, &fetch, place).await) });
    }
}

fn join(inner: &Arc<Inner>, fetch: &Fetch) -> Result<Waiting, Full> {
    Fills::join(inner, &fetch.lookup.key, || inner.upstream.enter(&Method::GET, fetch.lookup.path()))
}

/// Answers a request from the origin.
///
/// A request that starts a fill is as well served by it as if it had asked alone. One that joins may want more than the
/// fill gives: it may have begun before a write that the request knows of. Then it goes round once more; the fill that
/// it finds or starts then began after the request came.
pub(crate) async fn fetch(inner: &Arc<Inner>, fetch: Fetch, request: &HeaderMap) -> Answered {
    for round in 0..2 {
        let Ok(waiting) = join(inner, &fetch) else { return shed::read(inner, &fetch, request) };
        let started = waiting.duty.is_some();
        if let Some(mut duty) = waiting.duty {
            if let Some((entry, left_ms)) = landed(inner, &fetch) {
                let (status, caller) = (CacheStatus::Hit { left_ms }, fetch.lookup.caller.as_ref());
                let response = respond::from_entry(&entry, caller, status, request, inner.now());
                duty.finish(Filled::Stored { entry, revalidated: false, took: Duration::ZERO });
                return (response.map(EdgeBody::from), None);
            }
            // A task of its own: the fill outlives a client that hangs up, for those who joined.
            let (inner, fetch) = (inner.clone(), fetch.clone());
            let place = duty.place();
            tokio::spawn(async move { duty.finish(fill(&inner, &fetch, place).await) });
        }
        let Some(filled) = outcome(waiting.filled).await else { break };
        if started || suits(inner, &fetch, &filled, round) {
            return answer(inner, &fetch, filled, started, request);
        }
        if matches!(filled, Filled::NotStored { .. }) {
            break;
        }
    }
    let filled = fill(inner, &fetch, Place::new()).await;
    answer(inner, &fetch, filled, true, request)
}

/// What another fill has stored since this request looked its key up and before it found no fill to join. A thread may
/// rest between the two for longer than a fill takes. With it, for how many milliseconds more it is fresh.
fn landed(inner: &Inner, fetch: &Fetch) -> Option<(Arc<Entry>, u64)> {
    let entry = inner.store.get(&fetch.lookup.key)?;
    let verdict = inner.read_log(|log| decide(Some(&entry), fetch.lookup.bookmark, log, inner.now()));
    if let Verdict::Serve { left_ms } = verdict { Some((entry, left_ms)) } else { None }
}

/// Whether a request may be answered by a fill that it joined.
fn suits(inner: &Inner, fetch: &Fetch, filled: &Filled, round: usize) -> bool {
    let entry = match filled {
        Filled::Stored { entry, .. } => entry,
        Filled::NotStored { .. } => return false,
        Filled::Failed(_) => return true,
    };
    let verdict = inner.read_log(|log| decide(Some(entry), fetch.lookup.bookmark, log, inner.now()));
    match verdict {
        Verdict::Fetch { reason: Reason::Bookmark, .. } => false,
        Verdict::Fetch { reason: Reason::Purged | Reason::Unknown | Reason::Silent, .. } => round > 0,
        // An answer that is stale as soon as it comes is still the one that was asked for.
        _ => true,
    }
}

fn answer(inner: &Inner, fetch: &Fetch, filled: Filled, started: bool, request: &HeaderMap) -> Answered {
    let status = |outcome| CacheStatus::Forwarded(Forwarded { reason: fetch.reason, outcome });
    let caller = fetch.lookup.caller.as_ref();
    match filled {
        Filled::Stored { entry, revalidated, took } => {
            let outcome = match (started, revalidated) {
                (false, _) => Outcome::Collapsed,
                (true, true) => Outcome::Revalidated,
                (true, false) => Outcome::Stored,
            };
            let response = respond::from_entry(&entry, caller, status(outcome), request, inner.now());
            (response.map(EdgeBody::from), Some(took))
        }
        Filled::NotStored { answer, refusal } => {
            let taken = answer.lock().unwrap_or_else(PoisonError::into_inner).take();
            let Some(mut response) = taken else { return (unreachable_answer().map(EdgeBody::from), None) };
            if fetch.lookup.class.is_private() && response.status() == StatusCode::NOT_FOUND {
                // The same as for one whom the stored answer's readers do not admit: neither tells whether there is one.
                return (respond::problem(&nothing_here()).map(EdgeBody::from), None);
            }
            unstored::refused(response.headers_mut(), fetch.lookup.class, fetch.reason, refusal);
            (response.map(EdgeBody::Streamed), None)
        }
        Filled::Failed(failure) => {
            if let Some(stale) = cover(inner, fetch) {
                let covered = status(Outcome::Covered(failure.status));
                let response = respond::from_entry(stale, caller, covered, request, inner.now());
                return (response.map(EdgeBody::from), None);
            }
            let outcome = if started { Outcome::Refused(Refusal::Status) } else { Outcome::Collapsed };
            let response =
                respond::from_entry(&failure, None, status(outcome), &HeaderMap::new(), failure.stored_at);
            (response.map(EdgeBody::from), None)
        }
    }
}

/// What is stored, where it may stand in for an answer that did not come: nothing that was purged while the origin was
/// asked. For whom the stored answer is not, it is as if there were none.
pub(crate) fn cover<'f>(inner: &Inner, fetch: &'f Fetch) -> Option<&'f Entry> {
    let stale = fetch.stale.as_deref().filter(|_| fetch.may_cover_errors)?;
    let verdict = inner.read_log(|log| decide(Some(stale), fetch.lookup.bookmark, log, inner.now()));
    let may_cover = !matches!(verdict, Verdict::Fetch { may_cover_errors: false, .. });
    (may_cover && may_read(fetch.lookup.caller.as_ref(), stale)).then_some(stale)
}

/// Asks the origin within the time limit, and stores its answer if it may be stored.
async fn fill(inner: &Arc<Inner>, fetch: &Fetch, place: Place) -> Filled {
    let limit = Duration::from_millis(ORIGIN_TIMEOUT_MS);
    let filled =
        tokio::time::timeout(limit, ask(inner, fetch, place)).await.unwrap_or_else(|_| unreachable(inner));
    if let Filled::Stored { entry, .. } = &filled {
        inner.store.put(&fetch.lookup.key, entry.clone());
    }
    filled
}

async fn ask(inner: &Arc<Inner>, fetch: &Fetch, mut place: Place) -> Filled {
    let began = Instant::now();
    let known = fetch.stale.as_ref().filter(|entry| entry.status == StatusCode::OK && entry.etag().is_some());
    let mut validator = known.and_then(|entry| entry.etag());
    loop {
        let mut request = request(fetch, validator);
        request.extensions_mut().extend(std::mem::take(&mut place));
        let response = match inner.upstream.send(request).await {
            Ok(response) => response,
            Err(error) => {
                tracing::warn!(%error, key = %fetch.lookup.key, "no answer from the origin");
                return unreachable(inner);
            }
        };
        if response.status() != StatusCode::NOT_MODIFIED {
            return take_in(inner, &fetch.lookup, response, began).await;
        }
        let confirmed = known
            .filter(|_| validator.is_some())
            .and_then(|entry| refreshed(entry, fetch.lookup.path(), response.headers(), inner.now()));
        match (confirmed, validator.take()) {
            (Some(entry), _) => {
                return Filled::Stored { entry: Arc::new(entry), revalidated: true, took: began.elapsed() };
            }
            // A 304 that does not say enough to keep the entry: ask for the whole answer.
            (None, Some(_)) => {}
            // A 304 to a request without condition is an error of the origin's.
            (None, None) => return unreachable(inner),
        }
    }
}

fn request(fetch: &Fetch, validator: Option<&HeaderValue>) -> Request<Body> {
    let lookup = &fetch.lookup;
    let mut request = Request::new(whole(Bytes::new()));
    *request.method_mut() = Method::GET;
    // A normalised target consists of characters that a URI can hold.
    *request.uri_mut() = lookup.target().parse().unwrap_or_default();
    *request.headers_mut() = shared_headers(lookup.bookmark, validator);
    // It says who asked, and nothing that an answer may depend on.
    fetch.trace.put_on(request.headers_mut());
    if let Some(caller) = &lookup.caller {
        // The origin decides itself whether this caller may read it. That the edge asks for its store, and holds what
        // comes against every caller, is what lets the origin say who else may.
        if let Ok(credentials) = HeaderValue::try_from(format!("Bearer {}", caller.token)) {
            request.headers_mut().insert(AUTHORIZATION, credentials);
        }
        request.extensions_mut().insert(EdgesOwn);
    }
    request
}

/// Judges an answer and reads what may be stored.
async fn take_in(inner: &Inner, lookup: &LookUp<'_>, response: Response<Body>, began: Instant) -> Filled {
    let not_stored = |response: Response<Body>, refusal| Filled::NotStored {
        answer: Arc::new(Mutex::new(Some(response))),
        refusal,
    };
    let (head, body) = response.into_parts();
    if head.status.is_server_error() && !head.headers.contains_key(http::header::SET_COOKIE) {
        return failed(inner, head, body).await;
    }
    let filing = match judge(lookup.class, lookup.path(), head.status, &head.headers, inner.now()) {
        Ok(filing) => filing,
        Err(refusal) => return not_stored(Response::from_parts(head, body), refusal),
    };
    match read_whole(body, ENTRY_BYTES_MAX).await {
        // Copied, so that an entry holds its own bytes and not a larger buffer that they came in.
        Ok(body) => match filing.complete(Bytes::copy_from_slice(&body)) {
            Ok(entry) => Filled::Stored { entry: Arc::new(entry), revalidated: false, took: began.elapsed() },
            Err(refusal) => not_stored(Response::from_parts(head, whole(body)), refusal),
        },
        Err(ReadError::TooLarge(read_so_far)) => {
            not_stored(Response::from_parts(head, read_so_far), Refusal::Size)
        }
        Err(ReadError::Broken(error)) => {
            tracing::warn!(%error, key = %lookup.key, "the origin's answer broke off");
            unreachable(inner)
        }
    }
}

/// An origin's own error, kept only for those who wait for it.
async fn failed(inner: &Inner, head: http::response::Parts, body: Body) -> Filled {
    const FAILURE_BYTES_MAX: usize = 64 * 1024;
    let body = match read_whole(body, FAILURE_BYTES_MAX).await {
        Ok(body) => body,
        Err(ReadError::TooLarge(_)) => Bytes::new(),
        Err(ReadError::Broken(_)) => return unreachable(inner),
    };
    Filled::Failed(Arc::new(failure(inner, head.status, head.headers, body)))
}

fn unreachable(inner: &Inner) -> Filled {
    let (head, body) = unreachable_answer().into_parts();
    Filled::Failed(Arc::new(failure(inner, head.status, head.headers, body)))
}

fn unreachable_answer() -> Response<Bytes> {
    respond::problem(&Problem::from(Code::OriginUnreachable))
}

/// A failure has the form of an entry, so that it is answered as one; it never enters the store.
fn failure(inner: &Inner, status: StatusCode, mut headers: HeaderMap, body: Bytes) -> Entry {
    forbid_storing(&mut headers);
    headers.remove(http::header::CONTENT_LENGTH);
    Entry {
        status,
        headers,
        body,
        tags: Box::new([]),
        position: stepwell_shared::bookmark::Position::default(),
        stored_at: inner.now(),
        initial_age_ms: 0,
        lifetimes: Lifetimes::default(),
        readers: None,
        immutable: false,
    }
}

#[cfg(test)]
mod tests;
