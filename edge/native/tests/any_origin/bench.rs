//! An edge for any origin on a loopback port, and clients that ask it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use stepwell_edge_core::authenticate::Authenticator;
use stepwell_edge_core::cache::rfc9111::date;
use stepwell_edge_core::cache::rfc9111::options::Options;
use stepwell_edge_core::rate::Limits;
use stepwell_edge_core::route::Router;
use stepwell_edge_native::{NativeEdge, Settings, serve};
use stepwell_shared::claims::KeySet;
use stepwell_shared::routes::RouteTable;
use stepwell_shared::time::Timestamp;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::line::{Line, PATIENCE};
use crate::origin::{Handle, Origin};

/// The host that is asked unless a test says otherwise.
pub const HOST: &str = "shop.example";

/// When every test begins: the first second of 2026.
const BEGIN_MS: u64 = 1_767_225_600_000;

/// The edge under test.
pub struct Bench {
    pub origin: Arc<Origin>,
    edge: NativeEdge,
    now_ms: Arc<AtomicU64>,
    address: SocketAddr,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// An answer with its whole body.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// The one line of a field; `None` where there is none.
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.get_all(name).iter();
        let line = lines.next()?.to_str().unwrap();
        assert!(lines.next().is_none(), "{name} comes twice");
        Some(line)
    }

    /// What happened, without the name of the cache.
    pub fn cache_status(&self) -> &str {
        self.field("cache-status").unwrap().strip_prefix("stepwell; ").unwrap()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

impl Bench {
    /// An edge that follows the specification to the letter.
    pub async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub async fn with(http: Options) -> Self {
        Self::of(http, Limits::default()).await
    }

    pub async fn limited(rates: Limits) -> Self {
        Self::of(Options::default(), rates).await
    }

    async fn of(http: Options, rates: Limits) -> Self {
        let origin = Origin::new();
        let now_ms = Arc::new(AtomicU64::new(BEGIN_MS));
        let clock = now_ms.clone();
        let settings = Settings {
            router: Router::new(RouteTable { routes: vec![], any_other: true }).unwrap(),
            authenticator: Authenticator { keys: KeySet::default(), audience: "test".into() },
            http,
            rates,
            memory_bytes: 1 << 26,
            purge_slots: 1 << 12,
            seed: 1,
            log_silence_max_ms: 1000,
            clock: Arc::new(move || Timestamp::from_ms(clock.load(Ordering::SeqCst))),
        };
        let edge = NativeEdge::new(settings, Arc::new(Handle(origin.clone())));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(edge.clone(), listener, Box::pin(std::future::pending())));
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { origin, edge, now_ms, address, client }
    }

    pub fn pass_ms(&self, ms: u64) {
        self.now_ms.fetch_add(ms, Ordering::SeqCst);
    }

    pub fn pass_s(&self, seconds: u64) {
        self.pass_ms(seconds * 1000);
    }

    /// The date of so many seconds ago, as header fields have it.
    pub fn date_s_ago(&self, seconds: u64) -> String {
        let ms = self.now_ms.load(Ordering::SeqCst) - seconds * 1000;
        date::format(Timestamp::from_ms(ms)).to_str().unwrap().to_owned()
    }

    pub fn asked(&self) -> usize {
        self.origin.asked()
    }

    pub async fn get(&self, target: &str) -> Answer {
        self.get_with(target, &[]).await
    }

    pub async fn get_with(&self, target: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, target, fields).await
    }

    /// Asks and reads the answer. `Host` is [`HOST`] unless the fields name another.
    pub async fn send(&self, method: Method, target: &str, fields: &[(&str, &str)]) -> Answer {
        self.asking(method, target, fields).await.unwrap()
    }

    /// The same in a task of its own, so that the test can play the origin meanwhile. It has begun when the edge takes
    /// the request in, of which [`Origin::next`] and [`Bench::until_waiting`] tell.
    pub fn asking(&self, method: Method, target: &str, fields: &[(&str, &str)]) -> JoinHandle<Answer> {
        let sending = self.sending(method, target, fields);
        tokio::spawn(async move { timeout(PATIENCE, read(sending.await)).await.expect("no whole answer") })
    }

    /// The same, but leaves the body of the answer to the test.
    pub fn opening(&self, target: &str) -> JoinHandle<Response<Incoming>> {
        tokio::spawn(self.sending(Method::GET, target, &[]))
    }

    fn sending(
        &self,
        method: Method,
        target: &str,
        fields: &[(&str, &str)],
    ) -> impl Future<Output = Response<Incoming>> + Send + use<> {
        let mut request = Request::builder().method(method).uri(format!("http://{}{target}", self.address));
        if !fields.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", HOST);
        }
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let sending = self.client.request(request.body(Full::default()).unwrap());
        async move { timeout(PATIENCE, sending).await.expect("no answer").unwrap() }
    }

    /// A connection in the test's own hands.
    pub async fn dial(&self) -> Line<TcpStream> {
        Line::new(TcpStream::connect(self.address).await.unwrap())
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Asks again until the answer suits: for what happens behind answers and tells nobody when it is done.
    pub async fn get_until(&self, target: &str, suits: impl Fn(&Answer) -> bool) -> Answer {
        let asking = async {
            loop {
                let answer = self.get(target).await;
                if suits(&answer) {
                    return answer;
                }
            }
        };
        timeout(PATIENCE, asking).await.expect("no answer suited")
    }

    /// Waits until so many requests wait for what another one of their key brings.
    pub async fn until_waiting(&self, target: &str, count: usize) {
        let key = format!("{HOST}{target}");
        let waiting = async {
            while self.edge.waiting_requests(&key) != count {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, waiting).await.expect("other numbers wait");
    }
}

async fn read(response: Response<Incoming>) -> Answer {
    let (head, body) = response.into_parts();
    Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        body: body.collect().await.unwrap().to_bytes(),
    }
}
