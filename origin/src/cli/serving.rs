//! What the commands that serve have in common: their addresses, their chance, and how they are told to stop.

use std::net::SocketAddr;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::Failure;
use crate::config::Config;
use crate::config::preflight::listen_complaint;

/// Listens on the address of the setting `key`.
pub async fn listen(config: &Config, key: &str, address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(|error| vec![listen_complaint(config, key, address, &error)].into())
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
