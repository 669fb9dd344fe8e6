//! What to do with a request, given what is stored (RFC 9111 §4).

#[cfg(test)]
mod tests;

use std::ops::Deref;

use http::{HeaderMap, Method};
use stepwell_shared::time::Timestamp;

use super::asked::Asked;
use super::directives::Restriction;
use super::extent::{completes, suffices};
use super::options::Options;
use super::stored::{Stored, Variants};
use crate::cache::decide::Reason;
use crate::cache::freshness::Freshness;
use crate::cache::purge_log::{PurgeLog, Standing};

/// What to do with a request. `S` is how the host holds a stored answer.
#[derive(Clone, Debug)]
pub enum Verdict<S> {
    /// Serve this: it is fresh for so much longer.
    Serve {
        /// The answer.
        stored: S,
        /// Milliseconds until it is stale.
        left_ms: u64,
    },
    /// Serve this although it is stale.
    ServeStale {
        /// The answer.
        stored: S,
        /// Milliseconds since it was fresh.
        past_ms: u64,
        /// Whether to revalidate it behind the answer (RFC 5861 §3), or the client is content with it.
        revalidate: bool,
    },
    /// Ask the origin, and wait.
    Ask(Ask<S>),
    /// The client wants nothing but what is stored, and nothing is (§5.2.1.7).
    NotStored,
}

/// A question to the origin.
#[derive(Clone, Debug)]
pub struct Ask<S> {
    /// Why it is asked.
    pub reason: Reason,
    /// What is asked of it.
    pub how: How,
    /// What is stored for the request: to be confirmed, to be completed, or to stand in.
    pub stored: Option<S>,
    /// When the stored answer may stand in.
    pub cover: Cover,
}

impl<S: Deref<Target = Stored>> Ask<S> {
    /// Takes the cover back where the stored answer was purged or has become too stale while the question was under way:
    /// what is purged does not stand in, not even for an origin that fails. For hosts, once the origin has answered or
    /// has not.
    pub fn recheck(&mut self, asked: &Asked, log: &PurgeLog, now: Timestamp, options: &Options) {
        let stands =
            |stored: &&Stored| log.standing(stored.entry.position, &stored.entry.tags) == Standing::Current;
        let covers = self.stored.as_deref().filter(stands).map_or(Cover::default(), |stored| {
            cover(stored, asked, Age::of(stored, asked, now).past_ms.unwrap_or(0), options)
        });
        self.cover.errors &= covers.errors;
        self.cover.silence &= covers.silence;
    }
}

/// What the origin is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// For the whole, without the client's own conditions: its answer may be for others as well.
    Plainly,
    /// The request word for word: nobody else is known to want the answer.
    Verbatim,
    /// Whether the stored answer still stands (§4.3).
    Conditionally,
    /// For the rest of a stored part (§3.4).
    ForTheRest,
}

/// When a stale answer may stand in for the origin's (§4.2.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cover {
    /// When the origin answers with an error (RFC 5861 §4).
    pub errors: bool,
    /// When it cannot be reached.
    pub silence: bool,
}

/// Decides. `log` is the cache's own log of what was invalidated and purged.
pub fn decide<S: Deref<Target = Stored> + Clone>(
    variants: Option<&Variants<S>>,
    asked: &Asked,
    request: &HeaderMap,
    log: &PurgeLog,
    now: Timestamp,
    options: &Options,
) -> Verdict<S> {
    if !asked.may_look_up {
        let reads = asked.method == Method::GET || asked.method == Method::HEAD;
        return ask(if reads { Reason::NotStored } else { Reason::Method });
    }
    let verdict = match variants.map(|variants| variants.select(request)) {
        Some(Some(stored)) => decide_on(stored, asked, request, log, now, options),
        Some(None) => ask(Reason::OtherVariant),
        None => ask(Reason::Missing),
    };
    match verdict {
        Verdict::Ask(_) if asked.directives.only_if_cached => Verdict::NotStored,
        verdict => verdict,
    }
}

/// Decides on the one stored answer that matches.
fn decide_on<S: Deref<Target = Stored> + Clone>(
    held: &S,
    asked: &Asked,
    request: &HeaderMap,
    log: &PurgeLog,
    now: Timestamp,
    options: &Options,
) -> Verdict<S> {
    let stored: &Stored = held;
    let suffices = suffices(stored, asked, request, now);
    let standing = log.standing(stored.entry.position, &stored.entry.tags);
    let age = Age::of(stored, asked, now);
    let must_ask = asked.directives.no_cache || stored.no_cache == Restriction::All;
    if standing != Standing::Current || must_ask {
        let reason = match standing {
            Standing::Current if asked.directives.no_cache => Reason::Request,
            Standing::Current => Reason::Expired,
            _ => Reason::Purged,
        };
        let how = if suffices { confirmation(stored) } else { How::Plainly };
        return Verdict::Ask(Ask { reason, how, stored: Some(held.clone()), cover: Cover::default() });
    }
    if !suffices {
        // Stale bytes are not worth completing: the content may have changed under them.
        let may_complete = age.past_ms.is_none() && completes(stored, asked, request);
        let how = if may_complete { How::ForTheRest } else { How::Plainly };
        return Verdict::Ask(Ask {
            reason: Reason::Partial,
            how,
            stored: Some(held.clone()),
            cover: Cover::default(),
        });
    }
    let Some(past_ms) = age.past_ms else {
        return Verdict::Serve { stored: held.clone(), left_ms: age.left_ms };
    };
    let welcome_ms = asked.directives.max_stale_s.map(|seconds| seconds.saturating_mul(1000));
    if !stored.forbids_stale {
        let window_ms = stored.entry.lifetimes.stale_while_revalidate_ms;
        let behind = !age.is_demanded && past_ms < window_ms;
        if behind || welcome_ms.is_some_and(|welcome_ms| past_ms <= welcome_ms) {
            return Verdict::ServeStale { stored: held.clone(), past_ms, revalidate: behind };
        }
    }
    let reason = if age.is_demanded { Reason::Request } else { Reason::Expired };
    let cover = cover(stored, asked, past_ms, options);
    Verdict::Ask(Ask { reason, how: confirmation(stored), stored: Some(held.clone()), cover })
}

fn ask<S>(reason: Reason) -> Verdict<S> {
    Verdict::Ask(Ask { reason, how: How::Plainly, stored: None, cover: Cover::default() })
}

fn confirmation(stored: &Stored) -> How {
    if stored.has_validator() { How::Conditionally } else { How::Plainly }
}

/// A stored answer's age, held against its lifetime and against what the client wants.
struct Age {
    /// Milliseconds since it was fresh enough; `None` while it is.
    past_ms: Option<u64>,
    left_ms: u64,
    /// Whether it is the client that wants something fresher.
    is_demanded: bool,
}

impl Age {
    fn of(stored: &Stored, asked: &Asked, now: Timestamp) -> Self {
        let age_ms = stored.entry.age_ms(now);
        let in_ms = |seconds: Option<u64>| seconds.map(|seconds| seconds.saturating_mul(1000));
        let (left_ms, past_ms) = match stored.entry.lifetimes.at_age(age_ms) {
            Freshness::Fresh { left_ms } => (left_ms, None),
            Freshness::Stale { past_ms, .. } => (0, Some(past_ms)),
        };
        // §5.2.1.1: an age of just the maximum still passes.
        let too_old_ms = in_ms(asked.directives.max_age_s).and_then(|max_ms| age_ms.checked_sub(max_ms));
        let too_old_ms = too_old_ms.filter(|over_ms| *over_ms > 0);
        let runs_out = in_ms(asked.directives.min_fresh_s).is_some_and(|wanted_ms| left_ms < wanted_ms);
        let demanded_ms = if runs_out { Some(too_old_ms.unwrap_or(0)) } else { too_old_ms };
        let is_demanded = demanded_ms.is_some();
        Self { past_ms: past_ms.max(demanded_ms), left_ms, is_demanded }
    }
}

fn cover(stored: &Stored, asked: &Asked, past_ms: u64, options: &Options) -> Cover {
    if stored.forbids_stale {
        return Cover::default();
    }
    let asked_ms = asked.directives.stale_if_error_s.unwrap_or(0).saturating_mul(1000);
    let errors_ms = stored.entry.lifetimes.stale_if_error_ms.max(asked_ms);
    Cover { errors: past_ms < errors_ms, silence: past_ms < errors_ms.max(options.unreachable_stale_ms) }
}
