//! An interim response in the form of HTTP/1.1.

use std::borrow::Cow;

use http::header::CONTENT_LENGTH;
use http::{HeaderMap, StatusCode};
use stepwell_edge_core::forward::remove_hop_by_hop;
use stepwell_shared::headers::{CACHE_STATUS, INTERNAL_PREFIX};

/// The bytes of an interim response. What is between two hops, what edges say to each other and a length, which it
/// cannot have (RFC 9110 §8.6), stays out.
pub(super) fn encode(status: StatusCode, headers: &HeaderMap) -> Vec<u8> {
    let mut headers = Cow::Borrowed(headers);
    if !headers.is_empty() {
        remove_hop_by_hop(headers.to_mut());
    }
    let reason = status.canonical_reason().unwrap_or_default();
    let mut message = format!("HTTP/1.1 {} {reason}\r\n", status.as_str()).into_bytes();
    for (name, value) in headers.as_ref() {
        if name == CONTENT_LENGTH || name == CACHE_STATUS || name.as_str().starts_with(INTERNAL_PREFIX) {
            continue;
        }
        // Neither a name nor a value can hold a line's end.
        message.extend_from_slice(name.as_str().as_bytes());
        message.extend_from_slice(b": ");
        message.extend_from_slice(value.as_bytes());
        message.extend_from_slice(b"\r\n");
    }
    message.extend_from_slice(b"\r\n");
    message
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn only_what_is_meant_for_the_client_is_written() {
        let headers: HeaderMap = [
            ("link", "</a.css>; rel=preload"),
            ("link", "</b.js>; rel=preload"),
            ("connection", "x-hop"),
            ("x-hop", "1"),
            ("transfer-encoding", "chunked"),
            ("content-length", "5"),
            ("cache-status", "other; hit"),
            ("stepwell-position", "1-1"),
        ]
        .into_iter()
        .fold(HeaderMap::new(), |mut headers, (name, value)| {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
            headers
        });
        let written = String::from_utf8(encode(StatusCode::EARLY_HINTS, &headers)).unwrap();
        let hints = "link: </a.css>; rel=preload\r\nlink: </b.js>; rel=preload\r\n";
        assert_eq!(written, format!("HTTP/1.1 103 Early Hints\r\n{hints}\r\n"));
    }

    #[test]
    fn an_unknown_status_has_an_empty_reason() {
        let status = StatusCode::from_u16(199).unwrap();
        assert_eq!(encode(status, &HeaderMap::new()), b"HTTP/1.1 199 \r\n\r\n");
    }
}
