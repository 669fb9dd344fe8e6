//! What of a request the origin is sent (RFC 9110 §7.6, RFC 9111 §4.3.1).

use std::net::IpAddr;

use http::header::{EXPECT, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE, VIA};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Version};

use super::asked::{Asked, CACHE_NAME, CDN_LOOP};
use super::reuse::How;
use super::stored::Stored;
use crate::forward::{PROXY_CLAIMS, remove_hop_by_hop};

/// Where a request came from, as the host knows it.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    /// The address of the connection's other end.
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
    for name in &PROXY_CLAIMS {
        headers.remove(name);
    }
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
        put(headers, "x-forwarded-host", asked.host());
    }
    put(headers, "x-forwarded-proto", if client.is_secure { "https" } else { "http" });
}
