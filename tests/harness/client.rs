//! A small HTTP client: pooled connections that are kept alive, JSON in and out.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use stepwell_shared::bookmark::Position;
use stepwell_shared::headers::BOOKMARK;

use crate::answer::Answer;
use crate::people::Person;

/// An answer that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(30);
/// Servers close connections that rest; one that may be closing is not used.
const REST_MAX: Duration = Duration::from_secs(5);

type Connections = Pool<HttpConnector, Full<Bytes>>;

/// Talks to one server.
#[derive(Clone, Debug)]
pub struct Client {
    connections: Arc<Mutex<Connections>>,
    server: SocketAddr,
}

/// A request that got no answer, or half of one.
#[derive(Debug)]
pub struct Unanswered {
    /// The request and what went wrong.
    pub what: String,
}

/// A request in the making.
#[must_use = "a request does nothing until it is sent"]
#[derive(Clone, Debug)]
pub struct Request {
    client: Client,
    method: Method,
    target: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl Client {
    /// Connects when it is first used.
    pub fn new(server: SocketAddr) -> Self {
        Self { connections: Arc::new(Mutex::new(connections())), server }
    }

    /// Lets go of its connections and those of its clones: the server that they led to is gone.
    pub fn reconnect(&self) {
        *self.connections() = connections();
    }

    fn connections(&self) -> MutexGuard<'_, Connections> {
        self.connections.lock().expect("no holder of the lock fails")
    }

    /// A request to read.
    pub fn get(&self, target: &str) -> Request {
        self.request(Method::GET, target)
    }

    /// A request to create or act.
    pub fn post(&self, target: &str, body: &Value) -> Request {
        self.request(Method::POST, target).json(body)
    }

    /// A request to change in part.
    pub fn patch(&self, target: &str, body: &Value) -> Request {
        self.request(Method::PATCH, target).json(body)
    }

    /// A request to remove.
    pub fn delete(&self, target: &str) -> Request {
        self.request(Method::DELETE, target)
    }

    /// A request of any method.
    pub fn request(&self, method: Method, target: &str) -> Request {
        Request {
            client: self.clone(),
            method,
            target: target.to_owned(),
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }
}

impl Request {
    /// With a header field.
    pub fn header(mut self, name: impl TryInto<HeaderName>, value: &str) -> Self {
        let name = name.try_into().ok().expect("tests write header names right");
        self.headers.push((name, value.parse().expect("tests write header values right")));
        self
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.header(CONTENT_TYPE, "application/json").raw_body(body.to_string())
    }

    /// With any body.
    pub fn raw_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// With an access token.
    pub fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION, &format!("Bearer {token}"))
    }

    /// As somebody who is signed in.
    pub fn signed_in(self, person: &Person) -> Self {
        self.bearer(&person.token)
    }

    /// As somebody who has seen this position.
    pub fn bookmark(self, position: Position) -> Self {
        self.header(BOOKMARK, &position.to_string())
    }

    /// Sends it, and reads the answer to its end.
    pub async fn send(self) -> Answer {
        self.try_send().await.unwrap_or_else(|unanswered| panic!("{}", unanswered.what))
    }

    /// Sends it to a server that may be killed meanwhile.
    pub async fn try_send(self) -> Result<Answer, Unanswered> {
        let what = format!("{} {}", self.method, self.target);
        let hangs = Unanswered { what: format!("{what}: no whole answer within {PATIENCE:?}") };
        tokio::time::timeout(PATIENCE, self.exchange(what)).await.unwrap_or(Err(hangs))
    }

    async fn exchange(self, what: String) -> Result<Answer, Unanswered> {
        let unanswered =
            |error: &dyn std::error::Error| Unanswered { what: format!("{what}: {}", causes(error)) };
        let uri = format!("http://{}{}", self.client.server, self.target);
        let mut request = http::Request::builder().method(self.method).uri(uri);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(self.body)).expect("tests write targets right");
        let connections = self.client.connections().clone();
        let response = connections.request(request).await.map_err(|error| unanswered(&error))?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| unanswered(&error))?.to_bytes();
        Ok(Answer { status: head.status, headers: head.headers, body, what })
    }
}

fn connections() -> Connections {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    Pool::builder(TokioExecutor::new()).pool_idle_timeout(REST_MAX).build(connector)
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
