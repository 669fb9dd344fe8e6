//! The path of a request through the edge, on one page.
//!
//! ```text
//! receive ── normalise ── route ── query ── class ─┬─ the edge answers        ► Received::Answer
//!                                                  ├─ authenticate            ► Received::Forward   (never stored)
//!                                                  ├─ authenticate, private   ► Received::LookUp    (readers checked)
//!                                                  └─ public                  ► Received::LookUp
//!                                                                                  │ host reads its store
//! cache::decide ─┬─ Serve, ServeAndRevalidate ► respond::from_entry ◄──────────────┤
//!                └─ Fetch ► forward::shared_headers ► host asks the origin         │
//!                             cache::filing::judge ─┬─ Filing ► host stores ───────┘
//!                                                   └─ Refusal ► host passes the answer on
//! ```
//!
//! What a table that knows no routes leaves to its origin takes a road of its own, [`crate::cache::rfc9111`]:
//! [`Received::Http`].
//!
//! The host owns the sockets, the store and the clock; it calls these functions in this order and does what they say.

use std::borrow::Cow;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Response};
use stepwell_shared::bookmark::{Position, of_request};
use stepwell_shared::credentials::{self, Credentials};
use stepwell_shared::cross_site;
use stepwell_shared::headers::BOOKMARK;
use stepwell_shared::limits::TARGET_BYTES_MAX;
use stepwell_shared::normalize;
use stepwell_shared::problem::{Code, Problem};
use stepwell_shared::routes::{Access, Class, Rate, Rule};
use stepwell_shared::time::Timestamp;

use crate::authenticate::{Authenticator, Caller, Revocations, Sender, TokenMemory};
use crate::cache::decide::Reason;
use crate::cache::rfc9111::asked::Asked;
use crate::cache::rfc9111::options::Options;
use crate::cors::{self, Sharing};
use crate::host;
use crate::respond;
use crate::route::{Found, Router, class_with, nothing_here};

/// What an edge is configured with.
#[derive(Debug)]
pub struct Edge {
    /// Which routes there are.
    pub router: Router,
    /// Whose tokens are accepted.
    pub authenticator: Authenticator,
    /// The operator's choices for the class `http`.
    pub http: Options,
}

/// What to do with a request.
#[derive(Debug)]
pub enum Received<'r> {
    /// Send this.
    Answer(Response<Bytes>),
    /// Ask the origin; store nothing.
    Forward(Forward<'r>),
    /// Look the key up and let [`crate::cache::decide`] decide.
    LookUp(LookUp<'r>),
    /// Let [`crate::cache::rfc9111`] decide.
    Http(Asked),
}

/// A request that goes to the origin as its sender's own.
#[derive(Debug)]
pub struct Forward<'r> {
    /// The target to send.
    pub target: Cow<'r, str>,
    /// No-store or pass.
    pub class: Class,
    /// Why it is not looked up.
    pub reason: Reason,
    /// Who asks, where that was looked at.
    pub sender: Option<Sender>,
    /// How often they may.
    pub rate: Rate,
    /// Who may at all.
    pub access: Access,
}

/// A request whose answer may be stored.
#[derive(Debug)]
pub struct LookUp<'r> {
    /// The cache key: the normalised target, and where the answer depends on the caller, the account behind a `#`, which
    /// no target holds.
    pub key: Cow<'r, str>,
    /// One that may be stored.
    pub class: Class,
    /// What the client has seen already, the issue of its token included where the answer may depend on what that says.
    pub bookmark: Option<Position>,
    /// Who asks, where that decides what is served.
    pub caller: Option<Caller>,
    /// How often they may, where the origin has to be asked.
    pub rate: Rate,
    path_bytes: usize,
    target_bytes: usize,
}

impl LookUp<'_> {
    /// All of the target that the origin is sent, normalised.
    pub fn target(&self) -> &str {
        self.key.get(..self.target_bytes).unwrap_or_default()
    }

    /// The normalised path, without query.
    pub fn path(&self) -> &str {
        self.key.get(..self.path_bytes).unwrap_or_default()
    }

    /// The same, for a host whose work on it outlives the request.
    pub fn into_owned(self) -> LookUp<'static> {
        LookUp {
            key: Cow::Owned(self.key.into_owned()),
            class: self.class,
            bookmark: self.bookmark,
            caller: self.caller,
            rate: self.rate,
            path_bytes: self.path_bytes,
            target_bytes: self.target_bytes,
        }
    }
}

impl Edge {
    /// Decides what to do with a request.
    pub fn receive<'r>(
        &self,
        head: &'r Parts,
        memory: &impl TokenMemory,
        revocations: &impl Revocations,
        now: Timestamp,
    ) -> Received<'r> {
        let received = if self.router.is_of_any_other(head) {
            Asked::of(head, self.http.heeds_clients).map(Received::Http)
        } else {
            self.try_receive(head, memory, revocations, now)
        };
        received.unwrap_or_else(|problem| Received::Answer(respond::problem(&problem)))
    }

    fn try_receive<'r>(
        &self,
        head: &'r Parts,
        memory: &impl TokenMemory,
        revocations: &impl Revocations,
        now: Timestamp,
    ) -> Result<Received<'r>, Problem> {
        host::of_request(head)?;
        let path = normalize::path(head.uri.path())?;
        let rule = match self.router.find(&head.method, &path) {
            Found::Rule(rule) => rule,
            Found::Nothing => return Err(nothing_here()),
            Found::Options(allowed) => {
                return Ok(Received::Answer(self.options(&head.method, &head.headers, &allowed)));
            }
            Found::NotThisMethod(allowed) => {
                let problem = Problem::new(Code::MethodNotAllowed, format!("allowed are: {allowed}"));
                return Ok(Received::Answer(respond::with_allow(respond::problem(&problem), &allowed)));
            }
        };
        let query = head.uri.query().unwrap_or_default();
        if query.len() > TARGET_BYTES_MAX {
            return Err(Problem::new(Code::TargetTooLong, format!("at most {TARGET_BYTES_MAX} bytes")));
        }
        let parameters = normalize::query(query, &rule.parameters)?;
        let class = class_with(rule, &parameters);
        let rate = rule.rate;
        let path_bytes = path.len();
        let target = normalize::target(path, &parameters);
        let reads = head.method == Method::GET || head.method == Method::HEAD;
        if class.may_store() && !class.is_private() && reads {
            let bookmark = bookmark(&head.headers)?;
            let target_bytes = target.len();
            let caller = None;
            return Ok(Received::LookUp(LookUp {
                key: target,
                class,
                bookmark,
                caller,
                rate,
                path_bytes,
                target_bytes,
            }));
        }
        let sender = self.admit(rule, head, memory, revocations, now)?;
        // What is stored is held against callers alone: of whoever sends a key, nothing is known.
        if let Some(Sender::Caller(caller)) = &sender
            && class.is_private()
            && reads
            && caller.is_current
        {
            let target_bytes = target.len();
            let key = match class {
                Class::PerCaller => Cow::Owned(format!("{target}#{}", caller.claims.sub)),
                _ => target,
            };
            let bookmark = bookmark(&head.headers)?;
            let bookmark = if class == Class::PerCaller { since_issue(bookmark, caller) } else { bookmark };
            let caller = Some(caller.clone());
            return Ok(Received::LookUp(LookUp {
                key,
                class,
                bookmark,
                caller,
                rate,
                path_bytes,
                target_bytes,
            }));
        }
        let reason = if reads { Reason::NotStored } else { Reason::Method };
        // A class that may store says nothing about methods that are never stored.
        let class = if class.may_store() { Class::NoStore } else { class };
        Ok(Received::Forward(Forward { target, class, reason, sender, rate, access: rule.access }))
    }

    /// What the answer to a request says of pages of other origins. The host puts it on whatever it answers; answers of
    /// the class `http` are not Stepwell's to share.
    pub fn sharing(&self, method: &Method, headers: &HeaderMap) -> Option<Sharing> {
        if self.router.leaves_any_other() {
            return None;
        }
        self.router.other_origins().sharing(method, headers)
    }

    /// The answer to `OPTIONS`, a browser's preflight included.
    fn options(&self, method: &Method, headers: &HeaderMap, allowed: &str) -> Response<Bytes> {
        let mut response = respond::options(allowed);
        let is_granted = || self.sharing(method, headers).is_some_and(|sharing| sharing.is_granted());
        if cors::is_preflight(method, headers) && is_granted() {
            cors::permit(response.headers_mut(), allowed);
        }
        response
    }

    /// Who asks, if the rule lets them in and no other site's page asks with their cookies. The operator's token is not
    /// one of ours to verify: the origin does.
    fn admit(
        &self,
        rule: &Rule,
        head: &Parts,
        memory: &impl TokenMemory,
        revocations: &impl Revocations,
        now: Timestamp,
    ) -> Result<Option<Sender>, Problem> {
        if rule.access == Access::Operator || rule.class == Class::Pass {
            return Ok(None);
        }
        if credentials::of_request(&head.headers).is_ok_and(|found| found.is_some_and(Credentials::is_cookie))
        {
            let trusted = &self.router.other_origins().trusted;
            cross_site::check(&head.method, &head.uri, &head.headers, trusted)?;
        }
        let sender = self.authenticator.sender(&head.headers, memory, revocations, now)?;
        if sender.is_none() && rule.access == Access::SignedIn {
            let how = "send 'Authorization: Bearer TOKEN'; POST /v1/sessions gives a token";
            return Err(Problem::new(Code::Unauthenticated, how));
        }
        Ok(sender)
    }
}

/// The newer of a bookmark and of the issue of the caller's token: what was made for the same account with the roles of
/// before is older. A bookmark of another timeline stays as it is.
fn since_issue(bookmark: Option<Position>, caller: &Caller) -> Option<Position> {
    let is_older = |bookmark: &Position| caller.position.includes(*bookmark);
    bookmark.filter(|bookmark| !is_older(bookmark)).or(Some(caller.position))
}

/// What the client has seen.
fn bookmark(headers: &HeaderMap) -> Result<Option<Position>, Problem> {
    of_request(headers).map_err(|error| Problem::new(Code::BadRequest, format!("{BOOKMARK}: {error}")))
}

#[cfg(test)]
mod tests;
