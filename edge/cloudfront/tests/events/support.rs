//! A function, people with tokens, and events.

use ed25519_dalek::SigningKey;
use serde_json::{Value, json};
use stepwell_edge_cloudfront::baked::Package;
use stepwell_edge_cloudfront::event::{self, Event, Occasion};
use stepwell_edge_cloudfront::function::{Function, head};
use stepwell_edge_cloudfront::{origin_request, origin_response, viewer_request};
use stepwell_shared::api::edge::Jwk;
use stepwell_shared::claims::{self, Claims};
use stepwell_shared::edge_signature::{EdgeKeys, EdgeName, Unsigned, verify};
use stepwell_shared::ids::Id;
use stepwell_shared::routes::{Access, Class, Parameter, Route, RouteTable, Verb};
use stepwell_shared::time::Timestamp;

/// What time it is in all of these tests.
pub(crate) const NOW: Timestamp = Timestamp::from_ms(1_000_000);

/// What this edge and its origin share.
const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

pub(crate) struct World {
    pub(crate) function: Function,
    key: SigningKey,
}

impl World {
    /// An instance that has caught up with a log of ten purges, of which none revokes anything.
    pub(crate) fn new() -> Self {
        let key = SigningKey::from_bytes(&[7; 32]);
        let package = json!({"origin": "https://origin.example", "name": "cdn", "key": KEY, "briefing": {
            "revision": "one", "routes": table(), "audience": "here", "position": {"epoch": 1, "sequence": 10},
            "jwks": {"keys": [Jwk::of(claims::key_id(&key.verifying_key()), &key.verifying_key())]}}});
        let package = Package::read(&package.to_string()).unwrap();
        let mut function = Function::new(package, 1).unwrap();
        assert_eq!(function.question(NOW).unwrap().target, "/v1/purges?since=oldest-token");
        assert!(!function.take("", &page(&json!([]), 0, 10), NOW).unwrap());
        Self { function, key }
    }

    /// A token of an account, issued when the log stood at 10.
    pub(crate) fn token(&self, account: u16) -> String {
        let claims = Claims {
            aud: "here".into(),
            sub: id(account),
            iat: NOW.as_secs(),
            exp: NOW.as_secs() + 60,
            pos: "1-a".into(),
            sid: None,
            roles: Vec::new(),
            scope: None,
        };
        claims::sign(&claims, &self.key)
    }

    pub(crate) fn viewer(&self, method: &str, target: &str, fields: &[(&str, &str)]) -> Value {
        let occasion = occasion(&json!({"request": request(method, target, fields)}));
        serde_json::to_value(viewer_request::handle(&self.function, occasion, NOW)).unwrap()
    }

    /// What an origin that knows this edge takes the request for, as CloudFront sends it.
    pub(crate) fn verified(request: &Value) -> Result<EdgeName, Unsigned> {
        let request: event::Request = serde_json::from_value(request.clone()).unwrap();
        let mut keys = EdgeKeys::default();
        keys.insert("cdn".parse().unwrap(), KEY.parse().unwrap()).unwrap();
        verify(&head(&request).unwrap(), &keys, NOW)
    }

    /// What the origin is sent for what the cache did not have.
    pub(crate) fn miss(&self, request: &Value) -> Value {
        let occasion = occasion(&json!({"request": request}));
        serde_json::to_value(origin_request::handle(&self.function, occasion, NOW)).unwrap()
    }

    /// What CloudFront gets of the origin's answer.
    pub(crate) fn answer(&self, request: &Value, status: &str, fields: &[(&str, &str)]) -> Value {
        let response = json!({"status": status, "statusDescription": "", "headers": headers(fields)});
        let occasion = occasion(&json!({"request": request, "response": response}));
        serde_json::to_value(origin_response::handle(&self.function, occasion, NOW).unwrap()).unwrap()
    }
}

fn table() -> RouteTable {
    RouteTable {
        routes: vec![
            Route::at("/posts").with_parameters(
                Verb::Get,
                Access::Anyone,
                Class::Public,
                vec![Parameter::named("limit"), Parameter::named("sort")],
            ),
            Route::at("/notes").with(Verb::Get, Access::SignedIn, Class::PerCaller).with(
                Verb::Post,
                Access::SignedIn,
                Class::NoStore,
            ),
            Route::at("/notes/{id}").with(Verb::Get, Access::SignedIn, Class::Authorised),
            Route::at("/me").with(Verb::Get, Access::SignedIn, Class::NoStore),
        ],
        any_other: false,
    }
}

pub(crate) fn id(n: u16) -> Id {
    Id::new(Timestamp::from_ms(0), 0, n)
}

/// A page of the purge log.
pub(crate) fn page(purges: &Value, after: u64, through: u64) -> String {
    json!({"epoch": 1, "after": after, "through": through, "head": through, "floor": 0, "purges": purges})
        .to_string()
}

fn request(method: &str, target: &str, fields: &[(&str, &str)]) -> Value {
    let (uri, querystring) = target.split_once('?').unwrap_or((target, ""));
    let fields =
        [&[("host", "d111111abcdef8.cloudfront.net"), ("via", "2.0 x (CloudFront)")], fields].concat();
    json!({"clientIp": "203.0.113.178", "headers": headers(&fields), "method": method, "querystring": querystring, "uri": uri})
}

fn headers(fields: &[(&str, &str)]) -> Value {
    let one = |(name, value): &(&str, &str)| ((*name).to_owned(), json!([{"key": name, "value": value}]));
    Value::Object(fields.iter().map(one).collect())
}

fn occasion(members: &Value) -> Occasion {
    let mut cf = json!({"config": {"distributionDomainName": "d111111abcdef8.cloudfront.net",
        "distributionId": "EDFDVBD6EXAMPLE", "eventType": "viewer-request", "requestId": "4TyzHTaYWb1GX1qTfsHhEq=="}});
    for (name, value) in members.as_object().unwrap() {
        cf[name] = value.clone();
    }
    let event: Event = serde_json::from_value(json!({"Records": [{"cf": cf}]})).unwrap();
    let [record] = event.records;
    record.cf
}

/// The value of a field that has one line.
pub(crate) fn field<'v>(message: &'v Value, name: &str) -> Option<&'v str> {
    let lines = message["headers"].get(name)?.as_array().unwrap();
    assert_eq!(lines.len(), 1, "{name}");
    lines[0]["value"].as_str()
}
