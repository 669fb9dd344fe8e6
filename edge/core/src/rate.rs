//! How often one client may ask for what reaches the origin.
//!
//! What an edge serves from its store is not counted: to refuse it costs what serving it costs. A 404 to whom the store
//! hides something counts as that of an origin would, or whoever is over their limit could tell them apart. A host keeps a
//! [`gcra::Bucket`] for each [`Subject`] and [`Class`], asks [`gcra::Quota::decide`], and answers what is refused with
//! [`refused`].

pub mod gcra;

use std::net::IpAddr;

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue, Response};
use stepwell_shared::headers::{RATELIMIT, RATELIMIT_POLICY};
use stepwell_shared::ids::Id;
use stepwell_shared::network;
use stepwell_shared::problem::{Code, Problem};
use stepwell_shared::routes::Rate;

use crate::authenticate::{Caller, Sender};
use crate::respond;
use gcra::{Decision, Quota};

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Reads that the store does not answer.
    Reads,
    /// Changes.
    Writes,
    /// Log-ins, sign-ups, refreshes.
    SignIns,
    /// Requests of the class `http` that the store does not answer.
    Http,
}

/// The operator's limits; `None` is none. By default there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Of [`Class::Reads`].
    pub reads: Option<Quota>,
    /// Of [`Class::Writes`].
    pub writes: Option<Quota>,
    /// Of [`Class::SignIns`].
    pub sign_ins: Option<Quota>,
    /// Of [`Class::Http`].
    pub http: Option<Quota>,
}

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject<'r> {
    /// An account, by its token.
    Account(Id),
    /// An API key.
    Key(&'r str),
    /// The network of whoever has no credentials that are known to be good.
    Network(IpAddr),
}

impl Class {
    /// Every class, in the order of their declaration.
    pub const ALL: [Self; 4] = [Self::Reads, Self::Writes, Self::SignIns, Self::Http];

    /// Its name in fields and metrics: a token of lower-case letters and hyphens.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Writes => "writes",
            Self::SignIns => "sign-ins",
            Self::Http => "requests",
        }
    }

    /// What a rule's requests count as; `None` where they do not.
    pub const fn of(rate: Rate) -> Option<Self> {
        match rate {
            Rate::Reads => Some(Self::Reads),
            Rate::Writes => Some(Self::Writes),
            Rate::SignIns => Some(Self::SignIns),
            Rate::Unlimited => None,
        }
    }
}

impl Limits {
    /// The limit of a class.
    pub const fn of(&self, class: Class) -> Option<Quota> {
        match class {
            Class::Reads => self.reads,
            Class::Writes => self.writes,
            Class::SignIns => self.sign_ins,
            Class::Http => self.http,
        }
    }
}

/// Whose credentials came with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimant<'r> {
    /// An account's: its token verified.
    Account(Id),
    /// Those of whoever sends this API key, which may be none.
    Key(&'r str),
}

impl<'r> From<&'r Sender> for Claimant<'r> {
    fn from(sender: &'r Sender) -> Self {
        match sender {
            Sender::Caller(caller) => caller.into(),
            Sender::ApiKey(key) => Self::Key(key),
        }
    }
}

impl From<&Caller> for Claimant<'_> {
    fn from(caller: &Caller) -> Self {
        Self::Account(caller.claims.sub)
    }
}

impl<'r> Subject<'r> {
    /// Whose request it is. Who signs in is not known yet, whatever credentials come along.
    ///
    /// Anybody can make keys up, and an edge cannot tell: one counts for itself only where the host knows
    /// (`is_taken`) that the origin has accepted it, and until then its sender's network does.
    pub fn of(
        class: Class,
        claimant: Option<Claimant<'r>>,
        client: IpAddr,
        is_taken: impl FnOnce(&str) -> bool,
    ) -> Self {
        match claimant.filter(|_| matches!(class, Class::Reads | Class::Writes)) {
            Some(Claimant::Account(account)) => Self::Account(account),
            Some(Claimant::Key(key)) if is_taken(key) => Self::Key(key),
            _ => Self::Network(network::of_client(client)),
        }
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Account(_) => "account",
            Self::Key(_) => "API key",
            Self::Network(_) => "network address",
        }
    }
}

/// Says what the limit is and what is left of it (draft-ietf-httpapi-ratelimit-headers-10 §3, §4). Not on what caches
/// behind this one may keep: it is one client's.
pub fn put_on(headers: &mut HeaderMap, class: Class, quota: Quota, decision: Decision) {
    let name = class.name();
    let policy = format!("\"{name}\";q={};w={}", quota.requests, quota.window_s);
    let left = format!("\"{name}\";r={};t={}", decision.left(), decision.more_in_s());
    for (field, value) in [(RATELIMIT_POLICY, policy), (RATELIMIT, left)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(field, value);
        }
    }
}

/// The answer to a request over the limit: 429 (RFC 6585 §4) with the time to wait.
pub fn refused(class: Class, quota: Quota, decision: Decision, subject: &Subject<'_>) -> Response<Bytes> {
    let wait_s = decision.more_in_s();
    let Quota { requests, window_s } = quota;
    let (name, kind) = (class.name(), subject.kind());
    let detail =
        format!("{name}: at most {requests} in {window_s} s for one {kind}; try again in {wait_s} s");
    let mut response = respond::problem(&Problem::new(Code::TooManyRequests, detail));
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait_s));
    put_on(response.headers_mut(), class, quota, decision);
    response
}

#[cfg(test)]
mod tests;
