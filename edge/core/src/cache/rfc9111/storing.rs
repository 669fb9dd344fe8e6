//! Whether an answer may be stored, and as what (RFC 9111 §3).

mod filing;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_RANGE, DATE, SET_COOKIE};
use http::{HeaderMap, Method, StatusCode};
use stepwell_shared::bookmark::Position;
use stepwell_shared::headers::CACHE_TAG;
use stepwell_shared::limits::{ENTRY_BYTES_MAX, TAGS_MAX};
use stepwell_shared::tags::{Tag, TagHash};

use super::age::Exchange;
use super::asked::Asked;
use super::date;
use super::directives::Restriction;
use super::header::{kept, merged};
use super::lifetime::{Wishes, is_heuristically_cacheable};
use super::options::Options;
use super::stored::Stored;
use super::variance::Vary;
use super::{groups, uri};
use crate::cache::entry::Entry;
use crate::cache::filing::Refusal;

pub use filing::Filing;

/// The head of an answer, and what it answers.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The request.
    pub asked: &'a Asked,
    /// Its header as it was received.
    pub request: &'a HeaderMap,
    /// The status that came.
    pub status: StatusCode,
    /// The header that came.
    pub headers: &'a HeaderMap,
    /// When it was asked for and came.
    pub exchange: Exchange,
    /// Where the cache's own log of purges stood before it was asked for.
    pub position: Position,
}

impl Answer<'_> {
    /// Decides whether the answer may be stored. Everything that RFC 9111 §3 asks for must hold; besides, storing it
    /// must be of use.
    pub fn judge(&self, options: &Options) -> Result<Filing, Refusal> {
        self.judge_by_request()?;
        self.weigh(options).map(Filing::of)
    }

    /// The same where something is stored already: two ranges of the same content are put together.
    pub fn judge_onto(&self, old: &Stored, options: &Options) -> Result<Filing, Refusal> {
        let filing = self.judge(options)?;
        if !filing.continues(old) {
            return Ok(filing);
        }
        // RFC 9111 §3.4: they are one answer, under one header; so it is that header by which it is judged.
        let headers = merged(&old.entry.headers, self.headers);
        let both = Answer { headers: &headers, ..*self }.weigh(options);
        Ok(both.map_or(filing.clone(), |both| filing.onto(old.clone(), both)))
    }

    /// The stored answer, still without its content, as far as the origin and the operator allow it.
    pub(super) fn weigh(&self, options: &Options) -> Result<Stored, Refusal> {
        if self.asked.directives.no_store {
            return Err(Refusal::Request);
        }
        let wishes = Wishes::of(self.status, self.headers, self.exchange.answered_at);
        self.judge_by_wishes(&wishes)?;
        if !options.stores_cookies && self.headers.contains_key(SET_COOKIE) {
            return Err(Refusal::SetCookie);
        }
        if content_length(self.headers).is_some_and(|length| length > ENTRY_BYTES_MAX) {
            return Err(Refusal::Size);
        }
        let selecting = Vary::of(self.headers).selecting(self.request).ok_or(Refusal::Vary)?;
        let entry = Entry {
            status: self.status,
            headers: kept(self.headers, &wishes.directives.private, self.exchange),
            body: Bytes::new(),
            tags: tags(self.asked, self.headers),
            position: self.position,
            stored_at: self.exchange.answered_at,
            initial_age_ms: self.exchange.initial_age_ms(self.headers),
            lifetimes: wishes.lifetimes,
            readers: None,
            immutable: false,
        };
        let forbids_stale = wishes.directives.forbids_stale();
        let made_at = date::of(&entry.headers, &DATE, self.exchange.answered_at);
        let stored = Stored {
            entry,
            selecting,
            part: None,
            no_cache: wishes.directives.no_cache,
            forbids_stale,
            made_at: made_at.unwrap_or(self.exchange.answered_at),
        };
        // RFC 9111 §3 lets a cache keep whatever it likes; what can never be served only takes room.
        let could_serve = wishes.lifetimes.fresh_for_ms > 0 || wishes.lifetimes.stale_while_revalidate_ms > 0;
        let must_ask = stored.no_cache == Restriction::All || !could_serve;
        if must_ask && !stored.has_validator() { Err(Refusal::Useless) } else { Ok(stored) }
    }

    /// What method and status say.
    fn judge_by_request(&self) -> Result<(), Refusal> {
        if self.asked.method == Method::POST {
            if !self.is_of_its_own_target() {
                return Err(Refusal::Method);
            }
        } else if self.asked.method != Method::GET || !self.asked.may_look_up {
            return Err(Refusal::Method);
        }
        match self.status {
            status if status.is_informational() => Err(Refusal::Status),
            // They speak of the request's own conditions and ranges, not of the resource.
            StatusCode::NOT_MODIFIED
            | StatusCode::PRECONDITION_FAILED
            | StatusCode::RANGE_NOT_SATISFIABLE => Err(Refusal::Status),
            // RFC 9111 §3.3: of several ranges in one body, none can be told from the header.
            StatusCode::PARTIAL_CONTENT if !self.headers.contains_key(CONTENT_RANGE) => Err(Refusal::Partial),
            _ => Ok(()),
        }
    }

    /// RFC 9110 §9.3.3: the answer to a POST stands for its target where it says so by `Content-Location`.
    fn is_of_its_own_target(&self) -> bool {
        let location = self.headers.get(CONTENT_LOCATION);
        let location = location.and_then(|reference| uri::key(self.asked, reference.as_bytes()));
        self.status == StatusCode::OK && location.is_some_and(|key| key == self.asked.key)
    }

    /// What the origin says.
    fn judge_by_wishes(&self, wishes: &Wishes) -> Result<(), Refusal> {
        let directives = &wishes.directives;
        // RFC 9111 §5.2.2.3: who understands the status may pass `no-store` over.
        let understood = directives.must_understand && is_understood(self.status);
        if directives.must_understand && !understood {
            return Err(Refusal::Status);
        }
        if directives.no_store && !understood {
            return Err(Refusal::NoStore);
        }
        if directives.private == Restriction::All {
            return Err(Refusal::Private);
        }
        let shared_explicitly =
            directives.public || directives.must_revalidate || directives.s_maxage_s.is_some();
        if self.asked.is_authorised && !shared_explicitly {
            return Err(Refusal::Authorization);
        }
        if self.asked.method == Method::POST && !wishes.is_explicit {
            return Err(Refusal::Policy);
        }
        let may_store = wishes.is_explicit || directives.public || is_heuristically_cacheable(self.status);
        if may_store { Ok(()) } else { Err(Refusal::Policy) }
    }
}

/// Statuses whose requirements for caches this cache meets (RFC 9111 §5.2.2.3): those of RFC 9110, and a few younger.
const fn is_understood(status: StatusCode) -> bool {
    matches!(status.as_u16(), 200..=206 | 300..=303 | 307 | 308 | 400..=417 | 421 | 422 | 425 | 426 | 428 | 429 | 431 | 451 | 500..=505)
}

fn content_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// What a purge may name it by: everything, its path, its key, its groups, and the origin's own tags.
pub fn tags(asked: &Asked, headers: &HeaderMap) -> Box<[TagHash]> {
    let implied = [Tag::all().hash(), TagHash::of_path(asked.path()), uri::tag(&asked.key)];
    let lines = headers.get_all(CACHE_TAG).iter().filter_map(|line| line.to_str().ok());
    // An origin of any kind may mean something else by the field: what is no tag is passed over.
    let named = lines.flat_map(|line| line.split(',')).filter_map(|tag| Tag::parse(tag.trim()).ok());
    let named = named.map(|tag| tag.hash()).take(TAGS_MAX);
    implied.into_iter().chain(named).chain(groups::of(headers, asked.host())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{after_s, answer, asked, fields, head, stored, stored_for};
    use super::*;
    use http::HeaderName;

    fn refusal(request: &str, lines: &[&str], status: u16, answer: &[&str]) -> Option<Refusal> {
        stored_for(&head(request, lines), status, answer, "").err()
    }

    #[test]
    fn statuses_need_leave() {
        let (fresh, modified) = ("cache-control: max-age=9", "last-modified: Thu, 01 Jan 2026 00:00:00 GMT");
        for status in [200, 204, 299, 302, 404, 499, 500, 599] {
            assert_eq!(refusal("GET /", &[], status, &[fresh]), None, "{status}");
        }
        for status in [304, 412, 416] {
            assert_eq!(refusal("GET /", &[], status, &[fresh]), Some(Refusal::Status), "{status}");
        }
        assert_eq!(refusal("GET /", &[], 404, &[modified]), None);
        assert_eq!(refusal("GET /", &[], 403, &[modified]), Some(Refusal::Policy));
        assert_eq!(refusal("GET /", &[], 403, &[modified, "cache-control: public"]), None);
        let understood = "cache-control: max-age=9, no-store, must-understand";
        assert_eq!(refusal("GET /", &[], 200, &[understood]), None);
        assert_eq!(refusal("GET /", &[], 599, &[understood]), Some(Refusal::Status));
    }

    #[test]
    fn whoever_speaks_against_it_is_heard() {
        let fresh = "cache-control: max-age=9";
        for (request, lines, answer, expected) in [
            ("GET /", "cache-control: no-store", fresh, Refusal::Request),
            ("GET /", "a: b", "cache-control: max-age=9, no-store", Refusal::NoStore),
            ("GET /", "a: b", "cache-control: max-age=9, private", Refusal::Private),
            ("GET /", "authorization: x", fresh, Refusal::Authorization),
            ("GET /", "a: b", "cache-control: max-age=0", Refusal::Useless),
            ("GET /", "a: b", "etag: \"a\"", Refusal::Policy),
            ("GET /", "content-length: 1", fresh, Refusal::Method),
            ("HEAD /", "a: b", fresh, Refusal::Method),
            ("POST /", "a: b", fresh, Refusal::Method),
        ] {
            let told = refusal(request, &[lines], 201, &[answer]);
            assert_eq!(told, Some(expected), "{request} {lines} {answer}");
        }
        assert_eq!(refusal("GET /", &[], 200, &[fresh, "vary: *"]), Some(Refusal::Vary));
        assert_eq!(refusal("GET /", &[], 200, &[fresh, "content-length: 99999999"]), Some(Refusal::Size));
        // What must be asked for each time is kept where it can be asked about.
        assert_eq!(refusal("GET /", &[], 200, &["cache-control: no-cache", "etag: \"a\""]), None);
        for shared in ["public", "must-revalidate", "s-maxage=5"] {
            let shared = format!("cache-control: max-age=9, {shared}");
            assert_eq!(refusal("GET /", &["authorization: x"], 200, &[&shared]), None, "{shared}");
        }
    }

    #[test]
    fn a_posts_answer_is_kept_where_it_stands_for_its_target() {
        let of_itself = ["cache-control: max-age=9", "content-location: /a"];
        assert_eq!(refusal("POST /a", &["content-length: 3"], 200, &of_itself), None);
        assert_eq!(refusal("POST /b", &[], 200, &of_itself), Some(Refusal::Method));
        assert_eq!(refusal("POST /a", &[], 201, &of_itself), Some(Refusal::Method));
        assert_eq!(refusal("POST /a", &[], 200, &["content-location: /a"]), Some(Refusal::Policy));
    }

    #[test]
    fn cookies_are_kept_unless_the_operator_says_otherwise() {
        let head = head("GET /", &[]);
        let (asked, headers) = (asked(&head), fields(&["cache-control: max-age=9", "set-cookie: a=b"]));
        let answer = answer(&asked, &head.headers, 200, &headers);
        assert!(answer.judge(&Options::default()).is_ok());
        let careful = Options { stores_cookies: false, ..Options::default() };
        assert_eq!(answer.judge(&careful).unwrap_err(), Refusal::SetCookie);
    }

    #[test]
    fn only_what_concerns_every_receiver_is_kept() {
        let lines = [
            "cache-control: max-age=9, private=\"x-own\"",
            "connection: x-hop",
            "x-hop: 1",
            "x-own: 1",
            "x-all: 1",
            "age: 3",
            "proxy-authenticate: Basic",
            "keep-alive: timeout=5",
        ];
        let kept = stored(&lines, "");
        let names: Vec<&str> = kept.entry.headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["cache-control", "x-all", "date"]);
        assert_eq!((kept.entry.initial_age_ms, kept.entry.age_ms(after_s(1))), (3000, 4000));
    }
}
