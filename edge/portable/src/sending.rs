//! A request on its way to the origin: with what the edge knows of its client, and signed where the origin asks for that.

use http::header::{CONTENT_LENGTH, COOKIE, FORWARDED, HOST};
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use stepwell_shared::edge_signature::sign;
use stepwell_shared::forwarded::Forwarded;
use stepwell_shared::headers::{PURPOSE, PURPOSE_EDGE};

use crate::Road;
use crate::body::Sent;
use crate::host::{Host, Unanswered};

/// Whom an edge asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum For {
    /// Its client, who asked this host.
    Client,
    /// Itself: its store, the log, the briefing.
    Edge,
}

impl<H: Host> Road<H> {
    /// Asks the origin, for its client or for the edge itself.
    pub(crate) async fn ask(
        &self,
        request: Request<Sent<H::Body>>,
        whom: For,
    ) -> Result<Response<H::Body>, Unanswered> {
        let (mut head, body) = request.into_parts();
        if matches!(body, Sent::Nothing) {
            say_that_nothing_comes(&head.method, &mut head.headers);
        }
        if let Some(identity) = &self.instance.identity {
            self.tell_of_client(&mut head.headers, whom);
            join_cookies(&mut head.headers);
            sign(&mut head, &identity.name, &identity.key, self.now());
        }
        self.host.ask(Request::from_parts(head, body)).await
    }

    /// Says whose request it is, in place of whatever came from outside.
    fn tell_of_client(&self, headers: &mut HeaderMap, whom: For) {
        headers.remove(FORWARDED);
        headers.remove(PURPOSE);
        // The origin has a name of its own, by which the host asks it.
        let host = headers.remove(HOST).and_then(|host| host.to_str().ok().map(str::to_owned));
        if whom == For::Edge {
            headers.insert(PURPOSE, HeaderValue::from_static(PURPOSE_EDGE));
            return;
        }
        let client = self.host.client();
        let forwarded = Forwarded { client: client.address, host, is_secure: client.is_secure };
        if let Some(value) = forwarded.to_value() {
            headers.insert(FORWARDED, value);
        }
    }
}

/// Hosts say so of their own accord where a method could have a body (RFC 9110 §8.6), and a signature covers what is said.
fn say_that_nothing_comes(method: &Method, headers: &mut HeaderMap) {
    if method == Method::GET || method == Method::HEAD {
        headers.remove(CONTENT_LENGTH);
    } else {
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
}

/// Whoever translates between versions of HTTP joins cookies (RFC 9113 §8.2.3), and a signature covers them.
fn join_cookies(headers: &mut HeaderMap) {
    let crumbs: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if crumbs.len() < 2 {
        return;
    }
    // Values of fields, joined by what a field may hold.
    if let Ok(joined) = HeaderValue::from_bytes(&crumbs.join(&b"; "[..])) {
        headers.insert(COOKIE, joined);
    }
}
