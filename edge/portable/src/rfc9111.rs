//! Requests of the class `http`: in front of an origin that speaks of caching in HTTP's own words.
//!
//! `stepwell_edge_core::cache::rfc9111` decides; here are its log of what was purged and the exchange with the origin.
//!
//! The log is this instance's own, while the store is of many instances and outlives each. So its sequences are points
//! in time, by which what one instance stored is held against what another purged before or after. What another
//! instance purged is not known here: the stored answers of the very targets that a change names are therefore forgotten
//! as well, and only groups (RFC 9875) that another instance has invalidated are served until they are stale.

mod asking;
mod recorded;

use std::sync::Arc;

use http::request::Parts;
use http::{HeaderMap, Response};
use stepwell_edge_core::cache::decide::Reason;
use stepwell_edge_core::cache::rfc9111::answer::from_stored;
use stepwell_edge_core::cache::rfc9111::asked::Asked;
use stepwell_edge_core::cache::rfc9111::reuse::{Ask, Cover, How, Verdict, decide};
use stepwell_edge_core::cache::rfc9111::stored::Stored;
use stepwell_edge_core::cache::status::CacheStatus;
use stepwell_edge_core::respond;
use stepwell_shared::api::purges::{Purge, PurgePage};
use stepwell_shared::bookmark::{Epoch, Position};
use stepwell_shared::problem::{Code, Problem};
use stepwell_shared::tags::TagHash;

use crate::Road;
use crate::body::{AnswerBody, Sent};
use crate::host::Host;
use asking::Asking;
pub(crate) use recorded::Recorded;

impl<H: Host> Road<H> {
    pub(crate) async fn http(
        &self,
        asked: Asked,
        mut head: Parts,
        body: H::Body,
    ) -> Response<AnswerBody<H::Body>> {
        match self.http_verdict(&asked, &head.headers).await {
            Verdict::Serve { stored, left_ms } => {
                self.serve(&stored, &asked, &head.headers, CacheStatus::Hit { left_ms })
            }
            Verdict::ServeStale { stored, past_ms, revalidate: false } => {
                self.serve(&stored, &asked, &head.headers, CacheStatus::Tolerated { past_ms })
            }
            Verdict::ServeStale { stored, past_ms, revalidate: true } => {
                let response = self.serve(&stored, &asked, &head.headers, CacheStatus::StaleHit { past_ms });
                let how = if stored.has_validator() { How::Conditionally } else { How::Plainly };
                let ask = Ask { reason: Reason::Expired, how, stored: Some(stored), cover: Cover::default() };
                self.trace.put_on(&mut head.headers);
                let asking = Asking { road: self.clone(), asked, head, ask }.for_the_cache();
                self.host.behind(asking.keep_all());
                response
            }
            Verdict::NotStored => {
                let why = "send the request without only-if-cached to have the origin asked";
                respond::problem(&Problem::new(Code::NotStored, why)).map(AnswerBody::Whole)
            }
            Verdict::Ask(mut ask) => {
                self.trace.put_on(&mut head.headers);
                if asked.is_authorised && ask.stored.is_none() {
                    // Nobody else is known to want it: with the client's own conditions, it need not be sent what it has.
                    ask.how = How::Verbatim;
                }
                Asking { road: self.clone(), asked, head, ask }.run(Sent::Streamed(body)).await
            }
        }
    }

    async fn http_verdict(&self, asked: &Asked, request: &HeaderMap) -> Verdict<Arc<Stored>> {
        let variants = if asked.may_look_up { self.look_up_http(&asked.key).await } else { None };
        let (log, options) = (self.instance.http_log.borrow(), &self.instance.http_options);
        decide(variants.as_ref(), asked, request, &log, self.now(), options)
    }

    fn serve(
        &self,
        stored: &Stored,
        asked: &Asked,
        request: &HeaderMap,
        status: CacheStatus,
    ) -> Response<AnswerBody<H::Body>> {
        from_stored(stored, asked, request, status, self.now()).map(AnswerBody::Whole)
    }

    /// Where the log stands: what is asked from now on is newer than every purge so far.
    fn http_position(&self) -> Position {
        let known = self.instance.http_log.borrow().position().unwrap_or_default();
        Position { sequence: known.sequence.max(self.now().as_ms()), ..known }
    }

    /// Whatever was filled up to now and carries one of these tags is invalid.
    fn http_purge(&self, tags: &[TagHash]) {
        if tags.is_empty() {
            return;
        }
        // Behind all that was filled within this millisecond.
        let sequence = self.http_position().sequence.saturating_add(1);
        let purges = vec![Purge { sequence, tags: tags.to_vec(), revoked: Vec::new() }];
        let mut log = self.instance.http_log.borrow_mut();
        let after = log.position().unwrap_or_default().sequence;
        let page = PurgePage {
            epoch: Epoch(0),
            after,
            through: sequence,
            head: sequence,
            floor: 0,
            purges,
            revision: String::new(),
        };
        log.apply(&page, self.host.now());
    }
}
