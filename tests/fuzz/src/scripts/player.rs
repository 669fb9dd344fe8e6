//! The host of the decisions: a store, a log of purges, a clock, and an origin that answers by the script.

mod exchange;
mod origin;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use http::header::{IF_RANGE, RANGE};
use http::{HeaderMap, Response};
use stepwell_edge_core::cache::decide::Reason;
use stepwell_edge_core::cache::purge_log::PurgeLog;
use stepwell_edge_core::cache::rfc9111::answer::from_stored;
use stepwell_edge_core::cache::rfc9111::asked::Asked;
use stepwell_edge_core::cache::rfc9111::reuse::{Ask, Cover, How, Verdict, decide};
use stepwell_edge_core::cache::rfc9111::stored::{Stored, Variants};
use stepwell_edge_core::cache::status::CacheStatus;
use stepwell_shared::tags::{Tag, TagHash};
use stepwell_shared::time::Timestamp;

use super::script::{Event, Reply, Script, Step};
use super::tally::Tally;
use super::witness::{Named, Served, Witness, must};

/// When a script begins: Sun, 18 Oct 2026 00:00:00 GMT and a part of a second, since clocks are seldom on the second.
const BEGIN: Timestamp = Timestamp::from_ms(1_792_281_600_123);
/// When the last script ends: in the year 9900, since no date can be sent behind 9999.
const END: Timestamp = Timestamp::from_ms(250_000_000_000_000);
/// Slots of the log: so few that some tags meet, which costs a question.
const SLOTS: usize = 1 << 10;
/// Answers that are kept of one key at the most.
const VARIANTS_MAX: usize = 64;

/// A cache and all around it.
pub(super) struct Player {
    script: Script,
    now: Timestamp,
    log: PurgeLog,
    store: HashMap<Box<str>, Arc<Variants<Arc<Stored>>>>,
    /// Keys whose answers were of no use to others.
    lone: HashSet<Box<str>>,
    witness: Witness,
    tally: Tally,
}

impl Player {
    pub(super) fn of(script: Script) -> Self {
        Self {
            now: BEGIN,
            log: PurgeLog::own(SLOTS, 0),
            store: HashMap::new(),
            lone: HashSet::new(),
            witness: Witness::of(script.options),
            tally: Tally::default(),
            script,
        }
    }

    pub(super) fn play(mut self) -> Tally {
        for step in std::mem::take(&mut self.script.steps) {
            self.happen(&step.before);
            self.ask(step);
        }
        self.tally
    }

    fn happen(&mut self, events: &[Event]) {
        for event in events {
            match event {
                Event::Pass(ms) if *ms < 0 => {
                    self.now = Timestamp::from_ms(self.now.as_ms().saturating_sub(ms.unsigned_abs()));
                    self.witness.was_set_back = true;
                }
                Event::Pass(ms) => self.now = self.now.plus_ms(ms.unsigned_abs()).min(END),
                Event::Purge(tag) => {
                    if let Ok(tag) = Tag::parse(tag) {
                        self.purge(&[tag.hash()], vec![Named::Tag(tag.as_str().to_owned())]);
                    }
                }
            }
        }
    }

    fn purge(&mut self, tags: &[TagHash], named: Vec<Named>) {
        self.log.purge(tags);
        self.witness.purge(named);
        self.tally.count("purge");
    }

    fn ask(&mut self, step: Step) {
        let Ok(asked) = Asked::of(&step.head, self.script.options.heeds_clients) else {
            return self.tally.count("refused");
        };
        self.witness.attend(&step.head);
        let request = origin::dated(&step.head.headers, self.now);
        let mut answers = VecDeque::from(step.answers);
        let variants = self.store.get(&asked.key).cloned();
        match decide(variants.as_deref(), &asked, &request, &self.log, self.now, &self.script.options) {
            Verdict::Serve { stored, left_ms } => {
                self.tally.count("hit");
                self.serve(&stored, &asked, &request, CacheStatus::Hit { left_ms });
            }
            Verdict::ServeStale { stored, past_ms, revalidate: false } => {
                self.tally.count("tolerated");
                self.serve(&stored, &asked, &request, CacheStatus::Tolerated { past_ms });
            }
            Verdict::ServeStale { stored, past_ms, revalidate: true } => {
                self.tally.count("stale-while-revalidate");
                self.serve(&stored, &asked, &request, CacheStatus::StaleHit { past_ms });
                self.revalidate_behind(stored, &asked, request, &mut answers);
            }
            Verdict::NotStored => {
                must(
                    asked.directives.only_if_cached,
                    "RFC 9111 §5.2.1.7: only who wants it is refused",
                    String::new,
                );
                self.tally.count("not stored");
            }
            Verdict::Ask(mut ask) => {
                must(
                    !asked.directives.only_if_cached || !asked.may_look_up,
                    "RFC 9111 §5.2.1.7: nothing is asked",
                    String::new,
                );
                self.tally.count(reason(ask.reason));
                // As hosts do it, what is for one client alone is asked for in its own words.
                let is_lone = asked.is_authorised || self.lone.contains(&asked.key);
                if ask.stored.is_none() && is_lone {
                    ask.how = How::Verbatim;
                }
                self.exchange(ask, &asked, &request, &mut answers);
            }
        }
    }

    /// The cache asks for itself: for the whole.
    fn revalidate_behind(
        &mut self,
        stored: Arc<Stored>,
        asked: &Asked,
        mut request: HeaderMap,
        answers: &mut VecDeque<Reply>,
    ) {
        request.remove(RANGE);
        request.remove(IF_RANGE);
        let how = if stored.has_validator() { How::Conditionally } else { How::Plainly };
        let ask = Ask { reason: Reason::Expired, how, stored: Some(stored), cover: Cover::default() };
        self.exchange(ask, asked, &request, answers);
    }

    /// Serves a stored answer, before the witness.
    fn serve(&mut self, stored: &Stored, asked: &Asked, request: &HeaderMap, how: CacheStatus) {
        let response: Response<Bytes> = from_stored(stored, asked, request, how, self.now);
        self.tally.count(match response.status().as_u16() {
            206 => "served a range",
            304 => "served a 304",
            416 => "served a 416",
            _ => "served a whole",
        });
        let now = self.now;
        self.witness.check_served(Served { asked, request, stored, response: &response, how, now });
    }

    /// Stores an answer, before the witness.
    fn put(&mut self, stored: Arc<Stored>, asked: &Asked, request: &HeaderMap) {
        self.witness.check_stored(&stored, asked, request);
        let slot = self.store.entry(asked.key.clone()).or_default();
        let variants = slot.with(stored);
        let all: Vec<&Arc<Stored>> = variants.iter().collect();
        let is_twice = all
            .iter()
            .enumerate()
            .any(|(place, one)| all[..place].iter().any(|other| other.selecting == one.selecting));
        must(!is_twice && all.len() <= VARIANTS_MAX, "one answer a variant is kept", || {
            format!("{}", all.len())
        });
        must(
            variants.select(request).is_some(),
            "RFC 9111 §4.1: what was stored for a request is found for it",
            String::new,
        );
        *slot = Arc::new(variants);
    }
}

const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Missing => "asked: nothing stored",
        Reason::Expired => "asked: expired",
        Reason::Purged => "asked: purged",
        Reason::NotStored | Reason::Method => "asked: not looked up",
        Reason::OtherVariant => "asked: other variant",
        Reason::Request => "asked: the client wants it",
        Reason::Partial => "asked: stored in part",
        Reason::Unknown | Reason::Silent | Reason::Bookmark => "asked: for no reason of this class",
    }
}
