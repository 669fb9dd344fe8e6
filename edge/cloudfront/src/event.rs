//! The events that CloudFront sends to Lambda@Edge, and what it takes back: the shapes of "Lambda@Edge event structure" in
//! CloudFront's developer guide. Members that nothing here reads are kept and handed back as they came.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Header fields by lower-case name.
pub type Fields = BTreeMap<String, Vec<Field>>;

/// One line of a header field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The name as it is sent; where absent, the name that it is filed under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The value.
    pub value: String,
}

/// What a handler is called with. There is always one record.
#[derive(Clone, Debug, Deserialize)]
pub struct Event {
    /// The records.
    #[serde(rename = "Records")]
    pub records: [Record; 1],
}

/// A record of an event.
#[derive(Clone, Debug, Deserialize)]
pub struct Record {
    /// What CloudFront says.
    pub cf: Occasion,
}

/// A request on its way, and its answer where there is one already.
#[derive(Clone, Debug, Deserialize)]
pub struct Occasion {
    /// Which distribution and request this is.
    pub config: Distribution,
    /// The request.
    pub request: Request,
    /// The origin's answer, in an origin-response event.
    #[serde(default)]
    pub response: Option<Response>,
}

/// The distribution that asks.
#[derive(Clone, Debug, Deserialize)]
pub struct Distribution {
    /// Names the request within CloudFront. Opaque.
    #[serde(rename = "requestId", default)]
    pub request_id: String,
}

/// A request, as it comes and as it is handed back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// The viewer's address.
    #[serde(rename = "clientIp", default, skip_serializing_if = "String::is_empty")]
    pub client_ip: String,
    /// Header fields.
    pub headers: Fields,
    /// The method.
    pub method: String,
    /// The query, without `?`.
    #[serde(default)]
    pub querystring: String,
    /// The path.
    pub uri: String,
    /// `body`, `origin`, and what CloudFront may add.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// An answer, as it comes from an origin and as it is handed back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Response {
    /// Three digits.
    pub status: String,
    /// The reason phrase.
    #[serde(rename = "statusDescription", default)]
    pub status_description: String,
    /// Header fields.
    #[serde(default)]
    pub headers: Fields,
    /// In an answer that a handler makes: the whole body, as text. Absent, the origin's body stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// What a handler of a request gives back: the request goes on, or this is the answer.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Returned {
    /// Goes on to the cache, or to the origin.
    Request(Box<Request>),
    /// Is answered.
    Response(Response),
}
