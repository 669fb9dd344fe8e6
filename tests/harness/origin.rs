//! An origin in the test's own process, which answers as the test says.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::streamed::{Body, whole};

/// Method and target of each request that came, in order.
type Asked = Arc<Mutex<Vec<String>>>;

type Answering = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;
type Answers = Arc<dyn Fn(Request<Incoming>) -> Answering + Send + Sync>;

/// A running origin. Gone when dropped, its connections included.
#[derive(Debug)]
pub struct Origin {
    address: SocketAddr,
    asked: Asked,
    serving: JoinHandle<()>,
}

impl Origin {
    /// Answers on a loopback port.
    pub async fn start<A>(answers: impl Fn(Request<Incoming>) -> A + Send + Sync + 'static) -> Self
    where
        A: Future<Output = Response<Body>> + Send + 'static,
    {
        Self::start_at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), answers).await
    }

    /// Answers on this address.
    pub async fn start_at<A>(
        address: SocketAddr,
        answers: impl Fn(Request<Incoming>) -> A + Send + Sync + 'static,
    ) -> Self
    where
        A: Future<Output = Response<Body>> + Send + 'static,
    {
        let answers: Answers = Arc::new(move |request| Box::pin(answers(request)));
        let listener = TcpListener::bind(address).await.expect("the address is free");
        let address = listener.local_addr().expect("a listener has an address");
        let asked = Asked::default();
        let serving = tokio::spawn(serve(listener, answers, asked.clone()));
        Self { address, asked, serving }
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How often it was asked this: `GET /news`.
    pub fn asked(&self, what: &str) -> usize {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.iter().filter(|one| *one == what).count()
    }

    /// Lets go of its port and of every connection.
    pub async fn stop(mut self) {
        self.serving.abort();
        // It ends by being told to.
        let _ = (&mut self.serving).await;
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, answers: Answers, asked: Asked) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(converse(stream, answers.clone(), asked.clone()));
    }
}

async fn converse(stream: TcpStream, answers: Answers, asked: Asked) {
    let service = service_fn(move |request: Request<Incoming>| {
        let what = format!("{} {}", request.method(), request.uri());
        asked.lock().unwrap_or_else(PoisonError::into_inner).push(what);
        let answering = answers(request);
        async move { Ok::<_, Infallible>(answering.await) }
    });
    // A cache may break a connection off; that is what some tests are about.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// An answer of 200 with these fields and this content.
pub fn page(fields: &[(&str, &str)], content: &str) -> Response<Body> {
    with(StatusCode::OK, fields, whole(content.to_owned()))
}

/// Any answer.
pub fn with(status: StatusCode, fields: &[(&str, &str)], body: Body) -> Response<Body> {
    let mut answer = Response::builder().status(status);
    for (name, value) in fields {
        answer = answer.header(*name, *value);
    }
    answer.body(body).expect("tests write fields right")
}
