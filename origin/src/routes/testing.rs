//! An origin in a folder of its own, asked without a network.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use stepwell_shared::routes::RouteTable;
use stepwell_shared::time::Timestamp;
use tower::ServiceExt as _;

use crate::app::App;
use crate::clock::Clock;
use crate::collections::Collections;
use crate::config::Config;
use crate::config::access::Argon2;
use crate::config::document::Document;

/// When the clock of every test origin stands.
pub const NOW: Timestamp = Timestamp::from_ms(1_800_000_000_000);

/// A running origin.
pub struct Origin {
    /// What its routes share.
    pub app: Arc<App>,
    /// Its clock, which stands still.
    pub clock: Clock,
    /// Its data folder.
    pub folder: tempfile::TempDir,
    router: Router,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

/// A request under construction.
pub struct Ask<'o> {
    router: &'o Router,
    request: Request<Body>,
}

impl Origin {
    /// An origin with these collections and nothing in its database.
    pub async fn start(collections: Collections) -> Self {
        Self::open(collections, tempfile::tempdir().unwrap(), Clock::standing_at(NOW)).await
    }

    /// The same origin after a stop and a start.
    pub async fn restart(self) -> Self {
        let collections = self.app.collections.clone();
        self.restart_with(collections).await
    }

    /// The same with other declarations.
    pub async fn restart_with(self, collections: Collections) -> Self {
        self.app.database.close().await;
        let Self { app, clock, folder, router } = self;
        drop((app, router));
        Self::open(collections, folder, clock).await
    }

    async fn open(collections: Collections, folder: tempfile::TempDir, clock: Clock) -> Self {
        let mut config = Config::read(Document::default(), [], &[]).unwrap();
        config.data.folder = folder.path().join("data");
        // Below OWASP's minimum, which configuration refuses: tests need not be slow.
        config.access.argon2 = Argon2 { memory_kib: 64, iterations: 1, concurrency: 2 };
        let app = App::open(&config, collections, RouteTable::fixed(), clock.clone()).await.unwrap();
        Self { router: crate::routes::router(app.clone()), app, clock, folder }
    }

    /// A request, to be sent with [`Ask::send`].
    pub fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        Ask { router: &self.router, request }
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path).send().await
    }

    /// `POST` with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(Method::POST, path).json(body).send().await
    }

    /// Signs up and in. Returns the access token.
    pub async fn token(&self, email: &str) -> String {
        let credentials = json!({ "email": email, "password": "correct horse battery" });
        assert_eq!(self.post("/v1/accounts", &credentials).await.status, StatusCode::CREATED);
        let session = self.post("/v1/sessions", &credentials).await.json();
        session["access_token"].as_str().unwrap().to_owned()
    }
}

impl Ask<'_> {
    /// Adds a header.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.request.headers_mut().append(name, HeaderValue::from_str(value).unwrap());
        self
    }

    /// Adds a bearer token.
    pub fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// Gives it a JSON body.
    pub fn json(self, body: &Value) -> Self {
        let mut ask = self.header(CONTENT_TYPE.as_str(), "application/json");
        *ask.request.body_mut() = Body::from(body.to_string());
        ask
    }

    /// Gives it what only this process can.
    pub fn extension(mut self, extension: impl Clone + Send + Sync + 'static) -> Self {
        self.request.extensions_mut().insert(extension);
        self
    }

    /// Sends it; the body is yet to be read.
    pub async fn open(self) -> http::Response<Body> {
        self.router.clone().oneshot(self.request).await.unwrap()
    }

    /// Sends it and reads the answer.
    pub async fn send(self) -> Answer {
        let (head, body) = self.open().await.into_parts();
        Answer { status: head.status, headers: head.headers, body: body.collect().await.unwrap().to_bytes() }
    }
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The code of a problem.
    pub fn code(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        self.json()["code"].as_str().unwrap().to_owned()
    }
}
