//! Who heard every answer of the origin and sees everything that the cache stores and serves.
//!
//! Each answer is marked, so that what the cache makes of it later says which answer gave its content, and which the
//! last part of its header.

mod matching;
mod purged;
mod served;
mod sourced;
mod stale;
mod stored;

use std::collections::HashMap;

use http::header::{CONNECTION, HOST};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use stepwell_edge_core::cache::rfc9111::age::Exchange;
use stepwell_edge_core::cache::rfc9111::options::Options;
use stepwell_edge_core::cache::rfc9111::stored::Stored;

use crate::content::Content;
use crate::plain;

pub(super) use purged::Named;
pub(super) use served::Served;

/// Marks the answer that gave the content.
const CONTENT_MARK: HeaderName = HeaderName::from_static("x-content");
/// Marks the answer that gave the last part of the header.
const HEAD_MARK: HeaderName = HeaderName::from_static("x-head");

/// An answer of the origin.
#[derive(Debug)]
pub(super) struct Heard {
    /// What was asked for, by the witness's own reading.
    pub(super) resource: String,
    pub(super) method: Method,
    pub(super) request: HeaderMap,
    pub(super) is_authorised: bool,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) exchange: Exchange,
    /// Purges before it was asked for.
    pub(super) purges: usize,
    /// What it held, where its status and method let it hold anything.
    pub(super) portion: Option<Portion>,
}

/// What an answer held of its content.
#[derive(Clone, Copy, Debug)]
pub(super) struct Portion {
    pub(super) content: Content,
    /// Where its first byte stands.
    pub(super) first: u64,
    pub(super) bytes: usize,
    /// Bytes of the whole, where the answer says.
    pub(super) complete: Option<u64>,
}

/// The witness.
#[derive(Debug)]
pub(super) struct Witness {
    pub(super) options: Options,
    /// What is asked for at the moment.
    pub(super) resource: String,
    pub(super) heard: Vec<Heard>,
    purges: Vec<Vec<Named>>,
    /// Up to which purge an answer's content was confirmed since, by its place.
    confirmed: HashMap<usize, usize>,
    /// The age that was last told of an answer, by the places of its content and its header.
    ages_s: HashMap<(usize, usize), u64>,
    /// Whether the clock was ever set back: then ages may go back as well.
    pub(super) was_set_back: bool,
}

/// Panics unless a rule holds.
#[track_caller]
pub(super) fn must(holds: bool, rule: &str, why: impl FnOnce() -> String) {
    assert!(holds, "{rule}\n{}", why());
}

impl Witness {
    pub(super) fn of(options: Options) -> Self {
        Self {
            options,
            resource: String::new(),
            heard: Vec::new(),
            purges: Vec::new(),
            confirmed: HashMap::new(),
            ages_s: HashMap::new(),
            was_set_back: false,
        }
    }

    /// Reads for itself what is asked for: the host and the target.
    pub(super) fn attend(&mut self, head: &Parts) {
        let said = plain::line(&head.headers, &HOST).unwrap_or_default();
        let host = head.uri.authority().map_or(said, |authority| authority.as_str());
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        self.resource = format!("{}{target}", host.to_ascii_lowercase());
    }

    /// Takes an answer's testimony, and marks it.
    pub(super) fn hear(&mut self, mut heard: Heard) -> &Heard {
        let place = self.heard.len();
        heard.headers.remove(CONTENT_MARK);
        heard.headers.insert(HEAD_MARK, HeaderValue::from(place));
        if heard.portion.is_some() {
            heard.headers.insert(CONTENT_MARK, HeaderValue::from(place));
        }
        self.heard.push(heard);
        &self.heard[place]
    }

    /// How many purges there were.
    pub(super) fn purges(&self) -> usize {
        self.purges.len()
    }

    /// The answer that gave the content, and its place.
    fn content_of(&self, headers: &HeaderMap) -> Option<(usize, &Heard)> {
        self.marked(headers, &CONTENT_MARK)
    }

    /// The answer that gave the last part of the header, and its place.
    fn head_of(&self, headers: &HeaderMap) -> Option<(usize, &Heard)> {
        self.marked(headers, &HEAD_MARK)
    }

    fn marked(&self, headers: &HeaderMap, mark: &HeaderName) -> Option<(usize, &Heard)> {
        let place = plain::line(headers, mark)?.parse().ok()?;
        Some((place, self.heard.get(place)?))
    }

    /// Whether an origin took fields of an answer back, so that its header does not tell all by which it was judged.
    fn is_abridged(&self, headers: &HeaderMap) -> bool {
        let of_key = self.heard.iter().filter(|heard| heard.resource == self.resource);
        let abridges = |headers: &HeaderMap| {
            headers.contains_key(CONNECTION)
                || plain::Directives::governing(headers).is_none_or(|d| d.has("private") || d.has("no-cache"))
        };
        abridges(headers) || of_key.map(|heard| &heard.headers).any(abridges)
    }

    /// The origin has confirmed a stored answer, asked after so many purges.
    pub(super) fn confirm(&mut self, stored: &Stored, purges: usize) {
        if let Some((place, _)) = self.content_of(&stored.entry.headers) {
            let confirmed = self.confirmed.entry(place).or_default();
            *confirmed = purges.max(*confirmed);
        }
    }
}
