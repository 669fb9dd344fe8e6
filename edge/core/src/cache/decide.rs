//! Whether a stored entry may be served to a request, and what to do where it may not.

use stepwell_shared::bookmark::Position;
use stepwell_shared::time::Timestamp;

use super::entry::Entry;
use super::freshness::Freshness;
use super::purge_log::{PurgeLog, Standing};

/// What to do with a request whose key was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Serve the entry: it is fresh for so much longer.
    Serve {
        /// Milliseconds until it is stale.
        left_ms: u64,
    },
    /// Serve the entry, and revalidate it behind the answer (RFC 5861 §3).
    ServeAndRevalidate {
        /// Milliseconds since it was fresh.
        past_ms: u64,
    },
    /// Ask the origin, and wait.
    Fetch {
        /// Why.
        reason: Reason,
        /// Whether the entry may be served should the origin fail (RFC 5861 §4).
        may_cover_errors: bool,
    },
}

/// Why a request goes to the origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nothing is stored under the key.
    Missing,
    /// What is stored has outlived its lifetime.
    Expired,
    /// A later purge names what is stored.
    Purged,
    /// The edge's copy of the log does not reach back to where the entry was filled.
    Unknown,
    /// The log has been silent for longer than its bound, so that a purge may be missing.
    Silent,
    /// The request's bookmark asks for something newer than what is stored.
    Bookmark,
    /// The route's answers are not stored.
    NotStored,
    /// The method is not one that is answered from a store.
    Method,
    /// What is stored answers requests that say something else in the fields that it varies by.
    OtherVariant,
    /// The request wants something fresher than what is stored.
    Request,
    /// Not all bytes that the request wants are stored.
    Partial,
}

/// Decides. What was purged, or may have been, is never served, not even when the origin fails; the silence of the log
/// alone may be covered on errors, within the bound that the origin gave.
pub fn decide(entry: Option<&Entry>, bookmark: Option<Position>, log: &PurgeLog, now: Timestamp) -> Verdict {
    let fetch = |reason| Verdict::Fetch { reason, may_cover_errors: false };
    let Some(entry) = entry else { return fetch(Reason::Missing) };
    match log.standing(entry.position, &entry.tags) {
        Standing::Purged => return fetch(Reason::Purged),
        Standing::Unknown => return fetch(Reason::Unknown),
        Standing::Current => {}
    }
    if bookmark.is_some_and(|bookmark| !reaches(entry, log, bookmark)) {
        return fetch(Reason::Bookmark);
    }
    let freshness = entry.lifetimes.at_age(entry.age_ms(now));
    if !entry.immutable && log.is_silent(now) {
        let may_cover_errors = match freshness {
            Freshness::Fresh { .. } => entry.lifetimes.stale_if_error_ms > 0,
            Freshness::Stale { may_cover_errors, .. } => may_cover_errors,
        };
        return Verdict::Fetch { reason: Reason::Silent, may_cover_errors };
    }
    match freshness {
        Freshness::Fresh { left_ms } => Verdict::Serve { left_ms },
        Freshness::Stale { past_ms, may_revalidate_behind: true, .. } => {
            Verdict::ServeAndRevalidate { past_ms }
        }
        Freshness::Stale { may_cover_errors, .. } => {
            Verdict::Fetch { reason: Reason::Expired, may_cover_errors }
        }
    }
}

/// Whether a current entry is as new as a bookmark: it was filled at or after it, or the log is known up to the
/// bookmark, and no purge up to there names the entry.
fn reaches(entry: &Entry, log: &PurgeLog, bookmark: Position) -> bool {
    entry.position.includes(bookmark) || log.position().is_some_and(|position| position.includes(bookmark))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::freshness::Lifetimes;
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};
    use stepwell_shared::api::purges::{Purge, PurgePage};
    use stepwell_shared::bookmark::Epoch;
    use stepwell_shared::tags::TagHash;

    fn at(sequence: u64) -> Position {
        Position { epoch: Epoch(1), sequence }
    }

    fn now(ms: u64) -> Timestamp {
        Timestamp::from_ms(ms)
    }

    fn entry(sequence: u64) -> Entry {
        Entry {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            tags: Box::new([TagHash(1)]),
            position: at(sequence),
            stored_at: now(0),
            initial_age_ms: 0,
            readers: None,
            lifetimes: Lifetimes { fresh_for_ms: 100, stale_while_revalidate_ms: 50, stale_if_error_ms: 500 },
            immutable: false,
        }
    }

    fn log(purged: &[(u64, u64)], head: u64) -> PurgeLog {
        let mut log = PurgeLog::new(1 << 16, 0, 1000);
        let purges = purged
            .iter()
            .map(|&(sequence, tag)| Purge { sequence, tags: vec![TagHash(tag)], revoked: Vec::new() })
            .collect();
        log.apply(
            &PurgePage {
                epoch: Epoch(1),
                after: 0,
                through: head,
                head,
                floor: 0,
                purges,
                revision: String::new(),
            },
            now(0),
        );
        log
    }

    fn reason(verdict: Verdict) -> (Reason, bool) {
        match verdict {
            Verdict::Fetch { reason, may_cover_errors } => (reason, may_cover_errors),
            served => panic!("{served:?}"),
        }
    }

    #[test]
    fn a_fresh_entry_that_no_purge_names_is_served() {
        assert_eq!(
            decide(Some(&entry(5)), None, &log(&[(7, 2)], 9), now(40)),
            Verdict::Serve { left_ms: 60 }
        );
        assert_eq!(reason(decide(None, None, &log(&[], 9), now(0))), (Reason::Missing, false));
    }

    #[test]
    fn age_takes_an_entry_from_fresh_over_stale_to_error_cover() {
        let (entry, log) = (entry(5), log(&[], 9));
        assert_eq!(decide(Some(&entry), None, &log, now(100)), Verdict::ServeAndRevalidate { past_ms: 0 });
        assert_eq!(reason(decide(Some(&entry), None, &log, now(150))), (Reason::Expired, true));
        assert_eq!(reason(decide(Some(&entry), None, &log, now(600))), (Reason::Expired, false));
    }

    #[test]
    fn what_is_purged_is_not_even_served_when_the_origin_fails() {
        assert_eq!(
            reason(decide(Some(&entry(5)), None, &log(&[(6, 1)], 9), now(0))),
            (Reason::Purged, false)
        );
    }

    #[test]
    fn a_silent_log_makes_entries_stale_but_immutable_ones() {
        let log = log(&[], 9);
        let long = Lifetimes { fresh_for_ms: 10_000, ..entry(5).lifetimes };
        let mut entry = Entry { lifetimes: long, ..entry(5) };
        assert_eq!(reason(decide(Some(&entry), None, &log, now(1001))), (Reason::Silent, true));
        entry.immutable = true;
        assert!(matches!(decide(Some(&entry), None, &log, now(1001)), Verdict::Serve { .. }));
    }

    #[test]
    fn a_bookmark_is_met_by_a_later_fill_or_by_a_log_that_reaches_it() {
        let entry = entry(5);
        assert!(matches!(decide(Some(&entry), Some(at(9)), &log(&[], 9), now(0)), Verdict::Serve { .. }));
        assert!(matches!(decide(Some(&entry), Some(at(5)), &log(&[], 4), now(0)), Verdict::Serve { .. }));
        assert_eq!(
            reason(decide(Some(&entry), Some(at(10)), &log(&[], 9), now(0))),
            (Reason::Bookmark, false)
        );
        let other_timeline = Position { epoch: Epoch(2), sequence: 1 };
        assert_eq!(
            reason(decide(Some(&entry), Some(other_timeline), &log(&[], 9), now(0))).0,
            Reason::Bookmark
        );
    }
}
