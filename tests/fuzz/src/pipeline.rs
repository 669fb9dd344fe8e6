//! What becomes of a request before anything is looked up.

use std::sync::OnceLock;

use http::header::HOST;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use stepwell_edge_core::authenticate::{Authenticator, NoMemory};
use stepwell_edge_core::cache::purge_log::PurgeLog;
use stepwell_edge_core::cache::rfc9111::options::Options;
use stepwell_edge_core::forward::clean_request;
use stepwell_edge_core::pipeline::{Edge, Received};
use stepwell_edge_core::route::Router;
use stepwell_shared::claims::KeySet;
use stepwell_shared::routes::{Access, Class, Parameter, Route, RouteTable, Verb};
use stepwell_shared::time::Timestamp;

use crate::scripts::script;

/// When all of it happens.
const NOW: Timestamp = Timestamp::from_ms(1_792_281_600_123);

/// Receives a request, its line and then its header, at an edge in front of a Stepwell and at one in front of any
/// origin.
///
/// # Panics
/// Where a claim does not hold.
pub fn check(text: &[u8]) {
    let mut lines = text.split(|byte| *byte == b'\n');
    let Some(mut head) = lines.next().and_then(script::request) else { return };
    for (name, value) in lines.filter_map(script::field) {
        head.headers.append(name, value);
    }
    let (own, any) = edges();
    check_own(own, &head);
    check_any(any, &head);
    check_forwarded(head.headers);
}

/// An edge in front of a Stepwell, and one that leaves what its table does not name to any origin.
fn edges() -> &'static (Edge, Edge) {
    static EDGES: OnceLock<(Edge, Edge)> = OnceLock::new();
    EDGES.get_or_init(|| {
        let edge = |any_other| {
            let table = RouteTable { any_other, ..table() };
            let authenticator = Authenticator { keys: KeySet::default(), audience: "here".into() };
            Edge {
                router: Router::new(table).expect("patterns that do not overlap"),
                authenticator,
                http: Options::default(),
            }
        };
        (edge(false), edge(true))
    })
}

fn table() -> RouteTable {
    let known = ["limit", "sort", "filter[topic]"].map(Parameter::named).to_vec();
    let mut table = RouteTable::fixed();
    let records = Route::at("/v1/collections/posts/records")
        .with_parameters(Verb::Get, Access::Anyone, Class::Public, known.clone())
        .with(Verb::Post, Access::SignedIn, Class::NoStore);
    let record = Route::at("/v1/collections/posts/records/{id}");
    table.routes.push(records);
    table.routes.push(record.with_parameters(Verb::Get, Access::Anyone, Class::Public, known));
    table
}

fn receive<'r>(edge: &Edge, head: &'r Parts) -> Received<'r> {
    edge.receive(head, &NoMemory, &PurgeLog::own(1, 0), NOW)
}

/// Our own routes: a target has one form, which is its key, and means itself.
fn check_own(edge: &Edge, head: &Parts) {
    let received = receive(edge, head);
    assert!(!matches!(received, Received::Http(_)), "what no table names does not exist");
    let target = match &received {
        Received::LookUp(look_up) => {
            assert!(look_up.class.may_store() && (head.method == Method::GET || head.method == Method::HEAD));
            assert!(look_up.target().starts_with(look_up.path()));
            look_up.target()
        }
        Received::Forward(forward) => &forward.target,
        _ => return,
    };
    assert!(target.starts_with('/') && !target.contains(['#', ' ', '\\']), "{target}");
    let mut again = head.clone();
    again.uri = target.parse::<Uri>().expect("a target that can be sent");
    if let Some(authority) = head.uri.authority() {
        again
            .headers
            .insert(HOST, HeaderValue::from_str(authority.as_str()).expect("a host that can be sent"));
    }
    match (receive(edge, &again), &received) {
        (Received::LookUp(again), Received::LookUp(first)) => assert_eq!(again.key, first.key),
        (Received::Forward(again), Received::Forward(first)) => assert_eq!(again.target, first.target),
        (again, first) => panic!("{first:?}, then {again:?}"),
    }
}

/// Any origin: what its table names keeps its rules, however it is spelt; the rest is as it was sent.
fn check_any(edge: &Edge, head: &Parts) {
    let Received::Http(asked) = receive(edge, head) else { return };
    let decoded = percent_decoded(head.uri.path());
    assert!(!["/healthz", "/v1/accounts", "/v1/sessions"].contains(&&*decoded), "{decoded} is named");
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    assert_eq!(asked.target(), target);
    assert_eq!(&*asked.key, format!("{}{target}", asked.host()));
    assert!(!asked.host().contains(['/', '?', '#', '@', ' ']), "{}", asked.host());
    assert_eq!(asked.host(), asked.host().to_ascii_lowercase());
    assert!(!asked.may_look_up || !asked.is_unsafe());
}

/// What a target's path says, once all its octets are plain.
fn percent_decoded(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| str::from_utf8(digits).ok());
        let octet = digits.filter(|_| *byte == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(octet.unwrap_or(*byte));
        rest = if octet.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Nobody outside speaks as one of our own.
fn check_forwarded(mut headers: HeaderMap) {
    const CLAIMS: [&str; 5] =
        ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "connection"];
    clean_request(&mut headers);
    for name in headers.keys().map(HeaderName::as_str) {
        let is_own = name.starts_with("stepwell-") && name != "stepwell-bookmark";
        assert!(!is_own && !CLAIMS.contains(&name), "{name}");
    }
}
