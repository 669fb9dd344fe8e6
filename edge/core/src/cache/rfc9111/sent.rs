//! What of a request the origin is sent (RFC 9110 §7.6, RFC 9111 §4.3.1).

use std::net::IpAddr;

use http::header::{EXPECT, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE, VIA};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Version};

use super::asked::{Asked, CACHE_NAME, CDN_LOOP};
use super::reuse::How;
use super::stored::Stored;
use crate::forward::{remove_hop_by_hop, remove_proxy_claims};

/// Where a request came from, as the host knows it.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    /// Its address.
    pub address: Option<IpAddr>,
    /// The version of HTTP that it spoke.
    pub version: Version,
    /// Whether it came by TLS.
    pub is_secure: bool,
}

/// The header to send for `asked`: the client's, without fields of its connection and claims of proxies that are none
/// of ours; for what may be looked up, with the cache's own conditions in the place of the client's.
pub fn headers(
    asked: &Asked,
    request: &HeaderMap,
    client: Client,
    how: How,
    stored: Option<&Stored>,
) -> HeaderMap {
    let mut headers = request.clone();
    remove_hop_by_hop(&mut headers);
    remove_proxy_claims(&mut headers);
    // The cache has told the client to go on itself (RFC 9110 §10.1.1).
    headers.remove(EXPECT);
    if asked.may_look_up && how != How::Verbatim {
        headers.remove(IF_NONE_MATCH);
        headers.remove(IF_MODIFIED_SINCE);
        set_conditions(&mut headers, asked, how, stored);
    }
    tell_of_client(&mut headers, asked, client);
    headers
}

fn set_conditions(headers: &mut HeaderMap, asked: &Asked, how: How, stored: Option<&Stored>) {
    let put = |headers: &mut HeaderMap, name: HeaderName, value: Option<&HeaderValue>| {
        if let Some(value) = value {
            headers.insert(name, value.clone());
        }
    };
    if asked.method == Method::HEAD {
        headers.remove(RANGE);
        headers.remove(IF_RANGE);
    }
    let Some(stored) = stored else { return };
    let etag = stored.entry.etag();
    match how {
        How::Plainly | How::Verbatim => {}
        How::Conditionally => {
            put(headers, IF_NONE_MATCH, etag);
            put(headers, IF_MODIFIED_SINCE, stored.entry.headers.get(LAST_MODIFIED));
        }
        How::ForTheRest => {
            let bytes = stored.entry.body.len() as u64;
            let rest = stored.part.and_then(|part| part.missing(bytes));
            put(headers, RANGE, rest.as_ref());
            // Without a strong validator the origin cannot tell; then neither part will be put together.
            put(headers, IF_RANGE, etag.filter(|etag| etag.as_bytes().starts_with(b"\"")));
        }
    }
}

fn tell_of_client(headers: &mut HeaderMap, asked: &Asked, client: Client) {
    let via = match client.version {
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2",
        Version::HTTP_3 => "3",
        _ => "1.1",
    };
    let put = |headers: &mut HeaderMap, name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    if let Ok(value) = HeaderValue::try_from(format!("{via} {CACHE_NAME}")) {
        headers.append(VIA, value);
    }
    headers.append(CDN_LOOP, HeaderValue::from_static(CACHE_NAME));
    if let Some(address) = client.address {
        put(headers, "x-forwarded-for", &address.to_string());
    }
    if !asked.host().is_empty() {
        // RFC 9112 §3.2.2: what a whole target says goes before the client's `Host`. And what is stored for a host must
        // have been asked of that host.
        put(headers, "host", asked.host());
        put(headers, "x-forwarded-host", asked.host());
    }
    put(headers, "x-forwarded-proto", if client.is_secure { "https" } else { "http" });
}

#[cfg(test)]
mod tests {
    use super::super::testing::{asked, head, stored, stored_for};
    use super::*;

    const FRESH: &str = "cache-control: max-age=9";

    fn sent(line: &str, lines: &[&str], how: How, kept: Option<&Stored>) -> Vec<String> {
        let head = head(line, lines);
        let client =
            Client { address: Some([192, 0, 2, 7].into()), version: Version::HTTP_11, is_secure: false };
        let headers = headers(&asked(&head), &head.headers, client, how, kept);
        let mut said: Vec<_> =
            headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        said.sort();
        said
    }

    const OURS: [&str; 6] = [
        "cdn-loop: stepwell",
        "host: h",
        "via: 1.1 stepwell",
        "x-forwarded-for: 192.0.2.7",
        "x-forwarded-host: h",
        "x-forwarded-proto: http",
    ];

    fn beside_ours(said: &[String]) -> Vec<&str> {
        said.iter().map(String::as_str).filter(|line| !OURS.contains(line)).collect()
    }

    #[test]
    fn the_clients_claims_and_connection_stay_here() {
        let lines = [
            "accept: a",
            "cookie: a=b",
            "authorization: x",
            "connection: x-hop",
            "x-hop: 1",
            "te: trailers",
            "expect: 100-continue",
            "x-forwarded-for: 10.0.0.1",
            "x-forwarded-host: evil",
            "forwarded: for=10.0.0.1",
            "upgrade: h2c",
        ];
        let said = sent("GET /", &lines, How::Plainly, None);
        assert_eq!(beside_ours(&said), ["accept: a", "authorization: x", "cookie: a=b"]);
        assert!(OURS.iter().all(|line| said.iter().any(|said| said == line)), "{said:?}");
        let passed = sent("GET /", &["via: 1.0 other", "cdn-loop: other"], How::Plainly, None);
        assert!(
            passed.contains(&"via: 1.0 other".to_owned()) && passed.contains(&"via: 1.1 stepwell".to_owned())
        );
    }

    #[test]
    fn the_origin_is_asked_for_the_host_that_is_the_keys() {
        let (client, how) =
            (Client { address: None, version: Version::HTTP_11, is_secure: false }, How::Plainly);
        for (target, named) in [("http://A.example/", "b.example"), ("/", "A.Example")] {
            let mut head = head(&format!("GET {target}"), &[]);
            head.headers.insert("host", HeaderValue::from_static(named));
            let asked = asked(&head);
            let headers = headers(&asked, &head.headers, client, how, None);
            assert_eq!(
                (asked.host(), &headers["host"]),
                ("a.example", &HeaderValue::from_static("a.example"))
            );
        }
    }

    #[test]
    fn the_caches_conditions_take_the_place_of_the_clients() {
        let modified = "last-modified: Thu, 01 Jan 2026 00:00:00 GMT";
        let kept = stored(&[FRESH, "etag: \"a\"", modified], "");
        let own =
            ["if-none-match: \"b\"", "if-modified-since: Fri, 02 Jan 2026 00:00:00 GMT", "range: bytes=0-1"];
        let said = |line, how, kept| sent(line, &own, how, kept);
        assert_eq!(beside_ours(&said("GET /", How::Plainly, Some(&kept))), ["range: bytes=0-1"]);
        assert_eq!(
            beside_ours(&said("GET /", How::Conditionally, Some(&kept))),
            ["if-modified-since: Thu, 01 Jan 2026 00:00:00 GMT", "if-none-match: \"a\"", "range: bytes=0-1"]
        );
        assert!(beside_ours(&said("HEAD /", How::Plainly, None)).is_empty());
        // What is not looked up, or for this client alone, goes with its own.
        assert_eq!(beside_ours(&said("POST /", How::Plainly, None)).len(), 3);
        assert_eq!(beside_ours(&said("GET /", How::Verbatim, None)).len(), 3);
    }

    #[test]
    fn the_rest_is_asked_for_on_condition_that_it_fits() {
        let part = |etag: &str| {
            let lines = [FRESH, "content-range: bytes 0-4/10", etag];
            stored_for(&head("GET /", &["range: bytes=0-4"]), 206, &lines, "01234").unwrap()
        };
        let said = |kept: &Stored| sent("GET /", &[], How::ForTheRest, Some(kept));
        assert_eq!(beside_ours(&said(&part("etag: \"a\""))), ["if-range: \"a\"", "range: bytes=5-"]);
        assert_eq!(beside_ours(&said(&part("etag: W/\"a\""))), ["range: bytes=5-"]);
    }
}
