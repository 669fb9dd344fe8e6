use axum::body::Body;
use axum::extract::Request as AxumRequest;
use axum::routing::any;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use stepwell_shared::edge_signature::{EdgeKey, sign};
use stepwell_shared::limits::EDGE_SIGNATURE_SKEW_MAX_S;
use stepwell_shared::time::Timestamp;
use tower::ServiceExt as _;

use super::*;

const NOW: Timestamp = Timestamp::from_ms(1_800_000_000_000);

fn key(digit: &str) -> EdgeKey {
    digit.repeat(64).parse().unwrap()
}

/// Says what it was told of where a request comes from.
async fn told(request: AxumRequest) -> String {
    let edge = request.extensions().get::<FromEdge>().map(|edge| edge.name.clone());
    let client = request.extensions().get::<ClientAddress>().map(|client| client.0.to_string());
    let host = request.headers().get(HOST).map(|host| host.to_str().unwrap().to_owned());
    [edge, client, host].map(|said| said.unwrap_or("-".into())).join(" ")
}

/// Asks an origin that knows the edge `one` by the key `a`.
async fn ask(request: Request<Body>) -> (StatusCode, String) {
    let mut keys = EdgeKeys::default();
    keys.insert("one".parse().unwrap(), key("a")).unwrap();
    let routes = Router::new().fallback(any(told));
    let origin = for_edges(routes, keys, Clock::standing_at(NOW));
    let answer = origin.oneshot(request).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn request(fields: &[(&'static str, &'static str)]) -> Request<Body> {
    let mut request = Request::post("/v1/sessions").header(HOST, "10.0.0.1");
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

fn signed_by(digit: &str, at: Timestamp, request: Request<Body>) -> Request<Body> {
    let (mut head, body) = request.into_parts();
    sign(&mut head, &"one".parse().unwrap(), &key(digit), at);
    Request::from_parts(head, body)
}

async fn is_refused(request: Request<Body>) -> bool {
    let (status, body) = ask(request).await;
    status == StatusCode::FORBIDDEN && body.contains("\"code\":\"unknown-edge\"")
}

#[tokio::test]
async fn what_an_edge_says_of_its_client_counts() {
    let said = [("forwarded", "for=192.0.2.7;host=\"example.com\";proto=https")];
    assert_eq!(ask(signed_by("a", NOW, request(&said))).await.1, "- 192.0.2.7 example.com");
    let own = [("stepwell-purpose", "edge")];
    assert_eq!(ask(signed_by("a", NOW, request(&own))).await.1, "one - 10.0.0.1");
    let other = [("stepwell-purpose", "client"), ("x-forwarded-for", "192.0.2.8")];
    assert_eq!(ask(signed_by("a", NOW, request(&other))).await.1, "- - 10.0.0.1");
}

#[tokio::test]
async fn what_is_not_signed_is_refused_but_for_what_balancers_ask() {
    assert!(is_refused(request(&[])).await);
    for path in OPEN {
        let asked = |method: Method| Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        assert_eq!(ask(asked(Method::GET)).await.0, StatusCode::OK);
        assert!(is_refused(asked(Method::POST)).await);
    }
    assert!(is_refused(Request::get("/healthz/../v1/x").body(Body::empty()).unwrap()).await);
}

#[tokio::test]
async fn nobody_becomes_an_edge_by_saying_so() {
    let claims = [("stepwell-purpose", "edge"), ("forwarded", "for=192.0.2.7;proto=https")];
    assert!(is_refused(request(&claims)).await);
    assert!(is_refused(signed_by("b", NOW, request(&claims))).await);
    let late = NOW.plus_ms((EDGE_SIGNATURE_SKEW_MAX_S + 1) * 1000);
    assert!(is_refused(signed_by("a", late, request(&claims))).await);
    let mut promoted = signed_by("a", NOW, request(&[]));
    promoted.headers_mut().insert(PURPOSE, HeaderValue::from_static(PURPOSE_EDGE));
    assert!(is_refused(promoted).await);
}

#[tokio::test]
async fn a_form_of_forwarded_that_is_not_ours_is_refused() {
    for other in ["for=192.0.2.7", "for=192.0.2.7;proto=https, for=192.0.2.8;proto=https"] {
        assert!(is_refused(signed_by("a", NOW, request(&[("forwarded", other)]))).await, "{other}");
    }
}
