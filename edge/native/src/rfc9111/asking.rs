//! One question to the origin, and what becomes of its answer.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use stepwell_edge_core::cache::filing::Refusal;
use stepwell_edge_core::cache::rfc9111::age::Exchange;
use stepwell_edge_core::cache::rfc9111::answer::{from_stored, is_unchanged, make_not_modified};
use stepwell_edge_core::cache::rfc9111::freshen::{Learnt, by_head};
use stepwell_edge_core::cache::rfc9111::received::{self, Received};
use stepwell_edge_core::cache::rfc9111::reuse::{Ask, How};
use stepwell_edge_core::cache::rfc9111::stored::Stored;
use stepwell_edge_core::cache::rfc9111::storing::{Answer, Filing, tags};
use stepwell_edge_core::cache::rfc9111::{invalidate, uri};
use stepwell_edge_core::cache::status::{CacheStatus, Forwarded, Outcome};
use stepwell_edge_core::respond;
use stepwell_shared::limits::{ENTRY_BYTES_MAX, ORIGIN_TIMEOUT_MS, UPLOAD_BYTES_MAX};
use stepwell_shared::problem::{Code, Problem};
use tokio::sync::oneshot;

use super::flights::Lead;
use super::passed_on::{pass_on, store_passing};
use super::question::Question;
use crate::Inner;
use crate::body::{Body, BodyError, EdgeBody, read_whole, whole};
use crate::fetch::Answered;
use crate::upload::Upload;

/// Why there is no answer.
pub(super) enum Silence {
    /// It could not be asked, or broke off.
    Broken,
    /// It takes too long.
    Late,
    /// The client's own body broke off, or came to too much: the origin is not to blame.
    Unsaid(Code),
}

/// What a client did not say to its end.
#[derive(Debug, thiserror::Error)]
#[error("the request's body broke off")]
struct Unsaid(#[source] BodyError);

/// One question under way.
pub(super) struct Asking {
    pub(super) inner: Arc<Inner>,
    pub(super) question: Question,
    pub(super) ask: Ask<Arc<Stored>>,
    /// The duty towards those who wait for the answer.
    pub(super) lead: Option<Lead>,
}

impl Asking {
    pub(super) async fn run(mut self, body: Option<Upload>) -> Answered {
        let began = Instant::now();
        let (mut body, mut sent) = upload(body);
        loop {
            let mut position = self.inner.http.position();
            let asked_at = self.inner.now();
            let request = self.question.request(self.ask.how, self.ask.stored.as_deref(), body);
            let response = match self.send(request, sent.take()).await {
                Ok(response) => response,
                Err(silence) => {
                    self.recheck();
                    self.tell_of_failure();
                    return (self.unanswered(&silence), None);
                }
            };
            let took = Some(began.elapsed());
            let asked = self.question.asked.clone();
            let changed = invalidate::after(&asked, response.status(), response.headers());
            if !changed.is_empty() {
                let own = tags(&asked, response.headers());
                position = self.inner.http.purge_since(&changed, &own, position);
            }
            self.recheck();
            let (head, content) = response.into_parts();
            let header = self.question.header.clone();
            let answer = Answer {
                asked: &asked,
                request: &header,
                status: head.status,
                headers: &head.headers,
                exchange: Exchange { asked_at, answered_at: self.inner.now() },
                position,
            };
            self.learn(&answer);
            let received = received::decide(&answer, &self.ask, &self.inner.options);
            let response = Response::from_parts(head, content);
            if let Some(response) = self.settle(received, response).await {
                return (response, took);
            }
            // Once more, plainly; what is looked up has no body that would be sent twice.
            (self.ask.how, body) = (How::Plainly, whole(Bytes::new()));
        }
    }

    /// What was purged while the question was under way does not stand in.
    fn recheck(&mut self) {
        let (asked, now) = (&self.question.asked, self.inner.now());
        let (inner, ask) = (&self.inner, &mut self.ask);
        inner.http.read_log(|log| ask.recheck(asked, log, now, &inner.options));
    }

    /// Does what was decided; `None` to ask again.
    async fn settle(&mut self, received: Received, response: Response<Body>) -> Option<Response<EdgeBody>> {
        match received {
            Received::Confirmed(stored) => {
                let stored = self.keep(*stored);
                Some(self.serve(&stored, Outcome::Revalidated))
            }
            Received::Storable(filing) => Some(self.store(*filing, response)),
            Received::TheRest(filing) => {
                let content = read_whole(response.into_body(), ENTRY_BYTES_MAX).await.ok()?;
                let stored = self.keep(filing.complete(content).ok()?);
                if stored.part.is_some() { None } else { Some(self.serve(&stored, Outcome::Stored)) }
            }
            Received::NotStored(refusal) => Some(self.refuse(refusal, response)),
            Received::Covered => {
                self.tell_of_failure();
                let stored = self.ask.stored.clone()?;
                Some(self.serve(&stored, Outcome::Covered(response.status())))
            }
            Received::AskAgain => None,
            Received::Senseless => {
                tracing::warn!(key = %self.question.asked.key, status = %response.status(), "the origin answered what was not asked");
                Some(problem(Code::OriginUnreachable))
            }
        }
    }

    fn tell_of_failure(&mut self) {
        if let Some(lead) = self.lead.take() {
            lead.failed();
        }
    }

    fn status(&self, outcome: Outcome) -> CacheStatus {
        CacheStatus::Forwarded(Forwarded { reason: self.ask.reason, outcome })
    }

    pub(super) fn serve(&self, stored: &Stored, outcome: Outcome) -> Response<EdgeBody> {
        let Question { asked, header, .. } = &self.question;
        from_stored(stored, asked, header, self.status(outcome), self.inner.now()).map(EdgeBody::from)
    }

    /// Stores what is whole already, and lets those who wait look again.
    fn keep(&mut self, stored: Stored) -> Arc<Stored> {
        let stored = Arc::new(stored);
        let (http, key) = (&self.inner.http, &self.question.asked.key);
        http.put(key, stored.clone());
        http.flights.tell(key, self.lead.take(), stored.may_be_shared());
        stored
    }

    fn store(&mut self, filing: Filing, response: Response<Body>) -> Response<EdgeBody> {
        let response = pass_on(response, self.status(Outcome::Stored));
        let key = self.question.asked.key.clone();
        let lead = self.lead.take();
        let has_it =
            is_unchanged(response.status(), response.headers(), &self.question.header, self.inner.now());
        let mut response = response.map(|body| store_passing(&self.inner, key, filing, body, lead));
        if has_it {
            make_not_modified(&mut response);
        }
        response
    }

    fn refuse(&mut self, refusal: Refusal, response: Response<Body>) -> Response<EdgeBody> {
        // An error says nothing of what the next answer will be.
        if let Some(lead) = self.lead.take().filter(|_| !response.status().is_server_error()) {
            lead.lone();
        }
        let refusal = if self.question.asked.may_look_up { refusal } else { Refusal::Class };
        pass_on(response, self.status(Outcome::Refused(refusal))).map(EdgeBody::Streamed)
    }

    /// What an answer to a `HEAD` tells of what is stored.
    fn learn(&self, answer: &Answer<'_>) {
        let Some(stored) = self.ask.stored.as_ref().filter(|_| answer.asked.method == Method::HEAD) else {
            return;
        };
        match by_head(stored, answer, &self.inner.options) {
            Learnt::Stands(stored) => self.inner.http.put(&answer.asked.key, Arc::new(*stored)),
            Learnt::Changed => self.inner.http.purge(&[uri::tag(&answer.asked.key)]),
            Learnt::Nothing => {}
        }
    }

    /// Sends a request and waits for the head of its answer, for a bounded time from when all of it was sent.
    async fn send(
        &self,
        request: Request<Body>,
        sent: Option<oneshot::Receiver<()>>,
    ) -> Result<Response<Body>, Silence> {
        let sending = self.inner.upstream.send(request);
        let late = async {
            if let Some(sent) = sent {
                // Resolves when the body is dropped.
                let _ = sent.await;
            }
            tokio::time::sleep(Duration::from_millis(ORIGIN_TIMEOUT_MS)).await;
        };
        tokio::select! {
            biased;
            answered = sending => answered.map_err(|error| {
                if let Some(code) = unsaid(&error) {
                    return Silence::Unsaid(code);
                }
                tracing::warn!(%error, key = %self.question.asked.key, "no answer from the origin");
                Silence::Broken
            }),
            () = late => Err(Silence::Late),
        }
    }

    /// The origin cannot be reached: a stored answer stands in, or the client hears of it.
    pub(super) fn unanswered(&self, silence: &Silence) -> Response<EdgeBody> {
        if let Some(stored) = self.ask.stored.as_ref().filter(|_| self.ask.cover.silence) {
            return self.serve(stored, Outcome::StoodIn);
        }
        match silence {
            // RFC 9111 §5.2.2.2: 504 is the answer where something is stored and must not stand in.
            Silence::Broken if self.ask.stored.is_none() => problem(Code::OriginUnreachable),
            Silence::Broken | Silence::Late => problem(Code::OriginSilent),
            Silence::Unsaid(code) => problem(*code),
        }
    }
}

/// The client's body as it is sent on, and what resolves when it has been.
fn upload(body: Option<Upload>) -> (Body, Option<oneshot::Receiver<()>>) {
    let Some(body) = body else { return (whole(Bytes::new()), None) };
    let (ended, sent) = oneshot::channel::<()>();
    let limit_bytes = usize::try_from(UPLOAD_BYTES_MAX).unwrap_or(usize::MAX);
    let body = Limited::new(body, limit_bytes).map_err(|error| Unsaid(error).into());
    let body = body.map_frame(move |frame| {
        // Held by the body, and dropped with it.
        let _held = &ended;
        frame
    });
    (body.boxed_unsync(), Some(sent))
}

/// What to tell a client whose body is why there is no answer.
fn unsaid(error: &(dyn Error + 'static)) -> Option<Code> {
    match error.downcast_ref::<Unsaid>() {
        Some(Unsaid(error)) if error.is::<LengthLimitError>() => Some(Code::BodyTooLarge),
        Some(_) => Some(Code::BadRequest),
        None => unsaid(error.source()?),
    }
}

pub(super) fn problem(code: Code) -> Response<EdgeBody> {
    respond::problem(&Problem::from(code)).map(EdgeBody::from)
}
