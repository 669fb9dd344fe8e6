//! What to do with a request, given what is stored (RFC 9111 §4).

use std::ops::Deref;

use http::{HeaderMap, Method};
use stepwell_shared::time::Timestamp;

use super::asked::Asked;
use super::directives::Restriction;
use super::options::Options;
use super::partial::{ByteRange, Sliced, Wanted, may_serve_range};
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

/// Whether the stored bytes are all that the request wants. A part answers for ranges within it alone (§3.3), not for
/// those behind the end that it tells of.
pub(super) fn suffices(stored: &Stored, asked: &Asked, request: &HeaderMap, now: Timestamp) -> bool {
    let Some(part) = &stored.part else { return true };
    let Some(range) = wanted_range(stored, asked, request, now) else { return false };
    matches!(part.slice(&stored.entry.body, range), Sliced::Satisfied { .. })
}

/// The range to serve of a stored answer; `None` where all of it is wanted, or `If-Range` speaks of other content.
pub(super) fn wanted_range(
    stored: &Stored,
    asked: &Asked,
    request: &HeaderMap,
    now: Timestamp,
) -> Option<ByteRange> {
    // RFC 9110 §14.2: only GET knows ranges.
    if asked.method != Method::GET || !may_serve_range(request, &stored.entry.headers, now) {
        return None;
    }
    match Wanted::of(request) {
        Wanted::One(range) => Some(range),
        Wanted::Whole | Wanted::Several => None,
    }
}

/// Whether the rest of a stored part would make up the whole that is wanted.
fn completes(stored: &Stored, asked: &Asked, request: &HeaderMap) -> bool {
    let bytes = stored.entry.body.len() as u64;
    asked.method == Method::GET
        && Wanted::of(request) == Wanted::Whole
        && stored.part.is_some_and(|part| part.missing(bytes).is_some())
}

fn cover(stored: &Stored, asked: &Asked, past_ms: u64, options: &Options) -> Cover {
    if stored.forbids_stale {
        return Cover::default();
    }
    let asked_ms = asked.directives.stale_if_error_s.unwrap_or(0).saturating_mul(1000);
    let errors_ms = stored.entry.lifetimes.stale_if_error_ms.max(asked_ms);
    Cover { errors: past_ms < errors_ms, silence: past_ms < errors_ms.max(options.unreachable_stale_ms) }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{after_s, asked, head, log, stored, stored_for, variants};
    use super::*;

    /// What becomes of a request, so many seconds after this was stored, in a word.
    fn word(policy: &[&str], request: &str, lines: &[&str], seconds: u64) -> String {
        let held = variants([stored(policy, "content")]);
        tell(Some(&held), request, lines, &log(), seconds)
    }

    fn tell(
        held: Option<&Variants<std::sync::Arc<Stored>>>,
        request: &str,
        lines: &[&str],
        log: &PurgeLog,
        seconds: u64,
    ) -> String {
        let head = head(request, lines);
        let options = Options { unreachable_stale_ms: 60_000, ..Options::default() };
        match decide(held, &asked(&head), &head.headers, log, after_s(seconds), &options) {
            Verdict::Serve { left_ms, .. } => format!("serve {}", left_ms / 1000),
            Verdict::ServeStale { past_ms, revalidate, .. } => {
                format!("stale {}{}", past_ms / 1000, if revalidate { " and revalidate" } else { "" })
            }
            Verdict::NotStored => "504".to_owned(),
            Verdict::Ask(ask) => {
                let cover = match ask.cover {
                    Cover { errors: true, .. } => ", covers errors",
                    Cover { silence: true, .. } => ", covers silence",
                    Cover { .. } => "",
                };
                format!("{:?} {:?}{cover}", ask.reason, ask.how)
            }
        }
    }

    #[test]
    fn age_decides() {
        let fresh = &["cache-control: max-age=10"][..];
        assert_eq!(word(fresh, "GET /", &[], 9), "serve 1");
        assert_eq!(word(fresh, "HEAD /", &[], 0), "serve 10");
        assert_eq!(word(fresh, "GET /", &[], 10), "Expired Plainly, covers silence");
        assert_eq!(word(fresh, "GET /", &[], 70), "Expired Plainly");
        let aged = &["cache-control: max-age=10", "age: 8", "etag: \"a\""][..];
        assert_eq!(word(aged, "GET /", &[], 1), "serve 1");
        assert_eq!(word(aged, "GET /", &[], 2), "Expired Conditionally, covers silence");
    }

    #[test]
    fn what_the_origin_says_of_staleness_holds() {
        let window = "cache-control: max-age=1, stale-while-revalidate=5, stale-if-error=9";
        assert_eq!(word(&[window], "GET /", &[], 5), "stale 4 and revalidate");
        assert_eq!(word(&[window], "GET /", &[], 6), "Expired Plainly, covers errors");
        assert_eq!(word(&[window], "GET /", &[], 10), "Expired Plainly, covers silence");
        for strict in ["must-revalidate", "proxy-revalidate", "s-maxage=1"] {
            let policy = format!("{window}, {strict}");
            assert_eq!(word(&[&policy], "GET /", &[], 5), "Expired Plainly", "{strict}");
            assert_eq!(word(&[&policy], "GET /", &["cache-control: max-stale"], 5), "Expired Plainly");
        }
        let asks = &["cache-control: max-age=9, no-cache", "etag: \"a\""][..];
        assert_eq!(word(asks, "GET /", &[], 0), "Expired Conditionally");
    }

    #[test]
    fn what_the_client_says_holds() {
        let fresh = &["cache-control: max-age=10", "etag: \"a\""][..];
        let ask = "Request Conditionally";
        for (line, seconds, expected) in [
            ("cache-control: no-cache", 0, ask),
            ("pragma: no-cache", 0, ask),
            ("cache-control: max-age=3", 3, "serve 7"),
            ("cache-control: max-age=3", 4, "Request Conditionally, covers silence"),
            ("cache-control: min-fresh=7", 3, "serve 7"),
            ("cache-control: min-fresh=8", 3, "Request Conditionally, covers silence"),
            ("cache-control: max-stale=2", 12, "stale 2"),
            ("cache-control: max-stale=2", 13, "Expired Conditionally, covers silence"),
            ("cache-control: max-stale", 60, "stale 50"),
            ("cache-control: max-age=3, max-stale=2", 5, "stale 2"),
            ("cache-control: stale-if-error=9", 12, "Expired Conditionally, covers errors"),
            ("cache-control: only-if-cached", 9, "serve 1"),
            ("cache-control: only-if-cached", 10, "504"),
        ] {
            assert_eq!(word(fresh, "GET /", &[line], seconds), expected, "{line} {seconds}");
        }
        assert_eq!(tell(None, "GET /", &["cache-control: only-if-cached"], &log(), 0), "504");
    }

    #[test]
    fn what_may_not_be_looked_up_is_asked() {
        let fresh = &["cache-control: max-age=10"][..];
        assert_eq!(word(fresh, "POST /", &[], 0), "Method Plainly");
        assert_eq!(word(fresh, "GET /", &["content-length: 3"], 0), "NotStored Plainly");
    }

    #[test]
    fn other_variants_and_purged_answers_are_passed_over() {
        let policy = &["cache-control: max-age=10", "vary: accept-language", "etag: \"a\""][..];
        let german = stored_for(&head("GET /", &["accept-language: de"]), 200, policy, "de").unwrap();
        let held = variants([german]);
        let mut log = log();
        assert_eq!(tell(Some(&held), "GET /", &["accept-language: de"], &log, 0), "serve 10");
        assert_eq!(tell(Some(&held), "GET /", &["accept-language: fr"], &log, 0), "OtherVariant Plainly");
        log.purge(&[super::super::uri::tag("h/")]);
        assert_eq!(tell(Some(&held), "GET /", &["accept-language: de"], &log, 0), "Purged Conditionally");
    }

    #[test]
    fn what_is_purged_or_outdated_while_the_origin_is_asked_covers_nothing() {
        let held = variants([stored(&["cache-control: max-age=10, stale-if-error=5"], "content")]);
        let head = head("GET /", &[]);
        let (asked, mut log) = (asked(&head), log());
        let options = Options { unreachable_stale_ms: 9000, ..Options::default() };
        let verdict = decide(Some(&held), &asked, &head.headers, &log, after_s(10), &options);
        let Verdict::Ask(mut ask) = verdict else { panic!("{verdict:?}") };
        log.purge(&[super::super::uri::tag("h/other")]);
        for (seconds, errors, silence) in [(14, true, true), (15, false, true), (19, false, false)] {
            ask.recheck(&asked, &log, after_s(seconds), &options);
            assert_eq!(ask.cover, Cover { errors, silence }, "{seconds}");
        }
        ask.cover = Cover { errors: true, silence: true };
        log.purge(&[super::super::uri::tag("h/")]);
        ask.recheck(&asked, &log, after_s(10), &options);
        assert_eq!(ask.cover, Cover::default());
    }

    #[test]
    fn a_part_serves_what_it_holds_and_is_completed_while_it_is_fresh() {
        let lines = &["cache-control: max-age=10", "content-range: bytes 0-4/10", "etag: \"a\""][..];
        let held =
            variants([stored_for(&head("GET /", &["range: bytes=0-4"]), 206, lines, "01234").unwrap()]);
        let tell = |lines: &[&str], seconds| tell(Some(&held), "GET /", lines, &log(), seconds);
        assert_eq!(tell(&["range: bytes=1-2"], 0), "serve 10");
        assert_eq!(tell(&["range: bytes=1-2", "if-range: \"b\""], 0), "Partial Plainly");
        assert_eq!(tell(&["range: bytes=4-5"], 0), "Partial Plainly");
        assert_eq!(tell(&["range: bytes=10-"], 0), "Partial Plainly");
        assert_eq!(tell(&[], 0), "Partial ForTheRest");
        assert_eq!(tell(&[], 10), "Partial Plainly");
        assert_eq!(tell(&["range: bytes=1-2"], 10), "Expired Conditionally, covers silence");
    }
}
