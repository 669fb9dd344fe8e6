//! What an instance of a function knows between requests.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};
use stepwell_edge_core::authenticate::TokenMemory;
use stepwell_edge_core::cache::purge_log::PurgeLog;
use stepwell_edge_core::forward::shared_headers;
use stepwell_edge_core::pipeline::{Edge, LookUp, Received};
use stepwell_edge_core::route::BadPattern;
use stepwell_shared::api::edge::{self, EdgeBriefing};
use stepwell_shared::api::purges::{OLDEST_TOKEN, PurgePage};
use stepwell_shared::claims::Claims;
use stepwell_shared::limits::LOG_SILENCE_MAX_MS;
use stepwell_shared::problem::{Code, Problem};
use stepwell_shared::time::Timestamp;

use crate::baked::{self, BadPackage, Package};
use crate::event;
use crate::fields;
use crate::signer::Signer;

/// Between two looks at the purge log, in milliseconds.
const LOOK_MS: u64 = 1000;
/// Verified tokens that are remembered; when they are more, all are forgotten. An instance serves one request at a time.
const TOKENS_MAX: usize = 4096;

/// A function's instance. It is called for one request at a time.
#[derive(Debug)]
pub struct Function {
    /// The routes, and whose tokens are accepted.
    pub edge: Edge,
    /// What makes requests to the origin this edge's.
    pub signer: Signer,
    log: PurgeLog,
    tokens: Tokens,
    /// Which state of the origin [`Self::edge`] goes by.
    revision: String,
    /// The log spoke of another one.
    is_outdated: bool,
    looked_at: Option<Timestamp>,
}

/// What an instance asks of the origin for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// A path with query.
    pub target: String,
    /// Signed.
    pub headers: HeaderMap,
}

/// An answer that cannot be taken in. What is known stays, and grows old.
#[derive(Debug, thiserror::Error)]
pub enum BadAnswer {
    /// It is not what was asked for.
    #[error("the origin's answer cannot be read: {0}")]
    Form(#[from] serde_json::Error),
    /// The origin's routes cannot stand beside each other.
    #[error("the origin's briefing cannot be used: {0}")]
    Routes(#[from] BadPattern),
}

impl Function {
    /// An instance that knows nothing of the purge log yet. `seed` is random.
    ///
    /// # Errors
    /// What is wrong with the package.
    pub fn new(package: Package, seed: u64) -> Result<Self, BadPackage> {
        // CloudFront drops what is purged itself: of the log, revocations alone matter here.
        let log = PurgeLog::new(1, seed, LOG_SILENCE_MAX_MS.saturating_add(LOOK_MS));
        Ok(Self {
            signer: package.signer()?,
            revision: package.briefing.revision.clone(),
            edge: baked::edge(package.briefing)?,
            log,
            tokens: Tokens::default(),
            is_outdated: false,
            looked_at: None,
        })
    }

    /// What to ask the origin, where something is due. It is asked before a request is decided, so that an instance that
    /// slept does not go by what it knew then.
    pub fn question(&mut self, now: Timestamp) -> Option<Question> {
        if !self.is_outdated && self.looked_at.is_some_and(|at| now.since_ms(at) < LOOK_MS) {
            return None;
        }
        self.looked_at = Some(now);
        let target = match self.log.position() {
            _ if self.is_outdated => edge::PATH.to_owned(),
            Some(known) => format!("/v1/purges?after={}", known.sequence),
            None => format!("/v1/purges?since={OLDEST_TOKEN}"),
        };
        Some(Question { headers: self.signer.own_question(&target, now), target })
    }

    /// Takes the origin's answer to [`Self::question`] in. Returns whether there is more to ask for at once.
    ///
    /// # Errors
    /// [`BadAnswer`].
    pub fn take(&mut self, question: &str, json: &str, now: Timestamp) -> Result<bool, BadAnswer> {
        if question == edge::PATH {
            let briefing: EdgeBriefing = serde_json::from_str(json)?;
            let revision = briefing.revision.clone();
            self.edge = baked::edge(briefing)?;
            (self.revision, self.is_outdated) = (revision, false);
            return Ok(false);
        }
        let page: PurgePage = serde_json::from_str(json)?;
        self.log.apply(&page, now);
        self.is_outdated = !page.revision.is_empty() && page.revision != self.revision;
        let more = page.through < page.head;
        if more {
            self.looked_at = None;
        }
        Ok(more || self.is_outdated)
    }

    /// What [`Edge::receive`] says of a request.
    pub fn receive<'r>(&self, head: &'r Parts, now: Timestamp) -> Received<'r> {
        self.edge.receive(head, &self.tokens, &self.log, now)
    }
}

/// The head of CloudFront's request.
///
/// # Errors
/// [`Code::BadRequest`] for what is no method, target or field of HTTP.
pub fn head(request: &event::Request) -> Result<Parts, Problem> {
    let unreadable = |what: &str| Problem::new(Code::BadRequest, format!("the {what} cannot be read"));
    let target = match request.querystring.as_str() {
        "" => request.uri.clone(),
        query => format!("{}?{query}", request.uri),
    };
    let (mut head, ()) = Request::new(()).into_parts();
    head.method = request.method.parse().map_err(|_| unreadable("method"))?;
    head.uri = target.parse::<Uri>().map_err(|_| unreadable("target"))?;
    head.headers = fields::read(&request.headers)?;
    Ok(head)
}

/// The header of a request for an answer that may be stored, with a caller's token in `field` where who asks matters: the
/// origin decides itself whether they may read it.
pub fn common(lookup: &LookUp<'_>, field: HeaderName) -> HeaderMap {
    let mut headers = shared_headers(lookup.bookmark, None);
    if let Some(caller) = &lookup.caller
        && let Ok(credentials) = HeaderValue::try_from(format!("Bearer {}", caller.token))
    {
        headers.insert(field, credentials);
    }
    headers
}

/// Splits a normalised target into CloudFront's two members.
pub fn put_target(request: &mut event::Request, target: &str) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    path.clone_into(&mut request.uri);
    query.clone_into(&mut request.querystring);
}

#[derive(Debug, Default)]
struct Tokens(RefCell<HashMap<Box<str>, Arc<Claims>, foldhash::fast::FixedState>>);

impl TokenMemory for Tokens {
    fn recall(&self, token: &str) -> Option<Arc<Claims>> {
        self.0.borrow().get(token).cloned()
    }

    fn remember(&self, token: &str, claims: &Arc<Claims>) {
        let mut known = self.0.borrow_mut();
        if known.len() >= TOKENS_MAX {
            known.clear();
        }
        known.insert(token.into(), claims.clone());
    }
}
