//! Connections: accepted, bounded, closed in an orderly way.

pub(crate) mod admission;
mod http1;
mod http2;
mod patience;
pub(crate) mod settings;
mod stopping;
mod stream;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use stepwell_edge_core::client::TrustedProxies;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::NativeEdge;
use admission::{Admission, Admitted};
use settings::{Limits, Listening, RequestLog};
use stopping::{Phase, Phases};

/// Resolves when the edge should stop.
pub type Shutdown = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// What all connections of a listener share.
#[derive(Clone)]
struct Shared {
    edge: NativeEdge,
    limits: Arc<Limits>,
    log: RequestLog,
    proxies: Arc<TrustedProxies>,
    phases: Phases,
    http1: hyper::server::conn::http1::Builder,
}

/// A connection that was accepted.
struct Accepted {
    peer: SocketAddr,
    is_secure: bool,
    /// Given back when the connection ends.
    _place: Admitted,
}

/// Serves connections of `listener` with the default limits and in clear until `shutdown` resolves, then lets requests
/// under way finish.
pub async fn serve(edge: NativeEdge, listener: TcpListener, shutdown: Shutdown) {
    serve_by(edge, listener, Listening::default(), shutdown).await;
}

/// The same, by these settings.
///
/// Once `shutdown` resolves, connections are still accepted for `drain.delay`, and each answer of HTTP/1 says that its
/// connection ends. Then nothing more is accepted, HTTP/2 says `GOAWAY`, and requests under way finish. What is not
/// done when `drain.timeout` has passed, is cut off.
pub async fn serve_by(edge: NativeEdge, listener: TcpListener, listening: Listening, mut shutdown: Shutdown) {
    let Listening { tls, limits, drain, log, proxies } = listening;
    let acceptor = tls.as_ref().map(crate::tls::Tls::acceptor);
    let admission = Admission::new(&limits);
    edge.inner.watch_connections(&admission);
    let (phase, phases) = stopping::phases();
    let http1 = http1::builder(&limits);
    let (limits, proxies) = (Arc::new(limits), Arc::new(proxies));
    let shared = Shared { edge, limits, log, proxies, phases, http1 };
    let accept = async |accepted| match accepted {
        Ok((stream, peer)) => take(&shared, acceptor.as_ref(), &admission, stream, peer),
        Err(error) => pause_after(&error).await,
    };
    let following = async {
        match &tls {
            Some(tls) => tls.follow_files().await,
            None => std::future::pending().await,
        }
    };
    let accepting = async {
        loop {
            accept(listener.accept().await).await;
        }
    };
    tokio::select! {
        () = &mut shutdown => {}
        () = following => {}
        () = accepting => {}
    }
    phase.enter(Phase::Leaving);
    let _elapsed = timeout(drain.delay, async {
        loop {
            accept(listener.accept().await).await;
        }
    })
    .await;
    close(listener, |stream, peer| take(&shared, acceptor.as_ref(), &admission, stream, peer));
    phase.enter(Phase::Closing);
    drop(shared);
    if timeout(drain.timeout, phase.all_gone()).await.is_err() {
        tracing::warn!("some requests did not finish in time, and are cut off");
        phase.enter(Phase::Over);
        phase.all_gone().await;
    }
}

/// Closes the listener once it has handed over all who have connected: the system has let them in, they may have sent a
/// request, and it would reset them. The system is asked itself, since the runtime may not have heard of the last ones.
fn close(listener: TcpListener, mut accept: impl FnMut(TcpStream, SocketAddr)) {
    let Ok(listener) = listener.into_std() else { return };
    while let Ok((stream, peer)) = listener.accept() {
        if stream.set_nonblocking(true).is_ok()
            && let Ok(stream) = TcpStream::from_std(stream)
        {
            accept(stream, peer);
        }
    }
}

/// Begins to serve a connection, if there is a place for it.
fn take(
    shared: &Shared,
    acceptor: Option<&TlsAcceptor>,
    admission: &Arc<Admission>,
    stream: TcpStream,
    peer: SocketAddr,
) {
    let Some(place) = admission.admit(peer.ip()) else {
        tracing::debug!(%peer, "no place for another connection");
        if acceptor.is_none() {
            // Nobody waits for it: a new connection has room for as much.
            let _ = stream.try_write(http1::FULL);
        }
        return;
    };
    // Answers are written whole; waiting for more would only delay them.
    let _ = stream.set_nodelay(true);
    let accepted = Accepted { peer, is_secure: acceptor.is_some(), _place: place };
    let shared = shared.clone();
    match acceptor {
        None => drop(tokio::spawn(http1::serve(shared, accepted, stream))),
        Some(acceptor) => drop(tokio::spawn(serve_encrypted(shared, accepted, acceptor.clone(), stream))),
    }
}

/// Agrees upon TLS, and upon what is spoken inside.
async fn serve_encrypted(shared: Shared, accepted: Accepted, acceptor: TlsAcceptor, stream: TcpStream) {
    let handshake = tokio::select! {
        handshake = timeout(shared.limits.handshake_timeout, acceptor.accept(stream)) => handshake,
        () = shared.phases.over() => return,
    };
    let stream = match handshake {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tracing::debug!(peer = %accepted.peer, %error, "no TLS"),
        Err(_) => return tracing::debug!(peer = %accepted.peer, "TLS took too long"),
    };
    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        http2::serve(shared, accepted, stream).await;
    } else {
        http1::serve(shared, accepted, stream).await;
    }
}

/// What connections are made of.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for S {}

/// A connection that was reset while it waited concerns nobody else. Anything else (no file descriptors left) does not
/// go away by trying again at once.
async fn pause_after(error: &io::Error) {
    let of_one_connection =
        matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset);
    if !of_one_connection {
        tracing::error!(%error, "cannot accept connections");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}
