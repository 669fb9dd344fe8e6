//! Where the two disagree on what a case means, and why both may.

use http::Method;

use crate::case::Case;
use crate::meant::{ends_within_a_second, meant};
use crate::opinions::{Conditions, Opinion, theirs};

/// A disagreement that is explained: by what the case holds, and by who says what.
pub(crate) struct Explanation {
    pub(crate) name: &'static str,
    pub(crate) applies: fn(&Case, &Opinion, &Opinion) -> bool,
}

/// All of them. `ours` is what this crate says of the case, `theirs` what they say of what it means.
pub(crate) const EXPLANATIONS: [Explanation; 11] = [
    Explanation {
        name: "they store no status that they do not know; RFC 9111 §3 asks for that only of 206 and 304, and with must-understand",
        applies: |case, ours, theirs| {
            let known = [200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 501];
            ours.stores && !theirs.stores && !known.contains(&case.status)
        },
    },
    Explanation {
        name: "they store answers to HEAD, which RFC 9111 §3 lets a cache but does not ask of it",
        applies: |case, ours, theirs| !ours.stores && theirs.stores && case.first.method == Method::HEAD,
    },
    Explanation {
        name: "they store answers to POST; RFC 9110 §9.3.3 asks for a Content-Location of the same target besides",
        applies: |case, ours, theirs| !ours.stores && theirs.stores && case.first.method == Method::POST,
    },
    Explanation {
        name: "they store what can never be served without asking and cannot be asked about; RFC 9111 §3 notes that caches may pass it over",
        applies: |case, ours, theirs| {
            let is_asked_about =
                ["etag", "last-modified"].iter().any(|name| case.headers.contains_key(*name));
            !ours.stores && theirs.stores && !is_asked_about && !is_ever_fresh(case)
        },
    },
    Explanation {
        name: "they give what is no-cache to clients who take what is stale, which RFC 9111 §4.2.4 forbids",
        applies: |case, ours, theirs| {
            let is_wanted_stale = has_line(&case.second.headers, "cache-control", "max-stale");
            ours.stores
                && !reuses(ours)
                && reuses(theirs)
                && is_wanted_stale
                && has_line(&case.headers, "cache-control", "no-cache")
        },
    },
    Explanation {
        name: "they store what varies by an asterisk; by RFC 9111 §4.1 it matches no request",
        applies: |case, ours, theirs| !ours.stores && theirs.stores && has_line(&case.headers, "vary", "*"),
    },
    Explanation {
        name: "they guess in whole seconds, so that the last one is missing; RFC 9111 §4.2.2 leaves the guess to the cache",
        applies: |case, ours, _| {
            let (mut meant, _) = meant(case);
            let is_part = ends_within_a_second(&meant) && !meant.headers.contains_key("expires");
            meant.later_s = meant.later_s.saturating_sub(1);
            is_part && reuses(ours) && reuses(&theirs(&meant))
        },
    },
    Explanation {
        name: "they know no stale-while-revalidate (RFC 5861 §3)",
        applies: |case, ours, theirs| {
            reuses(ours)
                && !reuses(theirs)
                && has_line(&case.headers, "cache-control", "stale-while-revalidate")
        },
    },
    Explanation {
        name: "they hold max-age and min-fresh apart from max-stale, which here forgives both; RFC 9111 §5.2.1 leaves it open",
        applies: |case, ours, theirs| {
            let asked = |name| has_line(&case.second.headers, "cache-control", name);
            reuses(ours) && !reuses(theirs) && asked("max-stale") && (asked("max-age") || asked("min-fresh"))
        },
    },
    Explanation {
        name: "they serve requests with If-Match from the store; by RFC 9111 §4.3.2 its condition is the origin's alone",
        applies: |case, ours, theirs| {
            let asks_as_it_is = ours.then.as_ref().and_then(|then| then.conditions.as_ref());
            let has_no_conditions =
                asks_as_it_is.is_some_and(|Conditions(tag, date)| tag.is_none() && date.is_none());
            theirs.stores && has_no_conditions && case.second.headers.contains_key("if-match")
        },
    },
    Explanation {
        name: "they confirm nothing for a client that wants nothing but what is stored; RFC 9111 §5.2.1.7 answers 504",
        applies: |case, ours, theirs| {
            let is_refused = ours.then.as_ref().is_some_and(|then| !then.reuses && then.conditions.is_none());
            is_refused && !reuses(theirs) && has_line(&case.second.headers, "cache-control", "only-if-cached")
        },
    },
];

/// Whether the first request, asked again at once, would be served by their own account.
fn is_ever_fresh(case: &Case) -> bool {
    let (mut meant, _) = meant(case);
    meant.later_s = 0;
    meant.second = meant.first.clone();
    reuses(&theirs(&meant))
}

fn reuses(opinion: &Opinion) -> bool {
    opinion.then.as_ref().is_some_and(|then| then.reuses)
}

fn has_line(headers: &http::HeaderMap, name: &'static str, part: &str) -> bool {
    headers.get_all(name).iter().any(|line| line.to_str().is_ok_and(|line| line.contains(part)))
}
