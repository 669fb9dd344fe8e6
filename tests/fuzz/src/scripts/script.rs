//! What clients ask, what the origin answers, and what happens in between: a line a happening.
//!
//! ```text
//! ? keeps-no-cookies              a choice of the operator
//! > GET /a                        a client asks; its header follows
//! host: a
//! + 5000                          milliseconds pass
//! ! all                           somebody purges a tag
//! < 200 12                        the origin answers, with so many bytes of content; its header follows
//! cache-control: max-age=60
//! last-modified: @-3600           a date: so many seconds from when it is sent
//! < = 12                          the origin answers conditions and ranges as it should
//! < -                             it cannot be reached
//! ```
//!
//! What stands before an answer happens while the question is under way. A question that the cache asks has the next
//! answer; those left over are forgotten. Every text is a script: what cannot be read is passed over.

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri, Version};
use stepwell_edge_core::cache::rfc9111::options::Options;

use crate::plain;

/// Requests of one script; more would say nothing new.
const STEPS_MAX: usize = 24;
/// Answers to one request: a cache asks twice at the most.
const ANSWERS_MAX: usize = 3;
/// Lines of one header.
const LINES_MAX: usize = 24;

/// A script.
#[derive(Debug, Default)]
pub struct Script {
    /// The operator's choices.
    pub options: Options,
    /// Requests, in order.
    pub steps: Vec<Step>,
}

/// A request, and what the origin would answer.
#[derive(Debug)]
pub struct Step {
    /// What happens before it.
    pub before: Vec<Event>,
    /// Its head.
    pub head: Parts,
    /// The answers, in order.
    pub answers: Vec<Reply>,
}

/// Something that happens beside requests.
#[derive(Clone, Debug)]
pub enum Event {
    /// The clock goes on, or is set back.
    Pass(
        /// Milliseconds.
        i64,
    ),
    /// Somebody purges a tag.
    Purge(
        /// The tag.
        String,
    ),
}

/// What the origin answers.
#[derive(Debug)]
pub struct Reply {
    /// What happens before it comes.
    pub before: Vec<Event>,
    /// Its status.
    pub said: Said,
    /// Its header.
    pub headers: HeaderMap,
    /// Bytes of content where they are said.
    pub bytes: Option<u64>,
}

/// What status an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// None: the origin cannot be reached.
    Nothing,
    /// This one, whatever was asked.
    Status(StatusCode),
    /// The one that an honest origin gives to conditions and ranges.
    Honestly,
}

impl Script {
    /// Reads a script.
    pub fn read(text: &[u8]) -> Self {
        let mut script = Self::default();
        let mut pending = Vec::new();
        for line in text.split(|byte| *byte == b'\n') {
            let (mark, rest) = line.split_at(line.len().min(2));
            match mark {
                b"? " => script.choose(rest),
                b"> " if script.steps.len() < STEPS_MAX => {
                    if let Some(head) = request(rest) {
                        let before = std::mem::take(&mut pending);
                        script.steps.push(Step { before, head, answers: Vec::new() });
                    }
                }
                b"< " => script.answer(rest, &mut pending),
                b"+ " => pending.extend(number(rest).map(Event::Pass)),
                b"! " => pending.extend(str::from_utf8(rest).map(|tag| Event::Purge(tag.to_owned()))),
                _ => script.field(line),
            }
        }
        script
    }

    fn choose(&mut self, choice: &[u8]) {
        match choice {
            b"keeps-no-cookies" => self.options.stores_cookies = false,
            b"heeds-no-clients" => self.options.heeds_clients = false,
            b"never-stale" => self.options.unreachable_stale_ms = 0,
            _ => {}
        }
    }

    fn answer(&mut self, line: &[u8], pending: &mut Vec<Event>) {
        let Some(step) = self.steps.last_mut().filter(|step| step.answers.len() < ANSWERS_MAX) else {
            return;
        };
        let mut words = line.split(|byte| *byte == b' ');
        let status = words.next().unwrap_or_default();
        let reply = Reply {
            before: std::mem::take(pending),
            said: match status {
                b"-" => Said::Nothing,
                b"=" => Said::Honestly,
                status => Said::Status(StatusCode::from_bytes(status).unwrap_or_default()),
            },
            headers: HeaderMap::new(),
            bytes: words.next().and_then(|bytes| plain::number(str::from_utf8(bytes).ok()?)),
        };
        step.answers.push(reply);
    }

    /// A line of the header of what came last.
    fn field(&mut self, line: &[u8]) {
        let Some(step) = self.steps.last_mut() else { return };
        let headers = step.answers.last_mut().map_or(&mut step.head.headers, |reply| &mut reply.headers);
        if let Some((name, value)) = field(line).filter(|_| headers.len() < LINES_MAX) {
            headers.append(name, value);
        }
    }
}

/// A line of a header.
pub fn field(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = line.split_at(colon);
    let value = value.get(1..).unwrap_or_default();
    let value = value.strip_prefix(b" ").unwrap_or(value);
    Some((HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(value).ok()?))
}

/// `METHOD TARGET`, with or without a version.
pub fn request(line: &[u8]) -> Option<Parts> {
    let mut words = line.split(|byte| *byte == b' ');
    let (mut head, ()) = Request::new(()).into_parts();
    head.method = Method::from_bytes(words.next()?).ok()?;
    head.uri = Uri::try_from(words.next()?).ok()?;
    if words.next() == Some(b"HTTP/1.0") {
        head.version = Version::HTTP_10;
    }
    Some(head)
}

fn number(text: &[u8]) -> Option<i64> {
    str::from_utf8(text).ok()?.parse().ok()
}
