//! Connections: accepted, bounded, closed in an orderly way.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use stepwell_shared::limits::{HEADER_BYTES_MAX, HEADERS_MAX, IDLE_TIMEOUT_MS};
use tokio::net::TcpListener;

use crate::NativeEdge;
use crate::interim::{self, Interims};
use crate::service::handle;

/// How long requests under way may take to finish once a shutdown has begun.
const DRAIN: Duration = Duration::from_secs(10);

/// A client's connection, as its requests know it.
pub(crate) struct Connection {
    /// The address of its other end.
    pub(crate) peer: SocketAddr,
    /// What may be sent before an answer.
    pub(crate) interims: Interims,
}

/// Resolves when the edge should stop accepting.
pub type Shutdown = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// Serves connections of `listener` until `shutdown` resolves, then lets requests under way finish.
pub async fn serve(edge: NativeEdge, listener: TcpListener, mut shutdown: Shutdown) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(IDLE_TIMEOUT_MS))
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEADER_BYTES_MAX);
    let connections = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                pause_after(&error).await;
                continue;
            }
        };
        // Answers are written whole; waiting for more would only delay them.
        let _ = stream.set_nodelay(true);
        let (stream, interims) = interim::over(TokioIo::new(stream));
        let inner = edge.inner.clone();
        let connection = Arc::new(Connection { peer, interims });
        let service = service_fn(move |request| handle(inner.clone(), connection.clone(), request));
        let connection = connections.watch(http.serve_connection(stream, service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, connections.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}

/// A connection that was reset while it waited concerns nobody else. Anything else (no file descriptors left) does not
/// go away by trying again at once.
async fn pause_after(error: &io::Error) {
    let of_one_connection =
        matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset);
    if !of_one_connection {
        tracing::error!(%error, "cannot accept connections");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
