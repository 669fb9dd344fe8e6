//! An edge on a loopback port in front of an origin that says what it was asked, and clients of it.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use stepwell_edge_core::authenticate::Authenticator;
use stepwell_edge_core::cache::rfc9111::options::Options;
use stepwell_edge_core::rate::Limits;
use stepwell_edge_core::route::Router;
use stepwell_edge_native::body::{Body, whole};
use stepwell_edge_native::tls::Tls;
use stepwell_edge_native::upstream::{Sending, Upstream, UpstreamError};
use stepwell_edge_native::{Listening, NativeEdge, Settings, serve_by};
use stepwell_shared::claims::KeySet;
use stepwell_shared::routes::RouteTable;
use stepwell_shared::time::Timestamp;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, version};

/// Says in its answer what it was asked. Targets under `/held` are answered one for each permit.
pub struct Origin {
    pub asked: AtomicUsize,
    pub permits: Semaphore,
}

struct Handle(Arc<Origin>);

impl Upstream for Handle {
    fn send(&self, request: Request<Body>) -> Sending {
        let origin = self.0.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            origin.asked.fetch_add(1, Ordering::SeqCst);
            let body = body.collect().await.map_err(UpstreamError)?.to_bytes();
            if head.uri.path().starts_with("/held") {
                origin.permits.acquire().await.unwrap().forget();
            }
            let mut text = format!("{} {} {}\n", head.method, head.uri, body.len());
            for (name, value) in &head.headers {
                writeln!(text, "{name}: {}", value.to_str().unwrap()).unwrap();
            }
            let response = Response::builder().header("cache-control", "no-store");
            Ok(response.body(whole(Bytes::from(text))).unwrap())
        })
    }
}

/// The edge under test.
pub struct Bench {
    pub origin: Arc<Origin>,
    pub address: SocketAddr,
    pub stop: Option<oneshot::Sender<()>>,
    /// Ends when the listener has.
    pub served: JoinHandle<()>,
}

impl Bench {
    pub async fn start(listening: Listening) -> Self {
        Self::serving(RouteTable::any_origin(), listening).await
    }

    pub async fn serving(table: RouteTable, listening: Listening) -> Self {
        let origin = Arc::new(Origin { asked: AtomicUsize::new(0), permits: Semaphore::new(0) });
        let settings = Settings {
            router: Router::new(table).unwrap(),
            authenticator: Authenticator { keys: KeySet::default(), audience: String::new() },
            http: Options::default(),
            rates: Limits::default(),
            memory_bytes: 1 << 20,
            purge_slots: 1 << 10,
            seed: 1,
            log_silence_max_ms: 1000,
            clock: Arc::new(|| Timestamp::from_ms(1_000_000)),
        };
        let edge = NativeEdge::new(settings, Arc::new(Handle(origin.clone())));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = Box::pin(async { stopped.await.unwrap_or(()) });
        let served = tokio::spawn(serve_by(edge, listener, listening, stopped));
        Self { origin, address, stop: Some(stop), served }
    }

    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    pub fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Waits until the origin was asked so often.
    pub async fn asked(&self, times: usize) {
        while self.origin.asked.load(Ordering::SeqCst) < times {
            tokio::task::yield_now().await;
        }
    }
}

/// A certificate for 127.0.0.1 in files.
pub struct Identity {
    folder: TempDir,
    der: CertificateDer<'static>,
}

impl Identity {
    pub fn new() -> Self {
        let mut identity = Self { folder: TempDir::new().unwrap(), der: CertificateDer::from(vec![]) };
        identity.renew();
        identity
    }

    /// Replaces the files by others.
    pub fn renew(&mut self) {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        fs::write(self.folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        fs::set_permissions(self.folder.path().join("key.pem"), fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(self.folder.path().join("certificate.pem"), made.cert.pem()).unwrap();
        self.der = made.cert.der().clone();
    }

    pub fn tls(&self) -> Tls {
        Tls::open(&self.folder.path().join("certificate.pem"), &self.folder.path().join("key.pem")).unwrap()
    }

    pub fn listening(&self) -> Listening {
        Listening { tls: Some(self.tls()), ..Listening::default() }
    }

    /// Trusts this certificate alone, and speaks these protocols.
    pub fn client(&self, protocols: &[&str]) -> ClientConfig {
        let mut config = self.client_of(&version::TLS13);
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        config
    }

    /// The same, of one version alone.
    pub fn client_of(&self, version: &'static SupportedProtocolVersion) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.der.clone()).unwrap();
        ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth()
    }

    /// Agrees upon TLS with a bench.
    pub async fn connect(&self, bench: &Bench, protocols: &[&str]) -> std::io::Result<TlsStream<TcpStream>> {
        let connector = TlsConnector::from(Arc::new(self.client(protocols)));
        connector.connect("127.0.0.1".try_into().unwrap(), bench.connect().await).await
    }
}
