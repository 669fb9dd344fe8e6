//! Requests of Stepwell's own classes whose answers may be stored.

use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use stepwell_edge_core::authenticate::may_read;
use stepwell_edge_core::cache::decide::{Reason, Verdict, decide};
use stepwell_edge_core::cache::entry::Entry;
use stepwell_edge_core::cache::filing::{Refusal, judge, refreshed};
use stepwell_edge_core::cache::status::{CacheStatus, Forwarded, Outcome};
use stepwell_edge_core::cache::unstored;
use stepwell_edge_core::forward::shared_headers;
use stepwell_edge_core::pipeline::LookUp;
use stepwell_edge_core::respond;
use stepwell_edge_core::route::nothing_here;
use stepwell_shared::limits::ENTRY_BYTES_MAX;
use stepwell_shared::problem::Code;

use crate::body::{AnswerBody, ReadError, Sent, read_whole};
use crate::host::Host;
use crate::sending::For;
use crate::{Road, problem};

/// What came of asking.
enum Filled<B> {
    /// The answer may be stored, and is.
    Stored {
        entry: Arc<Entry>,
        /// Whether the origin only confirmed what was stored before.
        revalidated: bool,
    },
    /// The answer may not be stored.
    NotStored { answer: Response<AnswerBody<B>>, refusal: Refusal },
    /// There is none.
    Unreachable,
}

impl<H: Host> Road<H> {
    pub(crate) async fn own(
        &self,
        lookup: LookUp<'static>,
        request: &HeaderMap,
    ) -> Response<AnswerBody<H::Body>> {
        let entry = self.look_up_own(&lookup.key).await;
        let now = self.now();
        let verdict = decide(entry.as_deref(), lookup.bookmark, &self.instance.log.borrow(), now);
        let caller = lookup.caller.as_ref();
        match (verdict, entry) {
            (Verdict::Serve { left_ms }, Some(entry)) => {
                let status = CacheStatus::Hit { left_ms };
                respond::from_entry(&entry, caller, status, request, now).map(AnswerBody::Whole)
            }
            (Verdict::ServeAndRevalidate { past_ms }, Some(entry)) => {
                let status = CacheStatus::StaleHit { past_ms };
                let response = respond::from_entry(&entry, caller, status, request, now);
                if may_read(caller, &entry) {
                    let road = self.clone();
                    self.host.behind(async move {
                        road.fill(&lookup, Some(&entry)).await;
                    });
                }
                response.map(AnswerBody::Whole)
            }
            (verdict, stale) => {
                let (reason, may_cover_errors) = match verdict {
                    Verdict::Fetch { reason, may_cover_errors } => (reason, may_cover_errors),
                    _ => (Reason::Missing, false),
                };
                let filled = self.fill(&lookup, stale.as_deref()).await;
                let cover = stale.as_deref().filter(|_| may_cover_errors);
                // For whom the stored answer is not, it is as if there were none.
                let cover = cover.filter(|entry| may_read(lookup.caller.as_ref(), entry));
                // What was purged while the origin was asked does not stand in for it.
                let cover = cover.filter(|entry| self.may_still_cover(&lookup, entry));
                self.finish_own(&lookup, filled, (reason, cover), request)
            }
        }
    }

    fn may_still_cover(&self, lookup: &LookUp<'_>, entry: &Entry) -> bool {
        match decide(Some(entry), lookup.bookmark, &self.instance.log.borrow(), self.now()) {
            Verdict::Fetch { may_cover_errors, .. } => may_cover_errors,
            Verdict::Serve { .. } | Verdict::ServeAndRevalidate { .. } => true,
        }
    }

    fn finish_own(
        &self,
        lookup: &LookUp<'_>,
        filled: Filled<H::Body>,
        (reason, cover): (Reason, Option<&Entry>),
        request: &HeaderMap,
    ) -> Response<AnswerBody<H::Body>> {
        let (caller, now) = (lookup.caller.as_ref(), self.now());
        let status = |outcome| CacheStatus::Forwarded(Forwarded { reason, outcome });
        let covered = |failed: StatusCode| {
            let status = status(Outcome::Covered(failed));
            cover.map(|entry| respond::from_entry(entry, caller, status, request, now).map(AnswerBody::Whole))
        };
        match filled {
            Filled::Stored { entry, revalidated } => {
                let outcome = if revalidated { Outcome::Revalidated } else { Outcome::Stored };
                respond::from_entry(&entry, caller, status(outcome), request, now).map(AnswerBody::Whole)
            }
            Filled::Unreachable => {
                covered(StatusCode::BAD_GATEWAY).unwrap_or_else(|| problem(Code::OriginUnreachable))
            }
            Filled::NotStored { mut answer, refusal } => {
                if answer.status().is_server_error()
                    && let Some(response) = covered(answer.status())
                {
                    return response;
                }
                if lookup.class.is_private() && answer.status() == StatusCode::NOT_FOUND {
                    // The same as for one whom a stored answer's readers do not admit.
                    return respond::problem(&nothing_here()).map(AnswerBody::Whole);
                }
                unstored::refused(answer.headers_mut(), lookup.class, reason, refusal);
                answer
            }
        }
    }

    /// Asks the origin, and stores its answer if it may be stored.
    async fn fill(&self, lookup: &LookUp<'_>, stale: Option<&Entry>) -> Filled<H::Body> {
        let filled = self.fetch(lookup, stale).await;
        if let Filled::Stored { entry, .. } = &filled {
            self.keep_own(&lookup.key, entry).await;
        }
        filled
    }

    async fn fetch(&self, lookup: &LookUp<'_>, stale: Option<&Entry>) -> Filled<H::Body> {
        let known = stale.filter(|entry| entry.status == StatusCode::OK && entry.etag().is_some());
        let mut validator = known.and_then(Entry::etag);
        loop {
            let Ok(response) = self.ask(self.request(lookup, validator), For::Edge).await else {
                return Filled::Unreachable;
            };
            if response.status() != StatusCode::NOT_MODIFIED {
                return self.take_in(lookup, response).await;
            }
            let confirmed = known
                .filter(|_| validator.is_some())
                .and_then(|entry| refreshed(entry, lookup.path(), response.headers(), self.now()));
            match (confirmed, validator.take()) {
                (Some(entry), _) => return Filled::Stored { entry: Arc::new(entry), revalidated: true },
                // A 304 that does not say enough to keep the entry: ask for the whole answer.
                (None, Some(_)) => {}
                // A 304 to a request without condition is an error of the origin's.
                (None, None) => return Filled::Unreachable,
            }
        }
    }

    fn request(&self, lookup: &LookUp<'_>, validator: Option<&HeaderValue>) -> Request<Sent<H::Body>> {
        let mut request = Request::new(Sent::Nothing);
        *request.method_mut() = Method::GET;
        // A normalised target consists of characters that a URI can hold.
        *request.uri_mut() = lookup.target().parse().unwrap_or_default();
        *request.headers_mut() = shared_headers(lookup.bookmark, validator);
        // It says who asked, and nothing that an answer may depend on.
        self.trace.put_on(request.headers_mut());
        if let Some(caller) = &lookup.caller
            && let Ok(credentials) = HeaderValue::try_from(format!("Bearer {}", caller.token))
        {
            // The origin decides itself whether this caller may read it.
            request.headers_mut().insert(AUTHORIZATION, credentials);
        }
        request
    }

    /// Judges an answer and reads what may be stored.
    async fn take_in(&self, lookup: &LookUp<'_>, response: Response<H::Body>) -> Filled<H::Body> {
        let (head, body) = response.into_parts();
        let filing = match judge(lookup.class, lookup.path(), head.status, &head.headers, self.now()) {
            Ok(filing) => filing,
            Err(refusal) => {
                let answer = Response::from_parts(head, AnswerBody::Streamed(body));
                return Filled::NotStored { answer, refusal };
            }
        };
        match read_whole(body, ENTRY_BYTES_MAX).await {
            Ok(body) => match filing.complete(body.clone()) {
                Ok(entry) => Filled::Stored { entry: Arc::new(entry), revalidated: false },
                Err(refusal) => {
                    let answer = Response::from_parts(head, AnswerBody::Whole(body));
                    Filled::NotStored { answer, refusal }
                }
            },
            Err(ReadError::TooLarge(body)) => {
                Filled::NotStored { answer: Response::from_parts(head, body), refusal: Refusal::Size }
            }
            Err(ReadError::Broken) => Filled::Unreachable,
        }
    }
}
