//! Who asks the origin: the request itself, one for all that came at the same time, or the cache behind an answer.

use std::sync::Arc;

use http::header::{CONTENT_LENGTH, RANGE};
use http::{HeaderMap, Method};
use stepwell_edge_core::cache::decide::Reason;
use stepwell_edge_core::cache::rfc9111::answer::from_stored;
use stepwell_edge_core::cache::rfc9111::reuse::{Ask, Cover, How, Verdict};
use stepwell_edge_core::cache::rfc9111::stored::Stored;
use stepwell_edge_core::cache::status::{CacheStatus, Outcome};
use stepwell_edge_core::respond;
use stepwell_shared::limits::UPLOAD_BYTES_MAX;
use stepwell_shared::problem::{Code, Problem};

use super::asking::{Asking, Silence, problem};
use super::flights::{Flights, Part, Waited};
use super::question::Question;
use crate::Inner;
use crate::body::EdgeBody;
use crate::fetch::Answered;
use crate::upload::Upload;

/// Asks for a client.
pub(super) async fn ask(
    inner: &Arc<Inner>,
    question: Question,
    mut ask: Ask<Arc<Stored>>,
    body: Upload,
) -> Answered {
    if !may_share(&question, &ask) {
        if question.asked.is_authorised {
            ask.how = verbatim(&ask);
        }
        return alone(inner, question, ask, body).await;
    }
    match Flights::join(inner, &question.asked.key) {
        Part::Alone => ask.how = verbatim(&ask),
        Part::Lead(lead) => {
            // Another flight may have landed since this request looked its key up and before it found none to wait for.
            let verdict = super::verdict(inner, &question.asked, &question.header);
            if let Verdict::Serve { stored, left_ms } = verdict {
                lead.landed();
                let (Question { asked, header, .. }, status) = (&question, CacheStatus::Hit { left_ms });
                let response = from_stored(&stored, asked, header, status, inner.now());
                return (response.map(EdgeBody::from), None);
            }
            // A task of its own: it outlives a client that hangs up, for those who wait.
            let inner = inner.clone();
            let asking =
                tokio::spawn(
                    async move { Asking { inner, question, ask, lead: Some(lead) }.run(None).await },
                );
            return asking.await.unwrap_or_else(|_| (problem(Code::Internal), None));
        }
        Part::Wait(waiting) => match waiting.end().await {
            Waited::Alone => {}
            Waited::Failed => {
                let asking = Asking { inner: inner.clone(), question, ask, lead: None };
                return (asking.unanswered(&Silence::Broken), None);
            }
            Waited::Landed => match super::verdict(inner, &question.asked, &question.header) {
                Verdict::Serve { stored, .. } | Verdict::ServeStale { stored, .. } => {
                    let asking = Asking { inner: inner.clone(), question, ask, lead: None };
                    return (asking.serve(&stored, Outcome::Collapsed), None);
                }
                Verdict::Ask(again) => ask = again,
                Verdict::NotStored => {}
            },
        },
    }
    alone(inner, question, ask, body).await
}

/// Revalidates a stored answer behind one that was served stale, once at a time.
pub(super) fn revalidate_behind(inner: &Arc<Inner>, question: Question, stored: Arc<Stored>) {
    let Some(lead) = Flights::begin(inner, &question.asked.key) else { return };
    let how = if stored.has_validator() { How::Conditionally } else { How::Plainly };
    let ask = Ask { reason: Reason::Expired, how, stored: Some(stored), cover: Cover::default() };
    let question = question.for_the_cache();
    let asking = Asking { inner: inner.clone(), question, ask, lead: Some(lead) };
    tokio::spawn(async move {
        // What is not stored of it is for nobody.
        drop(asking.run(None).await);
    });
}

/// Whether others may wait for the answer: those to whole reads, which are the same for all until `Vary` says otherwise.
/// Who wants the origin's own word would wait in vain, and ask then.
fn may_share(question: &Question, ask: &Ask<Arc<Stored>>) -> bool {
    question.asked.may_look_up
        && question.asked.method == Method::GET
        && !question.asked.is_authorised
        && !question.asked.directives.no_cache
        && !question.header.contains_key(RANGE)
        && !matches!(ask.how, How::ForTheRest)
        && !matches!(ask.reason, Reason::Request)
}

/// How to ask what is for this client alone, as far as is known: with its own conditions, so that it need not be sent
/// what it has. Where something is stored that may stand in, the answer is the cache's to judge first.
const fn verbatim(ask: &Ask<Arc<Stored>>) -> How {
    if ask.stored.is_none() { How::Verbatim } else { ask.how }
}

async fn alone(inner: &Arc<Inner>, question: Question, ask: Ask<Arc<Stored>>, body: Upload) -> Answered {
    if declared_length(&question.header).is_some_and(|length| length > UPLOAD_BYTES_MAX) {
        let why = format!("at most {UPLOAD_BYTES_MAX} bytes");
        return (respond::problem(&Problem::new(Code::BodyTooLarge, why)).map(EdgeBody::from), None);
    }
    Asking { inner: inner.clone(), question, ask, lead: None }.run(Some(body)).await
}

fn declared_length(header: &HeaderMap) -> Option<u64> {
    header.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
