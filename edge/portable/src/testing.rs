//! A host for tests: a store and an origin in memory, and a clock that stands until it is told.

mod chunks;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use futures_util::FutureExt as _;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body as _;
use stepwell_shared::api::edge::{EdgeBriefing, Jwk, JwkSet};
use stepwell_shared::api::purges::{Purge, PurgePage};
use stepwell_shared::bookmark::{Epoch, Position};
use stepwell_shared::claims::{self, Claims};
use stepwell_shared::edge_signature::{EdgeKeys, verify};
use stepwell_shared::routes::{Access, Class, Route, RouteTable, Verb};
use stepwell_shared::time::Timestamp;

use crate::body::{AnswerBody, Sent};
use crate::{Client, Host, Identity, Instance, Origin, Unanswered};
pub(crate) use chunks::Chunks;

const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
/// The record of the routes below.
pub(crate) const POST: &str = "/v1/posts/0000000000007";
pub(crate) const NOTE: &str = "/v1/notes/0000000000007";

type Answering = Box<dyn Fn(&Parts) -> Response<Chunks>>;

/// All that lies outside of an edge.
pub(crate) struct World {
    now: Cell<u64>,
    store: RefCell<HashMap<String, Bytes>>,
    behind: RefCell<Vec<Pin<Box<dyn Future<Output = ()>>>>>,
    answers: RefCell<Answering>,
    /// Targets that the origin was asked for, but for the log and the briefing.
    asked: RefCell<Vec<String>>,
    /// How often it was asked for the log.
    polls: Cell<usize>,
    purges: RefCell<Vec<Purge>>,
    is_down: Cell<bool>,
    revision: Cell<u32>,
    signing: SigningKey,
}

/// A host in the world.
#[derive(Clone)]
pub(crate) struct Fake(pub(crate) Rc<World>);

/// An edge in the world.
pub(crate) struct Tested {
    pub(crate) world: Rc<World>,
    instance: Rc<Instance>,
}

impl World {
    pub(crate) fn new(answers: impl Fn(&Parts) -> Response<Chunks> + 'static) -> Rc<Self> {
        Rc::new(Self {
            now: Cell::new(1_800_000_000_000),
            store: RefCell::default(),
            behind: RefCell::default(),
            answers: RefCell::new(Box::new(answers)),
            asked: RefCell::default(),
            polls: Cell::new(0),
            purges: RefCell::default(),
            is_down: Cell::new(false),
            revision: Cell::new(1),
            signing: SigningKey::from_bytes(&[7; 32]),
        })
    }

    pub(crate) fn wait_ms(&self, ms: u64) {
        self.now.set(self.now.get() + ms);
    }

    pub(crate) fn go_down(&self) {
        self.is_down.set(true);
    }

    pub(crate) fn declare_anew(&self) {
        self.revision.set(self.revision.get() + 1);
    }

    pub(crate) fn purge(&self, tag: &str) -> Position {
        let sequence = self.head() + 1;
        self.purges.borrow_mut().push(Purge::of(sequence, [tag].into_iter()));
        Position { epoch: Epoch(1), sequence }
    }

    pub(crate) fn head(&self) -> u64 {
        self.purges.borrow().len() as u64
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.borrow().len()
    }

    pub(crate) fn polls(&self) -> usize {
        self.polls.get()
    }

    /// A token of an account, issued now.
    pub(crate) fn token(&self, account: &str) -> String {
        let now_s = self.now.get() / 1000;
        let claims = Claims {
            aud: "here".into(),
            sub: account.parse().unwrap(),
            iat: now_s,
            exp: now_s + 600,
            pos: Position { epoch: Epoch(1), sequence: self.head() }.to_string(),
            sid: None,
            roles: Vec::new(),
            scope: None,
        };
        claims::sign(&claims, &self.signing)
    }

    /// Does what was left to be done behind answers.
    pub(crate) fn finish(&self) {
        let behind = std::mem::take(&mut *self.behind.borrow_mut());
        for work in behind {
            work.now_or_never().expect("nothing here waits");
        }
    }

    fn page(&self, query: &str) -> PurgePage {
        self.polls.set(self.polls.get() + 1);
        let after = query.strip_prefix("after=").map_or(0, |text| text.parse().unwrap());
        let purges = self.purges.borrow().iter().filter(|purge| purge.sequence > after).cloned().collect();
        let (head, revision) = (self.head(), self.revision.get().to_string());
        PurgePage { epoch: Epoch(1), after, through: head, head, floor: 0, purges, revision }
    }

    /// Posts are gone from the second declaration on.
    fn briefing(&self) -> EdgeBriefing {
        let mut routes = RouteTable {
            routes: vec![
                Route::at("/v1/posts/{id}").with(Verb::Get, Access::Anyone, Class::Public).with(
                    Verb::Patch,
                    Access::SignedIn,
                    Class::NoStore,
                ),
                Route::at("/v1/notes/{id}").with(Verb::Get, Access::SignedIn, Class::Authorised),
            ],
            any_other: false,
        };
        if self.revision.get() > 1 {
            routes.routes.remove(0);
        }
        let key = Jwk::of(claims::key_id(&self.signing.verifying_key()), &self.signing.verifying_key());
        EdgeBriefing {
            revision: self.revision.get().to_string(),
            routes,
            audience: "here".into(),
            jwks: JwkSet { keys: vec![key] },
            cors_origins: Vec::new(),
            trusted_origins: Vec::new(),
            position: Position { epoch: Epoch(1), sequence: self.head() },
        }
    }
}

impl Host for Fake {
    type Body = Chunks;

    fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.0.now.get())
    }

    fn client(&self) -> Client {
        Client { address: Some([192, 0, 2, 7].into()), is_secure: false }
    }

    async fn look_up(&self, key: &str) -> Option<Bytes> {
        self.0.store.borrow().get(key).cloned()
    }

    async fn keep(&self, key: &str, bytes: Bytes, _: u64) {
        self.0.store.borrow_mut().insert(key.to_owned(), bytes);
    }

    async fn forget(&self, key: &str) {
        self.0.store.borrow_mut().remove(key);
    }

    async fn ask(&self, request: Request<Sent<Chunks>>) -> Result<Response<Chunks>, Unanswered> {
        if self.0.is_down.get() {
            return Err(Unanswered::Broken);
        }
        let (head, _) = request.into_parts();
        let json = |text: String| Response::new(Chunks::of(&text));
        match head.uri.path() {
            "/v1/edge" | "/v1/purges" => {
                let mut keys = EdgeKeys::default();
                keys.insert("test".parse().unwrap(), KEY.parse().unwrap()).unwrap();
                verify(&head, &keys, self.now()).expect("an edge signs what it asks for itself");
                let query = head.uri.query().unwrap_or_default();
                Ok(json(if head.uri.path() == "/v1/edge" {
                    serde_json::to_string(&self.0.briefing()).unwrap()
                } else {
                    serde_json::to_string(&self.0.page(query)).unwrap()
                }))
            }
            _ => {
                self.0.asked.borrow_mut().push(head.uri.to_string());
                Ok(self.0.answers.borrow()(&head))
            }
        }
    }

    fn behind(&self, work: impl Future<Output = ()> + 'static) {
        self.0.behind.borrow_mut().push(Box::pin(work));
    }

    fn warn(&self, _: &str) {}
}

impl Tested {
    /// An edge of a Stepwell origin.
    pub(crate) fn new(world: &Rc<World>) -> Self {
        let identity = Identity { name: "test".parse().unwrap(), key: KEY.parse().unwrap() };
        Self { world: world.clone(), instance: Instance::new(Origin::Stepwell(identity), 5) }
    }

    /// An edge of any other.
    pub(crate) fn of_any(world: &Rc<World>) -> Self {
        let origin = Origin::Any(stepwell_edge_core::cache::rfc9111::options::Options::default());
        Self { world: world.clone(), instance: Instance::new(origin, 5) }
    }

    pub(crate) fn ask(
        &self,
        method: &Method,
        target: &str,
        fields: &[(&'static str, &str)],
    ) -> Response<AnswerBody<Chunks>> {
        let mut request = Request::new(Chunks::of(""));
        *request.method_mut() = method.clone();
        *request.uri_mut() = target.parse().unwrap();
        request.headers_mut().insert("host", HeaderValue::from_static("example.org"));
        request.headers_mut().extend(headers(fields));
        let host = Fake(self.world.clone());
        self.instance.answer(&host, request).now_or_never().expect("nothing here waits")
    }

    /// Status, `Cache-Status` and content of the answer to a `GET`.
    pub(crate) fn get(&self, target: &str, fields: &[(&'static str, &str)]) -> (StatusCode, String, String) {
        let response = self.ask(&Method::GET, target, fields);
        let status = response.headers().get("cache-status").map_or("", |value| value.to_str().unwrap());
        let (code, status) = (response.status(), status.to_owned());
        (code, status, read(response))
    }
}

/// The content of an answer, as far as it comes.
pub(crate) fn read(response: Response<AnswerBody<Chunks>>) -> String {
    let mut body = response.into_body();
    let mut text = Vec::new();
    let next = |body: &mut AnswerBody<Chunks>| {
        let frame = std::future::poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx));
        frame.now_or_never().expect("nothing here waits")
    };
    while let Some(Ok(frame)) = next(&mut body) {
        text.extend_from_slice(&frame.into_data().unwrap());
    }
    String::from_utf8(text).unwrap()
}

pub(crate) fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
    let field = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
    };
    fields.iter().map(field).collect()
}

/// An answer of the origin.
pub(crate) fn answer(status: u16, fields: &[(&'static str, &str)], content: &str) -> Response<Chunks> {
    let mut response = Response::new(Chunks::of(content));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    *response.headers_mut() = headers(fields);
    response
}
