//! The copy of the purge log, which is asked for: behind an answer while it is recent enough, and before one where not.

use std::cell::RefCell;
use std::rc::Rc;

use http::header::HeaderMap;
use http::{Request, StatusCode};
use stepwell_edge_core::authenticate::Revocations;
use stepwell_edge_core::cache::purge_log::{PurgeLog, Standing};
use stepwell_shared::api::purges::{OLDEST_TOKEN, PurgePage};
use stepwell_shared::bookmark::Position;
use stepwell_shared::headers::BOOKMARK;
use stepwell_shared::tags::TagHash;
use stepwell_shared::time::Timestamp;

use crate::body::{Sent, read_whole};
use crate::host::Host;
use crate::sending::For;
use crate::{Briefed, Road};

/// How old the copy may get before it is asked for again, in milliseconds: once a second an instance.
const POLL_INTERVAL_MS: u64 = 1000;
/// How old it may get before entries count as stale and tokens as unknown, in milliseconds. With the second between two
/// questions there is most of another for the answer, and all of it is under the two seconds within which every edge
/// obeys a purge.
pub(crate) const SILENCE_MAX_MS: u64 = 1800;
/// Bytes of one page: a thousand purges of many tags.
const PAGE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Pages that are taken in one go. Who is further behind goes on with the next request.
const PAGES_MAX: usize = 64;

/// What the copy says of tokens.
pub(crate) struct Copy<'a>(pub(crate) &'a RefCell<PurgeLog>);

impl Revocations for Copy<'_> {
    fn standing(&self, position: Position, tags: &[TagHash], now: Timestamp) -> Standing {
        Revocations::standing(&*self.0.borrow(), position, tags, now)
    }
}

impl<H: Host> Road<H> {
    /// Sees to it that the copy is recent, and that what is decided by is what the origin means.
    pub(crate) async fn hear(&self, briefed: Rc<Briefed>) -> Rc<Briefed> {
        if self.instance.identity.is_none() {
            return briefed;
        }
        let now = self.now();
        let is_older = |at: Option<Timestamp>, ms: u64| at.is_none_or(|at| now.since_ms(at) >= ms);
        let was_asked_lately = !is_older(self.instance.log_asked_at.get(), POLL_INTERVAL_MS);
        if self.instance.log.borrow().is_silent(now) {
            // An origin that has just failed to answer is not asked by every request; and none waits for another's
            // question, which in some hosts it must not.
            if !was_asked_lately || self.instance.log_heard_at.get().is_none() {
                self.poll().await;
            }
        } else if is_older(self.instance.log_heard_at.get(), POLL_INTERVAL_MS) && !was_asked_lately {
            self.instance.log_asked_at.set(Some(now));
            let road = self.clone();
            self.host.behind(async move { road.poll().await });
        }
        // The log may have said that there is something else to decide by.
        self.instance.briefed.borrow().clone().unwrap_or(briefed)
    }

    /// The answer to a change tells of a purge: the next request here, whoever's, must know of it.
    pub(crate) async fn hear_of(&self, answer: &HeaderMap) {
        let written = answer.get(BOOKMARK).and_then(|value| value.to_str().ok()?.parse::<Position>().ok());
        let Some(written) = written else { return };
        let known = self.instance.log.borrow().position();
        if !known.is_some_and(|known| known.includes(written)) {
            self.poll().await;
        }
    }

    /// Takes in what has happened since.
    async fn poll(&self) {
        for _ in 0..PAGES_MAX {
            let asked_at = self.now();
            self.instance.log_asked_at.set(Some(asked_at));
            let Some(page) = self.page().await else {
                self.host.warn("the purge log cannot be read; entries count as stale until it can");
                return;
            };
            if !self.follow_revision(&page.revision).await {
                return;
            }
            // What happened after the question was asked need not be in its answer.
            self.instance.log.borrow_mut().apply(&page, asked_at);
            if page.through >= page.head {
                self.instance.log_heard_at.set(Some(asked_at));
                return;
            }
        }
    }

    /// Whether what is decided by is what the origin means, asked for again if not.
    async fn follow_revision(&self, revision: &str) -> bool {
        let is_known = |briefed: &Rc<Briefed>| revision.is_empty() || briefed.revision == revision;
        if self.instance.briefed.borrow().as_ref().is_some_and(is_known) {
            return true;
        }
        self.brief_anew().await.is_some()
    }

    async fn page(&self) -> Option<PurgePage> {
        let known = self.instance.log.borrow().position();
        // An instance that starts must know which tokens were revoked before it accepts any.
        let target = known.map_or_else(
            || format!("/v1/purges?since={OLDEST_TOKEN}"),
            |known| format!("/v1/purges?after={}", known.sequence),
        );
        let mut request = Request::new(Sent::Nothing);
        *request.uri_mut() = target.parse().ok()?;
        let response = self.ask(request, For::Edge).await.ok()?;
        if response.status() != StatusCode::OK {
            return None;
        }
        let body = read_whole(response.into_body(), PAGE_BYTES_MAX).await.ok()?;
        serde_json::from_slice(&body).ok()
    }
}
