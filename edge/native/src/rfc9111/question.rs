//! A request on its way to the origin.

use std::sync::Arc;

use http::header::{CONNECTION, TE, TRAILER};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use http_body::Body as _;
use stepwell_edge_core::cache::rfc9111::asked::Asked;
use stepwell_edge_core::cache::rfc9111::reuse::How;
use stepwell_edge_core::cache::rfc9111::sent::{self, Client};
use stepwell_edge_core::cache::rfc9111::stored::Stored;

use crate::body::Body;
use crate::connection::{ClientAddress, Connection};
use crate::interim::Interim;

/// All that is known of a request. It may outlive it: an answer that others wait for is read to its end.
#[derive(Clone)]
pub(super) struct Question {
    pub(super) asked: Arc<Asked>,
    /// The header as the client sent it.
    pub(super) header: Arc<HeaderMap>,
    target: Uri,
    client: Client,
    /// Where interim answers go; nowhere for requests of the cache's own.
    interim: Option<Interim>,
}

impl Question {
    pub(super) fn of(asked: Asked, head: Parts, connection: &Connection) -> Self {
        let interim = connection.interims.as_ref().and_then(|interims| interims.open(head.version));
        let ClientAddress(address) = connection.client(&head.headers);
        let client =
            Client { address: Some(address), version: head.version, is_secure: connection.is_secure };
        Self { asked: Arc::new(asked), header: Arc::new(head.headers), target: head.uri, client, interim }
    }

    /// The same, asked by the cache for itself: for the whole, whatever of it the client wanted, and without anybody to
    /// tell in between.
    pub(super) fn for_the_cache(mut self) -> Self {
        let mut asked = Asked::clone(&self.asked);
        asked.method = Method::GET;
        self.asked = Arc::new(asked);
        let mut header = HeaderMap::clone(&self.header);
        header.remove(http::header::RANGE);
        header.remove(http::header::IF_RANGE);
        self.header = Arc::new(header);
        self.interim = None;
        self
    }

    /// The request to send.
    pub(super) fn request(&self, how: How, stored: Option<&Stored>, body: Body) -> Request<Body> {
        let mut request = Request::new(body);
        request.method_mut().clone_from(&self.asked.method);
        *request.uri_mut() = self.target.path_and_query().cloned().map_or_else(Uri::default, Uri::from);
        *request.headers_mut() = sent::headers(&self.asked, &self.header, self.client, how, stored);
        if let Some(interim) = &self.interim {
            interim.relay(&mut request);
        }
        if !request.body().is_end_stream() {
            // What comes behind the body is sent on where it was announced (RFC 9110 §6.6.2).
            for trailer in self.header.get_all(TRAILER) {
                request.headers_mut().append(TRAILER, trailer.clone());
            }
        }
        if takes_trailers(&self.header) {
            // Both are fields of one connection: this is a new one.
            request.headers_mut().insert(TE, HeaderValue::from_static("trailers"));
            request.headers_mut().insert(CONNECTION, HeaderValue::from_static("te"));
        }
        request
    }
}

fn takes_trailers(header: &HeaderMap) -> bool {
    let lines = header.get_all(TE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|member| member.trim().eq_ignore_ascii_case("trailers"))
}
