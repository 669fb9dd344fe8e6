//! Whether the bytes that are served are those of the content that their header names (RFC 9110 §14.4, §15.3.7).

use http::header::{CONTENT_LENGTH, DATE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, RANGE};
use http::{HeaderMap, Method, Response, StatusCode};
use stepwell_edge_core::cache::rfc9111::asked::Asked;

use super::{Portion, Witness, must};
use crate::content::Content;
use crate::plain::{self, ContentRange, Directives};
use bytes::Bytes;

impl Witness {
    /// Looks at status and body.
    pub(super) fn check_body(&self, asked: &Asked, request: &HeaderMap, response: &Response<Bytes>) {
        let (headers, body) = (response.headers(), response.body());
        let portion = self.content_of(headers).and_then(|(_, heard)| heard.portion);
        match response.status() {
            StatusCode::NOT_MODIFIED => {
                must(body.is_empty(), "RFC 9110 §15.4.5: 304 has no content", String::new);
                check_unchanged(request, headers);
            }
            StatusCode::PARTIAL_CONTENT => {
                let range = plain::content_range(headers);
                must(
                    asked.method == Method::GET && request.contains_key(RANGE),
                    "RFC 9110 §15.3.7: 206 answers a Range",
                    || format!("{range:?}"),
                );
                check_part(range, body, portion);
                check_asked_for(request, range);
            }
            StatusCode::RANGE_NOT_SATISFIABLE
                if self.content_status(headers) != Some(StatusCode::RANGE_NOT_SATISFIABLE) =>
            {
                check_unsatisfied(request, headers, body);
            }
            status if asked.method == Method::HEAD => {
                let length = plain::line(headers, &CONTENT_LENGTH).and_then(plain::number);
                must(body.is_empty(), "RFC 9110 §9.3.2: an answer to HEAD has no content", String::new);
                must(
                    status != StatusCode::NO_CONTENT || length.is_none(),
                    "RFC 9110 §8.6: 204 has no Content-Length",
                    String::new,
                );
                if let (Some(length), Some(portion)) = (length, portion) {
                    self.check_whole(length, portion.content);
                }
            }
            _ => {
                let Some(portion) = portion else { return };
                must(
                    portion.content.holds(0, body),
                    "RFC 9111 §3.4: a whole holds the bytes of its content",
                    || format!("{body:?} of {portion:?}"),
                );
                self.check_whole(body.len() as u64, portion.content);
            }
        }
    }

    fn content_status(&self, headers: &HeaderMap) -> Option<StatusCode> {
        self.content_of(headers).map(|(_, heard)| heard.status)
    }

    /// Some answer said that the content is so long.
    fn check_whole(&self, bytes: u64, content: Content) {
        let portions = self
            .heard
            .iter()
            .filter_map(|heard| heard.portion.filter(|p| p.content == content).zip(Some(heard.status)));
        let mut lengths = portions.map(|(portion, status)| {
            if status == StatusCode::PARTIAL_CONTENT { portion.complete } else { Some(portion.bytes as u64) }
        });
        must(
            lengths.any(|length| length == Some(bytes)),
            "RFC 9111 §3.3: nothing is served as whole that is not",
            || format!("{bytes} bytes"),
        );
    }
}

/// A 304 answers a condition that fails (RFC 9110 §13.1.2, §13.1.3; RFC 9111 §4.3.2).
fn check_unchanged(request: &HeaderMap, headers: &HeaderMap) {
    let rule = "RFC 9110 §15.4.5: 304 tells a client that it has the answer";
    let is_conditional = request.contains_key(IF_NONE_MATCH) || request.contains_key(IF_MODIFIED_SINCE);
    must(is_conditional, rule, String::new);
    let (tags, own) = (plain::line(request, &IF_NONE_MATCH), plain::line(headers, &ETAG));
    if let (Some(tags), Some(own)) = (tags, own) {
        must(tags.trim() == "*" || tags.contains(own.trim_start_matches("W/")), rule, || {
            format!("{tags}: {own}")
        });
    }
    let changed_s = plain::date_s(headers, &LAST_MODIFIED)
        .or_else(|| plain::date_s(headers, &DATE).filter(|_| !headers.contains_key(LAST_MODIFIED)));
    if let (None, Some(since_s), Some(changed_s)) =
        (tags, plain::date_s(request, &IF_MODIFIED_SINCE), changed_s)
    {
        must(changed_s <= since_s || request.contains_key(IF_NONE_MATCH), rule, || {
            format!("{since_s}, {changed_s}")
        });
    }
}

/// The bytes are those that `Content-Range` says.
fn check_part(range: Option<ContentRange>, body: &[u8], portion: Option<Portion>) {
    let rule = "RFC 9110 §15.3.7: 206 holds the bytes of its Content-Range";
    let Some(ContentRange::Bytes { first, last, .. }) = range else {
        return must(false, rule, || format!("{range:?}"));
    };
    must(last - first + 1 == body.len() as u64, rule, || format!("{range:?} for {} bytes", body.len()));
    must(portion.is_none_or(|portion| portion.content.holds(first, body)), rule, || {
        format!("{range:?} {portion:?}")
    });
}

/// They are those that were asked for.
fn check_asked_for(request: &HeaderMap, range: Option<ContentRange>) {
    let (Some((first, last)), Some(ContentRange::Bytes { first: from, last: to, complete })) =
        (wanted(request), range)
    else {
        return;
    };
    let end = complete.map_or(u64::MAX, |complete| complete - 1);
    must(from == first && to == last.min(end), "RFC 9110 §14.2: the range that was asked for", || {
        format!("{first}-{last}: {range:?}")
    });
}

fn check_unsatisfied(request: &HeaderMap, headers: &HeaderMap, body: &[u8]) {
    let rule = "RFC 9110 §15.5.17: 416 says how long the content is, which the range lies behind";
    let range = plain::content_range(headers);
    let directives = Directives::governing(headers).unwrap_or_default();
    must(directives.has("no-store"), "RFC 9111 §3: what answers one range is kept by nobody", || {
        format!("{headers:?}")
    });
    let Some(ContentRange::Unsatisfied { complete }) = range else {
        return must(false, rule, || format!("{range:?}"));
    };
    must(body.is_empty() && wanted(request).is_none_or(|(first, _)| first >= complete), rule, || {
        format!("{range:?}")
    });
}

/// The one range of positions that a plain `Range` asks for.
fn wanted(request: &HeaderMap) -> Option<(u64, u64)> {
    let (first, last) = plain::line(request, &RANGE)?.strip_prefix("bytes=")?.split_once('-')?;
    Some((plain::number(first)?, plain::number(last)?))
}
