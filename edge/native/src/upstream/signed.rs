//! An origin that takes requests of its edges alone: each goes signed, with what the edge knows of its client.

use std::sync::Arc;

use http::header::{CONTENT_LENGTH, COOKIE, FORWARDED, HOST};
use http::request::Parts;
use http::{HeaderValue, Request};
use http_body::Body as _;
use stepwell_shared::edge_signature::{EdgeKey, EdgeName, sign};
use stepwell_shared::forwarded::Forwarded;
use stepwell_shared::headers::{PURPOSE, PURPOSE_EDGE};

use super::{EdgesOwn, Sending, Upstream};
use crate::body::Body;
use crate::{ClientAddress, Clock};

/// Who signs.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The edge's name.
    pub name: EdgeName,
    /// What it shares with the origin.
    pub key: EdgeKey,
    /// Whether its clients speak TLS with it.
    pub is_secure: bool,
}

/// Signs what goes to `upstream`.
pub struct Signed<U> {
    upstream: Arc<U>,
    signer: Signer,
    clock: Clock,
}

impl<U: Upstream> Signed<U> {
    /// The upstream, with every request signed at the time that the clock says.
    pub fn new(upstream: U, signer: Signer, clock: Clock) -> Self {
        Self { upstream: Arc::new(upstream), signer, clock }
    }
}

impl<U: Upstream> Upstream for Signed<U> {
    fn send(&self, request: Request<Body>) -> Sending {
        let (mut head, body) = request.into_parts();
        tell_of_client(&mut head, self.signer.is_secure);
        // All that a signature covers is said before: what would be added or joined on its way.
        say_length(&mut head, &body);
        join_cookies(&mut head);
        sign(&mut head, &self.signer.name, &self.signer.key, (self.clock)());
        self.upstream.send(Request::from_parts(head, body))
    }
}

/// Says whose request it is, in place of whatever came from outside.
fn tell_of_client(head: &mut Parts, is_secure: bool) {
    head.headers.remove(FORWARDED);
    head.headers.remove(PURPOSE);
    if head.extensions.get::<EdgesOwn>().is_some() {
        head.headers.insert(PURPOSE, HeaderValue::from_static(PURPOSE_EDGE));
    }
    let Some(ClientAddress(client)) = head.extensions.get().copied() else { return };
    let host = head.headers.get(HOST).and_then(|host| host.to_str().ok()).map(str::to_owned);
    if let Some(value) = (Forwarded { client: Some(client), host, is_secure }).to_value() {
        head.headers.insert(FORWARDED, value);
    }
}

/// hyper would add it to the body of a known length.
fn say_length(head: &mut Parts, body: &Body) {
    let exact = body.size_hint().exact().filter(|_| !body.is_end_stream());
    if let Some(bytes) = exact
        && !head.headers.contains_key(CONTENT_LENGTH)
    {
        head.headers.insert(CONTENT_LENGTH, bytes.into());
    }
}

/// Whoever translates between versions of HTTP joins cookies (RFC 9113 §8.2.3).
fn join_cookies(head: &mut Parts) {
    let crumbs: Vec<&[u8]> = head.headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if crumbs.len() < 2 {
        return;
    }
    // Values of fields, joined by what a field may hold.
    if let Ok(joined) = HeaderValue::from_bytes(&crumbs.join(&b"; "[..])) {
        head.headers.insert(COOKIE, joined);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use bytes::Bytes;
    use http::Response;
    use stepwell_shared::edge_signature::{EdgeKeys, Unsigned, verify};
    use stepwell_shared::time::Timestamp;

    use super::*;
    use crate::body::whole;

    const NOW: Timestamp = Timestamp::from_ms(1_800_000_000_000);

    /// Keeps the head of the last request.
    #[derive(Default)]
    struct Kept(Mutex<Option<Parts>>);

    impl Upstream for Kept {
        fn send(&self, request: Request<Body>) -> Sending {
            *self.0.lock().unwrap() = Some(request.into_parts().0);
            Box::pin(async { Ok(Response::new(whole(Bytes::new()))) })
        }
    }

    fn key() -> EdgeKey {
        "a".repeat(64).parse().unwrap()
    }

    async fn sent(request: http::request::Builder, body: &'static str) -> Parts {
        let signer = Signer { name: "one".parse().unwrap(), key: key(), is_secure: true };
        let signed = Signed::new(Kept::default(), signer, Arc::new(|| NOW));
        signed.send(request.body(whole(Bytes::from_static(body.as_bytes()))).unwrap()).await.unwrap();
        signed.upstream.0.lock().unwrap().take().unwrap()
    }

    fn verified(head: &Parts) -> Result<EdgeName, Unsigned> {
        let mut keys = EdgeKeys::default();
        keys.insert("one".parse().unwrap(), key()).unwrap();
        verify(head, &keys, NOW)
    }

    #[tokio::test]
    async fn what_a_client_claims_is_replaced_by_what_the_edge_knows() {
        let request = Request::post("/v1/sessions")
            .header(HOST, "example.com")
            .header(FORWARDED, "for=10.0.0.1")
            .header(PURPOSE, PURPOSE_EDGE)
            .header("signature-input", "stepwell=()")
            .header("signature", "stepwell=:AAAA:")
            .header(COOKIE, "a=1")
            .header(COOKIE, "b=2")
            .extension(ClientAddress("192.0.2.7".parse().unwrap()));
        let head = sent(request, "{}").await;
        assert_eq!(verified(&head).unwrap().as_str(), "one");
        assert_eq!(head.headers[FORWARDED], "for=192.0.2.7;host=\"example.com\";proto=https");
        assert!(!head.headers.contains_key(PURPOSE));
        assert_eq!(
            (&head.headers[COOKIE], &head.headers[CONTENT_LENGTH]),
            (&HeaderValue::from_static("a=1; b=2"), &HeaderValue::from_static("2"))
        );
    }

    #[tokio::test]
    async fn what_the_edge_asks_for_itself_says_so() {
        let head = sent(Request::get("/v1/purges?after=1").extension(EdgesOwn), "").await;
        verified(&head).unwrap();
        assert_eq!(head.headers[PURPOSE], PURPOSE_EDGE);
        assert!(!head.headers.contains_key(FORWARDED) && !head.headers.contains_key(CONTENT_LENGTH));
    }
}
