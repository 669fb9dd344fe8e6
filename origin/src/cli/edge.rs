//! `stepwell edge`: the native edge alone, a cache in front of any HTTP origin.

use std::net::SocketAddr;
use std::sync::Arc;

use serde::Serialize;
use stepwell_edge_core::authenticate::Authenticator;
use stepwell_edge_core::cache::purge_log::SLOTS_DEFAULT;
use stepwell_edge_core::cache::rfc9111::options::Options;
use stepwell_edge_core::route::Router;
use stepwell_edge_native::upstream::http_origin::{self, HttpOrigin, OriginUrl};
use stepwell_edge_native::{NativeEdge, Settings};
use stepwell_shared::claims::KeySet;
use stepwell_shared::limits::LOG_SILENCE_MAX_MS;
use stepwell_shared::routes::RouteTable;
use tokio::net::TcpListener;

use super::{Failure, Output, runtime};
use crate::clock::Clock;
use crate::config::server::cores;

const EXAMPLES: &str = "\
Examples:
  stepwell edge --origin http://127.0.0.1:3000";

/// Options of `stepwell edge`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The origin: http:// or https://.
    #[arg(long)]
    pub origin: OriginUrl,
    /// Where requests come in.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Threads that serve requests.
    #[arg(long)]
    pub threads: Option<usize>,
}

#[derive(Serialize)]
struct Report {
    ok: bool,
    listen: SocketAddr,
}

/// Serves until the process is told to stop.
pub fn run(args: &Args, output: Output) -> Result<(), Failure> {
    crate::logging::start(&crate::config::log::Log {
        level: crate::config::log::Level::default(),
        format: crate::config::log::Format::Text,
    });
    runtime::block_on(args.threads.unwrap_or_else(cores), serve(args.clone(), output))
}

async fn serve(args: Args, output: Output) -> Result<(), Failure> {
    let refused = |error: &dyn std::fmt::Display| Failure::refused(error.to_string(), "");
    let listener = TcpListener::bind(args.listen).await.map_err(|error| refused(&error))?;
    let clock = Clock::system();
    let origin =
        HttpOrigin::new(args.origin, &http_origin::Settings::default()).map_err(|error| refused(&error))?;
    let settings = Settings {
        router: Router::new(RouteTable::any_origin()).map_err(|error| refused(&error))?,
        authenticator: Authenticator { keys: KeySet::default(), audience: String::new() },
        http: Options::default(),
        memory_bytes: 256 << 20,
        purge_slots: SLOTS_DEFAULT,
        seed: 0,
        log_silence_max_ms: LOG_SILENCE_MAX_MS,
        clock: Arc::new(move || clock.now()),
    };
    let edge = NativeEdge::new(settings, Arc::new(origin));
    output.report(&Report { ok: true, listen: listener.local_addr().unwrap_or(args.listen) });
    stepwell_edge_native::serve(edge, listener, Box::pin(std::future::pending())).await;
    Ok(())
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Caching on http://{}", self.listen)
    }
}
