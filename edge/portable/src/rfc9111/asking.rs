//! One question to the origin, and what becomes of its answer.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{IF_RANGE, RANGE, TRAILER};
use http::request::Parts;
use http::{Method, Request, Response, Uri};
use http_body::Body as _;
use stepwell_edge_core::cache::filing::Refusal;
use stepwell_edge_core::cache::purge_log::Standing;
use stepwell_edge_core::cache::rfc9111::age::Exchange;
use stepwell_edge_core::cache::rfc9111::answer::{is_unchanged, make_not_modified};
use stepwell_edge_core::cache::rfc9111::asked::Asked;
use stepwell_edge_core::cache::rfc9111::freshen::{Learnt, by_head};
use stepwell_edge_core::cache::rfc9111::received::{self, Received};
use stepwell_edge_core::cache::rfc9111::reuse::{Ask, How};
use stepwell_edge_core::cache::rfc9111::sent::{self, Client};
use stepwell_edge_core::cache::rfc9111::stored::Stored;
use stepwell_edge_core::cache::rfc9111::storing::{Answer, Filing, tags};
use stepwell_edge_core::cache::rfc9111::{invalidate, uri};
use stepwell_edge_core::cache::status::{CacheStatus, Forwarded, Outcome};
use stepwell_edge_core::forward::remove_hop_by_hop;
use stepwell_edge_core::respond;
use stepwell_shared::bookmark::Position;
use stepwell_shared::headers::CACHE_STATUS;
use stepwell_shared::limits::{ENTRY_BYTES_MAX, UPLOAD_BYTES_MAX};
use stepwell_shared::problem::{Code, Problem};
use stepwell_shared::tags::TagHash;

use super::Recorded;
use super::recorded::Keep;
use crate::body::{AnswerBody, Sent, read_whole};
use crate::forward::declared_length;
use crate::host::{Host, Unanswered};
use crate::sending::For;
use crate::{Road, problem};

/// One question under way.
pub(super) struct Asking<H: Host> {
    pub(super) road: Road<H>,
    pub(super) asked: Asked,
    /// The head as the client sent it.
    pub(super) head: Parts,
    pub(super) ask: Ask<Arc<Stored>>,
}

impl<H: Host> Asking<H> {
    /// The same, asked by the cache for itself: for the whole, whatever of it the client wanted.
    pub(super) fn for_the_cache(mut self) -> Self {
        self.asked.method = Method::GET;
        self.head.headers.remove(RANGE);
        self.head.headers.remove(IF_RANGE);
        self
    }

    /// Asks, and stores what may be stored, for nobody's eyes.
    pub(super) async fn keep_all(self) {
        let response = self.run(Sent::Nothing).await;
        if let AnswerBody::Recorded(recorded) = response.into_body() {
            recorded.run().await;
        }
    }

    pub(super) async fn run(mut self, body: Sent<H::Body>) -> Response<AnswerBody<H::Body>> {
        if declared_length(&self.head.headers).is_some_and(|length| length > UPLOAD_BYTES_MAX) {
            let why = format!("at most {UPLOAD_BYTES_MAX} bytes");
            return respond::problem(&Problem::new(Code::BodyTooLarge, why)).map(AnswerBody::Whole);
        }
        let mut body = match body {
            Sent::Streamed(body) if !self.asked.may_look_up && !body.is_end_stream() => Sent::Streamed(body),
            _ => Sent::Nothing,
        };
        loop {
            let position = self.road.http_position();
            let asked_at = self.road.now();
            let response = match self.road.ask(self.request(body), For::Client).await {
                Ok(response) => response,
                Err(why) => {
                    self.recheck();
                    return self.unanswered(why);
                }
            };
            let position = self.invalidate(&response, position).await;
            self.recheck();
            let (head, content) = response.into_parts();
            let answer = Answer {
                asked: &self.asked,
                request: &self.head.headers,
                status: head.status,
                headers: &head.headers,
                exchange: Exchange { asked_at, answered_at: self.road.now() },
                position,
            };
            self.learn(&answer).await;
            let received = received::decide(&answer, &self.ask, &self.road.instance.http_options);
            if let Some(response) = self.settle(received, Response::from_parts(head, content)).await {
                return response;
            }
            // Once more, plainly; what is looked up has no body that would be sent twice.
            (self.ask.how, body) = (How::Plainly, Sent::Nothing);
        }
    }

    fn request(&self, body: Sent<H::Body>) -> Request<Sent<H::Body>> {
        let client = self.road.host.client();
        let client =
            Client { address: client.address, version: self.head.version, is_secure: client.is_secure };
        let mut request = Request::new(body);
        request.method_mut().clone_from(&self.asked.method);
        *request.uri_mut() = self.head.uri.path_and_query().cloned().map_or_else(Uri::default, Uri::from);
        *request.headers_mut() =
            sent::headers(&self.asked, &self.head.headers, client, self.ask.how, self.ask.stored.as_deref());
        request
    }

    /// Purges what an answer to a change makes invalid. Returns the position of the answer: behind its own purge, where no
    /// other has named one of its tags meanwhile.
    async fn invalidate(&self, response: &Response<H::Body>, position: Position) -> Position {
        let changed = invalidate::after(&self.asked, response.status(), response.headers());
        if changed.is_empty() {
            return position;
        }
        let own: Vec<TagHash> = tags(&self.asked, response.headers()).into();
        let stood = self.road.instance.http_log.borrow().standing(position, &own) == Standing::Current;
        self.road.http_purge(&changed);
        // Other instances have logs of their own, and the same store.
        for key in invalidate::keys(&self.asked, response.headers()) {
            self.road.forget_http(&key).await;
        }
        if stood { self.road.http_position() } else { position }
    }

    /// What was purged while the question was under way does not stand in.
    fn recheck(&mut self) {
        let now = self.road.now();
        let (log, options) = (self.road.instance.http_log.borrow(), &self.road.instance.http_options);
        self.ask.recheck(&self.asked, &log, now, options);
    }

    /// Does what was decided; `None` to ask again.
    async fn settle(
        &mut self,
        received: Received,
        response: Response<H::Body>,
    ) -> Option<Response<AnswerBody<H::Body>>> {
        match received {
            Received::Confirmed(stored) => {
                let stored = self.keep(*stored).await;
                Some(self.serve(&stored, Outcome::Revalidated))
            }
            Received::Storable(filing) => Some(self.store(*filing, response).await),
            Received::TheRest(filing) => {
                let content = read_whole(response.into_body(), ENTRY_BYTES_MAX).await.ok()?;
                let stored = self.keep(filing.complete(content).ok()?).await;
                if stored.part.is_some() { None } else { Some(self.serve(&stored, Outcome::Stored)) }
            }
            Received::NotStored(refusal) => {
                let refusal = if self.asked.may_look_up { refusal } else { Refusal::Class };
                let response = pass_on(response, self.status(Outcome::Refused(refusal)));
                Some(response.map(AnswerBody::Streamed))
            }
            Received::Covered => {
                let stored = self.ask.stored.clone()?;
                Some(self.serve(&stored, Outcome::Covered(response.status())))
            }
            Received::AskAgain => None,
            Received::Senseless => {
                self.road.host.warn("the origin answered what was not asked");
                Some(problem(Code::OriginUnreachable))
            }
        }
    }

    const fn status(&self, outcome: Outcome) -> CacheStatus {
        CacheStatus::Forwarded(Forwarded { reason: self.ask.reason, outcome })
    }

    fn serve(&self, stored: &Stored, outcome: Outcome) -> Response<AnswerBody<H::Body>> {
        self.road.serve(stored, &self.asked, &self.head.headers, self.status(outcome))
    }

    async fn keep(&self, stored: Stored) -> Arc<Stored> {
        let stored = Arc::new(stored);
        self.road.keep_http(&self.asked.key, stored.clone()).await;
        stored
    }

    async fn store(&self, filing: Filing, response: Response<H::Body>) -> Response<AnswerBody<H::Body>> {
        let response = pass_on(response, self.status(Outcome::Stored));
        let has_it = is_unchanged(response.status(), response.headers(), &self.head.headers, self.road.now());
        let keep = keep(self.road.clone(), self.asked.key.clone(), filing);
        let (head, body) = response.into_parts();
        if body.is_end_stream() {
            keep(Bytes::new()).await;
            return Response::from_parts(head, AnswerBody::default());
        }
        let recorded = Box::new(Recorded::new(body, keep));
        if has_it {
            // The client has it already; the cache has not.
            self.road.host.behind(recorded.run());
            let mut response = Response::from_parts(head, AnswerBody::default());
            make_not_modified(&mut response);
            return response;
        }
        Response::from_parts(head, AnswerBody::Recorded(recorded))
    }

    /// What an answer to a `HEAD` tells of what is stored.
    async fn learn(&self, answer: &Answer<'_>) {
        let Some(stored) = self.ask.stored.as_ref().filter(|_| answer.asked.method == Method::HEAD) else {
            return;
        };
        match by_head(stored, answer, &self.road.instance.http_options) {
            Learnt::Stands(stored) => self.road.keep_http(&self.asked.key, Arc::new(*stored)).await,
            Learnt::Changed => {
                self.road.http_purge(&[uri::tag(&self.asked.key)]);
                self.road.forget_http(&self.asked.key).await;
            }
            Learnt::Nothing => {}
        }
    }

    /// The origin cannot be reached: a stored answer stands in, or the client hears of it.
    fn unanswered(&self, why: Unanswered) -> Response<AnswerBody<H::Body>> {
        if let Some(stored) = self.ask.stored.as_ref().filter(|_| self.ask.cover.silence) {
            return self.serve(stored, Outcome::StoodIn);
        }
        match why {
            // RFC 9111 §5.2.2.2: 504 is the answer where something is stored and must not stand in.
            Unanswered::Broken if self.ask.stored.is_none() => problem(Code::OriginUnreachable),
            Unanswered::Broken | Unanswered::Late => problem(Code::OriginSilent),
        }
    }
}

/// Stores an answer, once its content is there.
fn keep<H: Host>(road: Road<H>, key: Box<str>, filing: Filing) -> Keep {
    Box::new(move |content| {
        Box::pin(async move {
            if let Ok(stored) = filing.complete(content) {
                road.keep_http(&key, Arc::new(stored)).await;
            }
        })
    })
}

/// The origin's answer as a client gets it. Hosts of this kind have no trailers.
fn pass_on<B>(mut response: Response<B>, status: CacheStatus) -> Response<B> {
    let headers = response.headers_mut();
    remove_hop_by_hop(headers);
    headers.remove(TRAILER);
    headers.append(CACHE_STATUS, status.to_value());
    response
}
