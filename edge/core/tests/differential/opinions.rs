//! What either implementation says of a case.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{AGE, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use http::{HeaderMap, Response, StatusCode, Version};
use http_cache_semantics::{BeforeRequest, CacheOptions, CachePolicy};
use stepwell_edge_core::cache::purge_log::PurgeLog;
use stepwell_edge_core::cache::rfc9111::age::Exchange;
use stepwell_edge_core::cache::rfc9111::answer::from_stored;
use stepwell_edge_core::cache::rfc9111::asked::Asked;
use stepwell_edge_core::cache::rfc9111::options::Options;
use stepwell_edge_core::cache::rfc9111::reuse::{Verdict, decide};
use stepwell_edge_core::cache::rfc9111::sent::{self, Client};
use stepwell_edge_core::cache::rfc9111::stored::{Stored, Variants};
use stepwell_edge_core::cache::rfc9111::storing::Answer;
use stepwell_edge_core::cache::status::CacheStatus;
use stepwell_shared::time::Timestamp;

use crate::case::{ANSWERED_AT, Case};

/// What is said of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opinion {
    /// Whether the answer may be stored.
    pub(crate) stores: bool,
    /// What of the second request, if it is.
    pub(crate) then: Option<Then>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Then {
    /// Whether the stored answer may be given to it without asking.
    pub(crate) reuses: bool,
    /// How old the stored answer is, in seconds.
    pub(crate) age_s: u64,
    /// The conditions of the question that is asked instead, if one is.
    pub(crate) conditions: Option<Conditions>,
}

/// `If-None-Match` and `If-Modified-Since`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Conditions(pub(crate) Option<String>, pub(crate) Option<String>);

impl Conditions {
    fn of(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        // In whichever of the three forms it stands.
        let date = text(IF_MODIFIED_SINCE).map(|date| match httpdate::parse_http_date(&date) {
            Ok(time) => httpdate::fmt_http_date(time),
            Err(_) => date,
        });
        Self(text(IF_NONE_MATCH), date)
    }
}

/// What this crate says.
pub(crate) fn ours(case: &Case) -> Opinion {
    let Ok(stored) = stored(case) else { return Opinion { stores: false, then: None } };
    let (first, second) = (case.first.head(), case.second.head());
    let asked = Asked::of(&second, true).expect("a sane request");
    let is_same = Asked::of(&first, true).is_ok_and(|first| first.key == asked.key);
    let held = is_same.then(|| Variants::default().with(Arc::new(stored.clone())));
    let log = PurgeLog::own(16, 0);
    let verdict = decide(held.as_ref(), &asked, &second.headers, &log, case.now(), &Options::default());
    let conditions = match &verdict {
        Verdict::Ask(ask) => {
            let client = Client { address: None, version: Version::HTTP_11, is_secure: false };
            let sent = sent::headers(&asked, &second.headers, client, ask.how, ask.stored.as_deref());
            Some(Conditions::of(&sent))
        }
        _ => None,
    };
    let reuses = matches!(verdict, Verdict::Serve { .. } | Verdict::ServeStale { .. });
    let as_a_hit = CacheStatus::Hit { left_ms: 0 };
    let served = from_stored(&stored, &asked, &second.headers, as_a_hit, case.now());
    let age_s = served.headers().get(AGE).and_then(|age| age.to_str().ok()?.parse().ok()).expect("an age");
    Opinion { stores: true, then: Some(Then { reuses, age_s, conditions }) }
}

fn stored(case: &Case) -> Result<Stored, stepwell_edge_core::cache::filing::Refusal> {
    let head = case.first.head();
    let asked = Asked::of(&head, true).expect("a sane request");
    let asked_at = Timestamp::from_ms(ANSWERED_AT.as_ms() - case.under_way_s * 1000);
    let answer = Answer {
        asked: &asked,
        request: &head.headers,
        status: StatusCode::from_u16(case.status).expect("a status"),
        headers: &case.headers,
        exchange: Exchange { asked_at, answered_at: ANSWERED_AT },
        position: PurgeLog::own(16, 0).position().expect("a log of its own knows its end"),
    };
    answer.judge(&Options::default())?.complete(Bytes::from_static(b"0123456789"))
}

/// What `http-cache-semantics` says.
pub(crate) fn theirs(case: &Case) -> Opinion {
    let mut response = Response::new(());
    *response.status_mut() = StatusCode::from_u16(case.status).expect("a status");
    response.headers_mut().clone_from(&case.headers);
    let at = |time: Timestamp| SystemTime::UNIX_EPOCH + Duration::from_millis(time.as_ms());
    let policy =
        CachePolicy::new_options(&case.first.head(), &response, at(ANSWERED_AT), CacheOptions::default());
    if !policy.is_storable() {
        return Opinion { stores: false, then: None };
    }
    let (reuses, conditions) = match policy.before_request(&case.second.head(), at(case.now())) {
        BeforeRequest::Fresh(_) => (true, None),
        BeforeRequest::Stale { request, .. } => (false, Some(Conditions::of(&request.headers))),
    };
    let age_s = policy.age(at(case.now())).as_secs();
    Opinion { stores: true, then: Some(Then { reuses, age_s, conditions }) }
}
