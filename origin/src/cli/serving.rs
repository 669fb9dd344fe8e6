//! What the commands that serve have in common: their addresses, their chance, and how they are told to stop.

use std::net::SocketAddr;
use std::time::Duration;

use stepwell_edge_native::tls::Tls;
use stepwell_edge_native::{Listening, NativeEdge, serve_by};

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

use super::Failure;
use crate::config::Config;
use crate::config::preflight::listen_complaint;
use crate::config::server::connections::TlsFiles;

/// How long a start waits for the edge to reach the purge log. In one process that is a matter of milliseconds.
const CATCH_UP_MAX: Duration = Duration::from_secs(1);

/// Listens on the address of the setting `key`.
pub async fn listen(config: &Config, key: &str, address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(|error| vec![listen_complaint(config, key, address, &error)].into())
}

/// How the client listener goes. The certificate was tried before; it may have changed since.
pub fn listening(config: &Config) -> Result<Listening, Failure> {
    let server = &config.server;
    let tls = match &server.tls {
        None => None,
        Some(TlsFiles { certificate, key }) => {
            let opened = Tls::open(certificate, key);
            let refused = |error| Failure::refused(format!("{error}"), "mend what it names, and start again");
            Some(opened.map_err(refused)?)
        }
    };
    Ok(Listening {
        tls,
        limits: server.limits.clone(),
        drain: server.drain.clone(),
        log: config.log.requests.into(),
        proxies: server.proxies.clone(),
    })
}

/// What clients' addresses begin with.
pub fn scheme(config: &Config) -> &'static str {
    if config.server.tls.is_some() { "https" } else { "http" }
}

/// Has the edge follow the log, and waits a moment until it has reached its end.
pub async fn follow(edge: &NativeEdge) -> JoinHandle<()> {
    let following = edge.clone();
    let following = tokio::spawn(async move { following.follow_log().await });
    // Else the first answers would be stored before the edge knows where the log is, and fetched again.
    if tokio::time::timeout(CATCH_UP_MAX, edge.caught_up()).await.is_err() {
        tracing::warn!(
            "the edge has not reached the purge log yet; until it does, it stores nothing that it could serve"
        );
    }
    following
}

/// Serves clients until the process is told to stop and what is under way is done. `stopping` is called at once when it
/// is told.
pub async fn serve_clients(
    edge: NativeEdge,
    listener: TcpListener,
    listening: Listening,
    stop: impl Future<Output = ()> + Send + 'static,
    stopping: impl FnOnce() + Send + 'static,
) {
    let stop = async move {
        stop.await;
        stopping();
    };
    serve_by(edge, listener, listening, Box::pin(stop)).await;
}

/// A random number that outsiders do not know: it spreads an edge's tags.
pub fn seed() -> Result<u64, Failure> {
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).map_err(|error| {
        Failure::refused(format!("the system gives no random numbers: {error}"), "look at the system's log")
    })?;
    Ok(u64::from_le_bytes(seed))
}

/// Resolves at SIGTERM (a service manager's stop) or SIGINT (Ctrl-C). From this call on neither ends the process by
/// itself, so it comes before the process says that it is ready.
pub fn told_to_stop() -> impl Future<Output = ()> + Send + 'static {
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async {
        let (Ok(mut terminate), Ok(mut interrupt)) = signals else { return std::future::pending().await };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: requests under way may finish");
    }
}
