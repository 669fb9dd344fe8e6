//! An exchange with the origin, as hosts do it.

mod checked;

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ETAG, LAST_MODIFIED};
use http::{HeaderMap, Method, StatusCode, Version};
use stepwell_edge_core::cache::rfc9111::age::Exchange;
use stepwell_edge_core::cache::rfc9111::asked::Asked;
use stepwell_edge_core::cache::rfc9111::freshen::{Learnt, by_head};
use stepwell_edge_core::cache::rfc9111::received::{self, Received};
use stepwell_edge_core::cache::rfc9111::reuse::{Ask, How};
use stepwell_edge_core::cache::rfc9111::sent::{self, Client};
use stepwell_edge_core::cache::rfc9111::stored::Stored;
use stepwell_edge_core::cache::rfc9111::storing::{Answer, Filing};
use stepwell_edge_core::cache::rfc9111::{invalidate, uri};
use stepwell_edge_core::cache::status::{CacheStatus, Forwarded, Outcome};

use super::super::script::Reply;
use super::super::witness::{Heard, Named, Portion, must};
use super::Player;
use super::origin::{self, Told};

/// Who the clients are.
const CLIENT: Client = Client { address: None, version: Version::HTTP_11, is_secure: false };

/// A question that was answered.
struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    exchange: Exchange,
    position: stepwell_shared::bookmark::Position,
    portion: Option<Portion>,
    /// Purges before it was asked.
    purges: usize,
}

impl Player {
    /// Asks the origin, and does what is decided on its answers.
    pub(super) fn exchange(
        &mut self,
        mut ask: Ask<Arc<Stored>>,
        asked: &Asked,
        request: &HeaderMap,
        answers: &mut VecDeque<Reply>,
    ) {
        for _ in 0..2 {
            let sent = sent::headers(asked, request, CLIENT, ask.how, ask.stored.as_deref());
            checked::sent(&sent, asked, &ask);
            let answered = self.answered(answers.pop_front(), asked, request, &sent);
            ask.recheck(asked, &self.log, self.now, &self.script.options);
            let Some(answered) = answered else {
                self.tally.count("the origin was silent");
                let stored = ask.stored.as_ref().filter(|_| ask.cover.silence);
                if let Some(stored) = stored {
                    self.tally.count("stood in");
                    self.serve(stored, asked, request, status(&ask, Outcome::StoodIn));
                }
                return;
            };
            let answer = Answer {
                asked,
                request,
                status: answered.status,
                headers: &answered.headers,
                exchange: answered.exchange,
                position: answered.position,
            };
            self.learn(&answer, &ask, answered.purges);
            let received = received::decide(&answer, &ask, &self.script.options);
            if self.settle(received, &ask, &answered, asked, request) {
                return;
            }
            self.tally.count("asked again");
            ask.how = How::Plainly;
        }
        must(false, "a question is asked twice at the most", || format!("{ask:?}"));
    }

    /// The origin's answer, once it has come and what it invalidates is invalid.
    fn answered(
        &mut self,
        reply: Option<Reply>,
        asked: &Asked,
        request: &HeaderMap,
        sent: &HeaderMap,
    ) -> Option<Answered> {
        let (mut position, asked_at, mut purges) = (self.log.position()?, self.now, self.witness.purges());
        let reply = reply?;
        self.happen(&reply.before);
        let told = origin::told(&reply, &asked.method, sent, self.now)?;
        let portion = origin::portion(&told, asked, self.witness.heard.len());
        let Told { status, headers, .. } = told;
        let exchange = Exchange { asked_at, answered_at: self.now };
        let is_undisturbed = self.log.position() == Some(position);
        let tags = invalidate::after(asked, status, &headers);
        if let Some(named) = self.witness.purged_by(asked, status, &headers) {
            must(!tags.is_empty(), "RFC 9111 §4.4: a change invalidates its target", || {
                asked.method.to_string()
            });
            self.purge(&tags, named);
            if is_undisturbed {
                // What the answer itself says is newer than its own change.
                (position, purges) = (self.log.position()?, self.witness.purges());
            }
        } else {
            must(tags.is_empty(), "RFC 9111 §4.4: nothing else invalidates", || {
                format!("{} {status}", asked.method)
            });
        }
        let heard = Heard {
            resource: self.witness.resource.clone(),
            method: asked.method.clone(),
            request: request.clone(),
            is_authorised: asked.is_authorised,
            status,
            headers,
            exchange,
            purges,
            portion,
        };
        let headers = self.witness.hear(heard).headers.clone();
        Some(Answered { status, headers, exchange, position, portion, purges })
    }

    /// Does what was decided; whether that was the end of it.
    fn settle(
        &mut self,
        received: Received,
        ask: &Ask<Arc<Stored>>,
        answered: &Answered,
        asked: &Asked,
        request: &HeaderMap,
    ) -> bool {
        match received {
            Received::Confirmed(stored) => {
                self.tally.count("confirmed");
                checked::confirmed(ask, &answered.headers);
                let stored = Arc::new(*stored);
                self.witness.confirm(&stored, answered.purges);
                self.put(stored.clone(), asked, request);
                self.serve(&stored, asked, request, status(ask, Outcome::Revalidated));
            }
            Received::Storable(filing) => {
                if let Some(stored) = complete(*filing, ask, answered) {
                    self.tally.count(if stored.part.is_some() { "stored a part" } else { "stored a whole" });
                    self.put(stored, asked, request);
                }
            }
            Received::TheRest(filing) => {
                let Some(stored) = complete(*filing, ask, answered) else { return false };
                self.put(stored.clone(), asked, request);
                if stored.part.is_some() {
                    return false;
                }
                self.tally.count("completed");
                self.serve(&stored, asked, request, status(ask, Outcome::Stored));
            }
            Received::NotStored(_) => {
                self.tally.count("passed on");
                self.lone.insert(asked.key.clone());
            }
            Received::Covered => {
                self.tally.count("covered");
                let stored = ask.stored.as_ref();
                must(stored.is_some(), "what covers an error is stored", String::new);
                if let Some(stored) = stored {
                    self.serve(stored, asked, request, status(ask, Outcome::Covered(answered.status)));
                }
            }
            Received::AskAgain => return false,
            Received::Senseless => self.tally.count("senseless"),
        }
        true
    }

    /// What an answer to a `HEAD` tells of what is stored.
    fn learn(&mut self, answer: &Answer<'_>, ask: &Ask<Arc<Stored>>, purges: usize) {
        let Some(old) = ask.stored.as_ref().filter(|_| answer.asked.method == Method::HEAD) else { return };
        match by_head(old, answer, &self.script.options) {
            Learnt::Stands(stored) => {
                self.tally.count("freshened by HEAD");
                checked::freshened(old, answer.headers);
                if [ETAG, LAST_MODIFIED].iter().any(|name| answer.headers.contains_key(name)) {
                    self.witness.confirm(&stored, purges);
                }
                self.put(Arc::new(*stored), answer.asked, answer.request);
            }
            Learnt::Changed => {
                self.tally.count("changed by HEAD");
                let named = vec![Named::Key(self.witness.resource.clone())];
                self.purge(&[uri::tag(&answer.asked.key)], named);
            }
            Learnt::Nothing => {}
        }
    }
}

/// The stored answer, once its content is there.
fn complete(filing: Filing, ask: &Ask<Arc<Stored>>, answered: &Answered) -> Option<Arc<Stored>> {
    let portion = answered.portion;
    let body = portion.map(|portion| portion.content.bytes(portion.first, portion.bytes)).unwrap_or_default();
    let received = body.len();
    let is_partial = answered.status == StatusCode::PARTIAL_CONTENT;
    let stored = filing.complete(Bytes::from(body)).ok()?;
    must(is_partial || stored.part.is_none(), "only a part is a part", || format!("{:?}", stored.part));
    if stored.entry.body.len() != received {
        checked::joined(ask, &stored, &answered.headers);
    }
    Some(Arc::new(stored))
}

fn status(ask: &Ask<Arc<Stored>>, outcome: Outcome) -> CacheStatus {
    CacheStatus::Forwarded(Forwarded { reason: ask.reason, outcome })
}
