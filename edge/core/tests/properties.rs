//! What holds for every input: nothing panics, and requests that differ in a keyed input never share an entry.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use proptest::prelude::*;
use stepwell_edge_core::authenticate::{Authenticator, NoMemory};
use stepwell_edge_core::cache::decide::{Verdict, decide};
use stepwell_edge_core::cache::entry::Entry;
use stepwell_edge_core::cache::filing::{judge, refreshed};
use stepwell_edge_core::cache::purge_log::PurgeLog;
use stepwell_edge_core::cache::rfc9111::options::Options;
use stepwell_edge_core::cache::status::CacheStatus;
use stepwell_edge_core::forward::clean_request;
use stepwell_edge_core::pipeline::{Edge, Received};
use stepwell_edge_core::respond;
use stepwell_edge_core::route::Router;
use stepwell_shared::api::purges::{Purge, PurgePage};
use stepwell_shared::bookmark::{Epoch, Position};
use stepwell_shared::claims::KeySet;
use stepwell_shared::routes::{Access, Class, Parameter, Route, RouteTable, Verb};
use stepwell_shared::tags::TagHash;
use stepwell_shared::time::Timestamp;

fn edge() -> Edge {
    let known = ["limit", "sort", "filter[topic]"].map(Parameter::named).to_vec();
    let mut table = RouteTable::fixed();
    for name in ["posts", "topics"] {
        let records = format!("/v1/collections/{name}/records");
        table.routes.push(
            Route::at(records.clone())
                .with_parameters(Verb::Get, Access::Anyone, Class::Public, known.clone())
                .with(Verb::Post, Access::SignedIn, Class::NoStore),
        );
        table.routes.push(Route::at(format!("{records}/{{id}}")).with_parameters(
            Verb::Get,
            Access::Anyone,
            Class::Public,
            known.clone(),
        ));
    }
    let authenticator = Authenticator { keys: KeySet::default(), audience: "here".into() };
    Edge {
        router: Router::new(table).expect("the patterns do not overlap"),
        authenticator,
        http: Options::default(),
    }
}

/// A log of which nothing was heard.
fn unheard() -> PurgeLog {
    PurgeLog::new(1, 1, 1)
}

fn target() -> impl Strategy<Value = String> {
    let path = prop_oneof![
        "/v1/collections/(posts|topics)/records(/[0-9a-z]{13})?",
        "/v1/[%a-z0-9./]{0,30}",
        "/[ -~]{0,20}",
    ];
    let query = prop_oneof![
        Just(String::new()),
        "\\?((limit|sort|filter\\[topic\\]|filter%5Btopic%5D)=[a-c%0-9+]{0,4}&?){0,4}",
        "\\?[ -~]{0,20}",
    ];
    (path, query).prop_map(|(path, query)| path + &query)
}

const PATHS: [&str; 4] = [
    "/v1/collections/posts/records",
    "/v1/collections/topics/records",
    "/v1/collections/posts/records/0000000000001",
    "/v1/collections/posts/records/0000000000002",
];
const NAMES: [&str; 3] = ["limit", "sort", "filter[topic]"];
const VALUES: [&str; 5] = ["", "a", "b", "a b", "a&sort=b"];

/// What a target asks for: a path, and values by name, all by their places above.
type Asked = (usize, BTreeMap<usize, usize>);

fn asked() -> impl Strategy<Value = Asked> {
    (0..PATHS.len(), proptest::collection::btree_map(0..NAMES.len(), 0..VALUES.len(), 0..=NAMES.len()))
}

/// One of the many spellings of a target: the bits of `way` say which characters are encoded, and how parameters are
/// ordered.
fn spell((path, parameters): &Asked, way: u64) -> String {
    let mut bits = (0..64).cycle().map(|place| way >> place & 1 == 1);
    let mut encode = |text: &str, kept: &str| -> String {
        let mut spelt = String::new();
        for c in text.chars() {
            match bits.next() {
                Some(true) if c == ' ' => spelt.push('+'),
                Some(false) if c.is_ascii_alphanumeric() || kept.contains(c) => spelt.push(c),
                // An encoded slash or dot has two readings, and is refused.
                _ if kept.contains(c) => spelt.push(c),
                _ => spelt.extend(format!("%{:02x}", c as u32).chars()),
            }
        }
        spelt
    };
    let path = encode(PATHS[*path], "/.");
    let mut pairs: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{}={}", encode(NAMES[*name], "[]"), encode(VALUES[*value], "")))
        .collect();
    let turn = usize::try_from(way % 3).unwrap_or(0) % pairs.len().max(1);
    pairs.rotate_left(turn);
    if pairs.is_empty() { path } else { format!("{path}?{}", pairs.join("&")) }
}

fn headers() -> impl Strategy<Value = HeaderMap> {
    let name = prop_oneof![
        "(authorization|cookie|if-none-match|stepwell-bookmark|connection|cdn-cache-control|cache-tag|stepwell-position|vary|content-length|etag|age)",
        "[a-z-]{1,12}",
    ];
    let value = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        "(max-age=[0-9]{1,20}|\"[a-z]*\"|1-[0-9a-f]{1,4}|Bearer [a-zA-Z0-9._-]{0,40}|close, [a-z-]{1,10})"
            .prop_map(String::into_bytes),
    ];
    proptest::collection::vec((name, value), 0..8).prop_map(|pairs| {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_bytes(&value)) {
                headers.append(name, value);
            }
        }
        headers
    })
}

fn head(method: &Method, target: &str, headers: HeaderMap) -> Option<Parts> {
    let uri: Uri = target.parse().ok()?;
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = method.clone();
    parts.uri = uri;
    parts.headers = headers;
    parts.headers.insert("host", HeaderValue::from_static("a"));
    Some(parts)
}

/// The keyed inputs of a request as somebody else would read them: the decoded path and the decoded parameters.
fn keyed_inputs(parts: &Parts) -> (String, BTreeMap<String, String>) {
    let decode = |text: &str| -> Cow<'_, str> {
        Cow::Owned(percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned())
    };
    let query = parts.uri.query().unwrap_or_default();
    let parameters = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .filter(|(n, v)| !(n.is_empty() && v.is_empty()));
    (decode(parts.uri.path()).into_owned(), parameters.collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn no_request_stops_the_edge(
        method in prop_oneof![Just(Method::GET), Just(Method::POST), Just(Method::HEAD), Just(Method::OPTIONS), Just(Method::TRACE)],
        target in target(), mut headers in headers(), now: u64,
    ) {
        if let Some(parts) = head(&method, &target, headers.clone()) {
            drop(edge().receive(&parts, &NoMemory, &unheard(), Timestamp::from_ms(now)));
        }
        clean_request(&mut headers);
    }

    #[test]
    fn requests_share_an_entry_exactly_when_their_keyed_inputs_are_the_same(
        (a, b) in asked().prop_flat_map(|a| (Just(a.clone()), prop_oneof![Just(a), asked()])),
        ways: (u64, u64), noise in headers(),
    ) {
        let edge = edge();
        let heads = (spell(&a, ways.0), spell(&b, ways.1));
        let first = head(&Method::GET, &heads.0, HeaderMap::new()).unwrap();
        let second = head(&Method::GET, &heads.1, noise).unwrap();
        let now = Timestamp::from_ms(0);
        match (edge.receive(&first, &NoMemory, &unheard(), now), edge.receive(&second, &NoMemory, &unheard(), now)) {
            (Received::LookUp(first), Received::LookUp(second)) => {
                prop_assert_eq!(first.key == second.key, a == b, "{:?}", heads);
            }
            // A bookmark that cannot be read is the only thing here that a request is refused for.
            (Received::LookUp(_), _) => prop_assert!(second.headers.contains_key("stepwell-bookmark")),
            (refused, _) => prop_assert!(false, "{heads:?}: {refused:?}"),
        }
    }

    #[test]
    fn no_two_targets_at_all_that_read_differently_share_an_entry(a in target(), b in target()) {
        let edge = edge();
        let (Some(a), Some(b)) = (head(&Method::GET, &a, HeaderMap::new()), head(&Method::GET, &b, HeaderMap::new())) else { return Ok(()) };
        let now = Timestamp::from_ms(0);
        if let (Received::LookUp(first), Received::LookUp(second)) = (edge.receive(&a, &NoMemory, &unheard(), now), edge.receive(&b, &NoMemory, &unheard(), now)) {
            prop_assert_eq!(first.key == second.key, keyed_inputs(&a) == keyed_inputs(&b));
        }
    }

    #[test]
    fn no_answer_and_no_entry_stop_the_edge(
        status in 100..999_u16, headers in headers(), answer in headers(), request in headers(),
        sequence: u64, head_sequence: u64, purged: u64, stored: u64, now: u64,
        class in prop_oneof![
            Just(Class::Public),
            Just(Class::Immutable),
            Just(Class::Authorised),
            Just(Class::NoStore),
            Just(Class::Pass)
        ],
    ) {
        let status = StatusCode::from_u16(status).unwrap();
        let (stored, now) = (Timestamp::from_ms(stored), Timestamp::from_ms(now));
        let mut log = PurgeLog::new(16, 0, 1000);
        let purges = vec![Purge { sequence: purged, tags: vec![TagHash(1)], revoked: Vec::new() }];
        log.apply(&PurgePage { epoch: Epoch(1), after: sequence, through: head_sequence, head: head_sequence, floor: 0, purges, revision: String::new() }, stored);
        if let Ok(filing) = judge(class, "/p", status, &headers, stored) {
            prop_assert!(class.may_store());
            let entry: Entry = filing.complete(Bytes::from_static(b"x")).unwrap();
            let bookmark = Some(Position { epoch: Epoch(1), sequence });
            if let Verdict::Serve { left_ms } = decide(Some(&entry), bookmark, &log, now) {
                drop(respond::from_entry(&entry, None, CacheStatus::Hit { left_ms }, &request, now));
            }
            drop(refreshed(&entry, "/p", &answer, now));
            prop_assert!(entry.size_bytes() > 0);
        }
    }
}
