//! What an edge of ours adds to a request, so that the origin knows it for one.

use http::header::{ACCEPT, FORWARDED, HOST};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use stepwell_shared::edge_signature::{EdgeKey, EdgeName, sign};
use stepwell_shared::forwarded::Forwarded;
use stepwell_shared::headers::{PURPOSE, PURPOSE_EDGE};
use stepwell_shared::time::Timestamp;

/// This edge's name, and the key that it shares with its origin.
#[derive(Clone, Debug)]
pub struct Signer {
    /// As the origin knows it.
    pub name: EdgeName,
    /// Only the two of them have it.
    pub key: EdgeKey,
}

impl Signer {
    /// Says whose request it is, in place of whatever came from outside, and signs it. `client` is the viewer's address
    /// as CloudFront says it. Viewers speak TLS: the generated behaviours send all others there.
    pub fn vouch(&self, head: &mut Parts, client: &str, is_edges_own: bool, now: Timestamp) {
        head.headers.remove(FORWARDED);
        head.headers.remove(PURPOSE);
        if is_edges_own {
            head.headers.insert(PURPOSE, HeaderValue::from_static(PURPOSE_EDGE));
        }
        if let Ok(client) = client.parse() {
            let host = head.headers.get(HOST).and_then(|host| host.to_str().ok()).map(str::to_owned);
            let forwarded = Forwarded { client: Some(client), host, is_secure: true }.to_value();
            head.headers.extend(forwarded.map(|value| (FORWARDED, value)));
        }
        sign(head, &self.name, &self.key, now);
    }

    /// The header of a question that the edge asks for itself.
    pub fn own_question(&self, target: &str, now: Timestamp) -> HeaderMap {
        let (mut head, ()) = Request::new(()).into_parts();
        head.method = Method::GET;
        head.uri = target.parse::<Uri>().unwrap_or_default();
        // `fetch` would add one of its own behind the signature.
        head.headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        self.vouch(&mut head, "", true, now);
        head.headers
    }
}
