//! An edge on a loopback port in front of an origin that the test scripts, with a clock that the test turns.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use stepwell_edge_core::authenticate::Authenticator;
use stepwell_edge_core::cache::rfc9111::options::Options;
use stepwell_edge_core::rate::Limits;
use stepwell_edge_core::route::Router;
use stepwell_edge_native::body::{Body, BodyError, whole};
use stepwell_edge_native::upstream::{Sending, Upstream, UpstreamError};
use stepwell_edge_native::{NativeEdge, Settings, serve};
use stepwell_shared::api::purges::{LogLine, Purge, PurgePage};
use stepwell_shared::bookmark::Epoch;
use stepwell_shared::claims::{Claims, KeySet, sign};
use stepwell_shared::routes::{Access, Class, Parameter, Rate, Route, RouteTable, Verb};
use stepwell_shared::time::Timestamp;
use tokio::sync::{Notify, mpsc};

/// The timeline of every test's log.
pub const EPOCH: u32 = 1;

/// What the scripted origin answers next.
pub type Script = Box<dyn FnMut(&Request<()>) -> Result<Response<Bytes>, ()> + Send>;

/// An origin that answers as its script says, and remembers what it was asked.
pub struct Origin {
    script: Mutex<Script>,
    /// Requests but those for the log.
    pub asked: AtomicUsize,
    /// The heads of those requests.
    pub heads: Mutex<VecDeque<Request<()>>>,
    /// While set, answers wait for a notification.
    pub hold: Mutex<Option<Arc<Notify>>>,
    log: Mutex<Option<mpsc::UnboundedSender<LogLine>>>,
    following: Notify,
    /// Answers to censuses.
    pub censuses: Mutex<Vec<Bytes>>,
}

struct Handle(Arc<Origin>);

impl Upstream for Handle {
    fn send(&self, request: Request<Body>) -> Sending {
        let origin = self.0.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            if head.uri.path() == "/v1/purges" {
                return Ok(origin.open_log());
            }
            let body = body.collect().await.map_err(UpstreamError)?.to_bytes();
            if head.uri.path() == "/v1/purges/census" {
                origin.censuses.lock().unwrap().push(body);
                return Ok(Response::new(whole(Bytes::new())));
            }
            let head = Request::from_parts(head, ());
            origin.asked.fetch_add(1, Ordering::SeqCst);
            let hold = origin.hold.lock().unwrap().clone();
            if let Some(hold) = hold {
                hold.notified().await;
            }
            let answer = (origin.script.lock().unwrap())(&head);
            origin.heads.lock().unwrap().push_back(head);
            answer.map(|response| response.map(whole)).map_err(|()| UpstreamError("scripted failure".into()))
        })
    }
}

impl Origin {
    fn open_log(&self) -> Response<Body> {
        let (sender, receiver) = mpsc::unbounded_channel::<LogLine>();
        *self.log.lock().unwrap() = Some(sender);
        self.following.notify_one();
        let lines = futures_util::stream::unfold(receiver, |mut receiver| async {
            let line = receiver.recv().await?;
            let mut json = serde_json::to_vec(&line).unwrap();
            json.push(b'\n');
            Some((Ok::<_, BodyError>(http_body::Frame::data(Bytes::from(json))), receiver))
        });
        Response::new(StreamBody::new(lines).boxed_unsync())
    }

    /// Changes what is answered from now on.
    pub fn answer(&self, script: impl FnMut(&Request<()>) -> Result<Response<Bytes>, ()> + Send + 'static) {
        *self.script.lock().unwrap() = Box::new(script);
    }
}

/// The edge under test.
pub struct Bench {
    pub origin: Arc<Origin>,
    pub edge: NativeEdge,
    now_ms: Arc<AtomicU64>,
    base: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// An answer with its whole body.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn cache_status(&self) -> &str {
        self.headers["cache-status"].to_str().unwrap()
    }
}

/// A public answer with tag `t`, read at log position `sequence`.
pub fn public(body: &'static str, sequence: u64) -> Response<Bytes> {
    Response::builder()
        .header("cdn-cache-control", "max-age=10, stale-while-revalidate=10, stale-if-error=100")
        .header("stepwell-position", format!("{EPOCH:x}-{sequence:x}"))
        .header("cache-tag", "t")
        .header("etag", format!("\"{body}\""))
        .body(Bytes::from_static(body.as_bytes()))
        .unwrap()
}

/// A private answer for these readers, of the log's `sequence`.
pub fn restricted(body: &'static str, sequence: u64, readers: &'static str) -> Response<Bytes> {
    let mut answer = public(body, sequence);
    answer.headers_mut().insert("stepwell-readers", HeaderValue::from_static(readers));
    answer
}

/// A page of the log up to a sequence, which purges these tags.
pub fn page(sequence: u64, tags: &[&str]) -> PurgePage {
    let purges = if tags.is_empty() { vec![] } else { vec![Purge::of(sequence, tags.iter().copied())] };
    PurgePage {
        epoch: Epoch(EPOCH),
        after: 0,
        through: sequence,
        head: sequence,
        floor: 0,
        purges,
        revision: String::new(),
    }
}

/// What signs the tokens of the tests.
fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn keys() -> KeySet {
    let mut keys = KeySet::default();
    keys.insert(key().verifying_key());
    keys
}

/// A token of an account, issued at the log's `sequence`.
pub fn token(account: &str, sequence: u64, roles: &[&str]) -> String {
    let claims = Claims {
        aud: "test".into(),
        sub: account.parse().unwrap(),
        iat: 0,
        exp: 1_000_000,
        pos: format!("{EPOCH:x}-{sequence:x}"),
        sid: None,
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        scope: None,
    };
    sign(&claims, &key())
}

fn table() -> RouteTable {
    let routes = vec![
        Route::at("/public")
            .with_parameters(Verb::Get, Access::Anyone, Class::Public, vec![Parameter::named("q")])
            .with(Verb::Post, Access::Anyone, Class::NoStore),
        Route::at("/immutable").with(Verb::Get, Access::Anyone, Class::Immutable),
        Route::at("/no-store").with(Verb::Get, Access::Anyone, Class::NoStore),
        Route::at("/pass").with(Verb::Get, Access::Anyone, Class::Pass),
        Route::at("/signed-in").with(Verb::Get, Access::SignedIn, Class::NoStore),
        Route::at("/shared").with(Verb::Get, Access::SignedIn, Class::Authorised),
        Route::at("/change").with(Verb::Post, Access::SignedIn, Class::NoStore),
        Route::at("/sign-in").with(Verb::Post, Access::Anyone, Class::NoStore).at_rate(Rate::SignIns),
        Route::at("/own").with(Verb::Get, Access::SignedIn, Class::PerCaller),
    ];
    RouteTable { routes, any_other: false }
}

impl Bench {
    /// An edge that has caught up with an empty log.
    pub async fn start() -> Self {
        Self::limited(Limits::default()).await
    }

    /// The same, whose clients may ask so often.
    pub async fn limited(rates: Limits) -> Self {
        let origin = Arc::new(Origin {
            script: Mutex::new(Box::new(|_| Ok(public("one", 0)))),
            asked: AtomicUsize::new(0),
            heads: Mutex::default(),
            hold: Mutex::new(None),
            log: Mutex::new(None),
            following: Notify::new(),
            censuses: Mutex::default(),
        });
        let now_ms = Arc::new(AtomicU64::new(1_000_000));
        let clock = now_ms.clone();
        let settings = Settings {
            router: Router::new(table()).unwrap(),
            authenticator: Authenticator { keys: keys(), audience: "test".into() },
            http: Options::default(),
            rates,
            memory_bytes: 1 << 20,
            purge_slots: 1 << 12,
            seed: 1,
            log_silence_max_ms: 1000,
            clock: Arc::new(move || Timestamp::from_ms(clock.load(Ordering::SeqCst))),
        };
        let edge = NativeEdge::new(settings, Arc::new(Handle(origin.clone())));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(serve(edge.clone(), listener, Box::pin(std::future::pending())));
        let following = edge.clone();
        tokio::spawn(async move { following.follow_log().await });
        origin.following.notified().await;
        let client = Client::builder(TokioExecutor::new()).build_http();
        let bench = Self { origin, edge, now_ms, base, client };
        bench.purge(0, &[]).await;
        bench
    }

    pub fn pass_ms(&self, ms: u64) {
        self.now_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// Sends a line of the log and waits until the edge has taken it in.
    pub async fn purge(&self, sequence: u64, tags: &[&str]) {
        self.say(LogLine::Page(page(sequence, tags)));
        // The edge is ready, and knows this far, once it has taken the line in; nothing else moves the two.
        while !self.edge.is_ready()
            || self.edge.log_position().is_none_or(|position| position.sequence < sequence)
        {
            tokio::task::yield_now().await;
        }
    }

    pub fn say(&self, line: LogLine) {
        self.origin.log.lock().unwrap().as_ref().unwrap().send(line).unwrap();
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    pub fn asked(&self) -> usize {
        self.origin.asked.load(Ordering::SeqCst)
    }

    pub async fn get(&self, target: &str) -> Answer {
        self.request(Method::GET, target, &[]).await
    }

    pub async fn get_as(&self, token: &str, target: &str) -> Answer {
        self.request(Method::GET, target, &[("authorization", &format!("Bearer {token}"))]).await
    }

    pub async fn request(&self, method: Method, target: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("{}{target}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.client.request(request.body(Full::default()).unwrap()).await.unwrap();
        let (head, body) = response.into_parts();
        Answer { status: head.status, headers: head.headers, body: body.collect().await.unwrap().to_bytes() }
    }
}
