//! What a request asks of the cache.

use http::header::{
    AUTHORIZATION, CONTENT_LENGTH, IF_MATCH, IF_UNMODIFIED_SINCE, TRANSFER_ENCODING, UPGRADE,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method, Uri};
use stepwell_shared::limits::{CDN_LOOPS_MAX, TARGET_BYTES_MAX};
use stepwell_shared::problem::{Code, Problem};

use super::directives::{RequestDirectives, members};
use crate::host;

/// Names the caches that a request has passed (RFC 8586).
pub const CDN_LOOP: HeaderName = HeaderName::from_static("cdn-loop");
/// The name of this cache in `CDN-Loop`, `Via` and `Cache-Status`.
pub const CACHE_NAME: &str = "stepwell";

/// A request, as far as the cache is concerned. What it says in its header besides is read where it is needed.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What answers are stored under: the host and the target, as they were sent.
    pub key: Box<str>,
    /// Bytes of the key that are the host.
    host_bytes: usize,
    /// The method.
    pub method: Method,
    /// Whether an answer may come from the store.
    pub may_look_up: bool,
    /// Whether it carries credentials (RFC 9111 §3.5).
    pub is_authorised: bool,
    /// What it says in `Cache-Control`.
    pub directives: RequestDirectives,
}

impl Asked {
    /// Reads a request's head, or says what is wrong with it. `heeds_directives` is whether clients may steer the
    /// cache by `Cache-Control` and `Pragma`.
    pub fn of(head: &Parts, heeds_directives: bool) -> Result<Self, Problem> {
        refuse_what_no_cache_passes(head)?;
        let host = host::of_request(head)?.to_ascii_lowercase();
        let target = target(&head.uri)?;
        let reads = head.method == Method::GET || head.method == Method::HEAD;
        // RFC 9110 §13.1: these ask about the state of the resource, which only the origin knows.
        let asks_for_state =
            head.headers.contains_key(IF_MATCH) || head.headers.contains_key(IF_UNMODIFIED_SINCE);
        Ok(Self {
            key: format!("{host}{target}").into_boxed_str(),
            host_bytes: host.len(),
            method: head.method.clone(),
            may_look_up: reads && !has_body(&head.headers) && !asks_for_state,
            is_authorised: head.headers.contains_key(AUTHORIZATION),
            directives: if heeds_directives {
                RequestDirectives::of(&head.headers)
            } else {
                RequestDirectives {
                    no_store: RequestDirectives::of(&head.headers).no_store,
                    ..Default::default()
                }
            },
        })
    }

    /// The host that was asked, in lower case, with its port where one was said.
    pub fn host(&self) -> &str {
        self.key.get(..self.host_bytes).unwrap_or_default()
    }

    /// The target as it was sent: path and query, or `*`.
    pub fn target(&self) -> &str {
        self.key.get(self.host_bytes..).unwrap_or_default()
    }

    /// The target's path.
    pub fn path(&self) -> &str {
        self.target().split('?').next().unwrap_or_default()
    }

    /// Whether the method may change something. One whose meaning is not known may (RFC 9111 §4.4).
    pub fn is_unsafe(&self) -> bool {
        // The safe ones of the IANA registry of methods.
        const SAFE: [&str; 9] =
            ["GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "REPORT", "SEARCH", "QUERY", "PRI"];
        !SAFE.contains(&self.method.as_str())
    }
}

/// What would tunnel through a cache, or be reflected by it, and what has come round.
fn refuse_what_no_cache_passes(head: &Parts) -> Result<(), Problem> {
    if head.method == Method::CONNECT || head.method == Method::TRACE {
        let why = format!("{} is not passed on: this is a cache in front of one origin", head.method);
        return Err(Problem::new(Code::MethodNotAllowed, why));
    }
    // RFC 9110 §7.8 lets a server pass an upgrade over; a client that asks for WebSocket cannot go on without it.
    let upgrades = head.headers.get_all(UPGRADE).iter().filter_map(|line| line.to_str().ok());
    if upgrades.flat_map(members).any(|protocol| protocol.eq_ignore_ascii_case("websocket")) {
        return Err(Problem::new(
            Code::UpgradeRefused,
            "WebSocket does not pass a cache; connect to the origin",
        ));
    }
    let passed = head.headers.get_all(CDN_LOOP).iter().filter_map(|line| line.to_str().ok());
    let names = passed.flat_map(members).map(|member| member.split(';').next().unwrap_or_default().trim());
    if names.filter(|name| name.eq_ignore_ascii_case(CACHE_NAME)).count() >= CDN_LOOPS_MAX {
        let why = format!(
            "the request has passed a cache of this name {CDN_LOOPS_MAX} times; does its origin lead back here?"
        );
        return Err(Problem::new(Code::LoopDetected, why));
    }
    Ok(())
}

fn target(uri: &Uri) -> Result<&str, Problem> {
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    if target.len() > TARGET_BYTES_MAX {
        return Err(Problem::new(Code::TargetTooLong, format!("at most {TARGET_BYTES_MAX} bytes")));
    }
    Ok(target)
}

fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(TRANSFER_ENCODING)
        || headers.get(CONTENT_LENGTH).is_some_and(|length| length.as_bytes() != b"0")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn asked(method: &str, target: &str, headers: &[(&str, &str)]) -> Result<Asked, Code> {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let head = request.body(()).unwrap().into_parts().0;
        Asked::of(&head, true).map_err(|problem| problem.code)
    }

    #[test]
    fn the_key_is_host_and_target() {
        let request = asked("GET", "/a/../b%2F?q=1&q", &[("host", "Example.org:81")]).unwrap();
        assert_eq!(&*request.key, "example.org:81/a/../b%2F?q=1&q");
        assert_eq!((request.host(), request.path()), ("example.org:81", "/a/../b%2F"));
        let absolute = asked("GET", "http://b.org/x", &[("host", "a.org")]).unwrap();
        assert_eq!((absolute.host(), absolute.target()), ("b.org", "/x"));
    }

    #[test]
    fn tunnels_reflections_and_loops_end_here() {
        let host = ("host", "a");
        assert_eq!(asked("TRACE", "/", &[host]).unwrap_err(), Code::MethodNotAllowed);
        assert_eq!(
            asked("GET", "/", &[host, ("upgrade", "h2c, WebSocket")]).unwrap_err(),
            Code::UpgradeRefused
        );
        assert!(asked("GET", "/", &[host, ("upgrade", "h2c")]).is_ok());
        let around = "stepwell; a=1, other, STEPWELL, stepwell, stepwell";
        assert_eq!(asked("GET", "/", &[host, ("cdn-loop", around)]).unwrap_err(), Code::LoopDetected);
        assert!(asked("GET", "/", &[host, ("cdn-loop", "stepwell, stepwells, other")]).is_ok());
    }

    #[test]
    fn only_plain_reads_are_looked_up() {
        let host = ("host", "a");
        let may = |method, more: &[(&str, &str)]| {
            asked(method, "/", &[&[host], more].concat()).unwrap().may_look_up
        };
        assert!(may("GET", &[]) && may("HEAD", &[]) && may("GET", &[("content-length", "0")]));
        assert!(!may("POST", &[]) && !may("get", &[]) && !may("GET", &[("content-length", "3")]));
        assert!(!may("GET", &[("transfer-encoding", "chunked")]) && !may("GET", &[("if-match", "*")]));
        assert!(asked("M-SEARCH", "/", &[host]).unwrap().is_unsafe());
        assert!(!asked("PROPFIND", "/", &[host]).unwrap().is_unsafe());
    }
}
