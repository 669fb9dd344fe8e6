//! `stepwell serve`: serves the project.

use std::net::SocketAddr;
use std::sync::Arc;

use serde::Serialize;
use stepwell_edge_native::NativeEdge;
use stepwell_shared::routes::RouteTable;

use super::check::examine;
use super::serving::{follow, listen, listening, scheme, seed, serve_clients, told_to_stop};
use super::{Failure, Output, ServeOptions, runtime};
use crate::app::App;
use crate::clock::Clock;
use crate::collections::{self, Collections};
use crate::config::Config;
use crate::config::data::Declarations;
use crate::config::server::Role;
use crate::metrics::Metrics;
use crate::{embedded_edge, logging, routes};

const EXAMPLES: &str = "\
Without a stepwell.toml it serves the built-in example. It begins with what `stepwell check` does, and does not start
when anything is wrong.

Examples:
  stepwell serve                                      the current folder's project, or the example
  stepwell serve --config /etc/stepwell.toml          another one
  stepwell serve --listen 0.0.0.0:80 --threads 2      reachable from outside, on two threads
  stepwell serve --roles read,write,work              an origin for the edges of access.edges_file alone; each is a
                                                      `stepwell edge` with a key of `stepwell keys edge NAME`";

/// Options of `stepwell serve`.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What is served, and how.
    #[command(flatten)]
    pub serve: ServeOptions,
}

/// What is printed once connections are accepted.
#[derive(Serialize)]
struct Report {
    ok: bool,
    listen: SocketAddr,
    operator: SocketAddr,
    collections: Vec<String>,
    /// The edges elsewhere whose requests are taken; absent where the edge is in this process.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    edges: Vec<String>,
    #[serde(skip)]
    example: bool,
    #[serde(skip)]
    scheme: &'static str,
}

/// Serves until the process is told to stop.
pub fn run(args: &Args, output: Output) -> Result<(), Failure> {
    let config = args.serve.load()?;
    let collections = examine(&config)?;
    logging::start(&config.log);
    if config.edge.origin.url.is_some() {
        tracing::warn!("edge.origin is for `stepwell edge`; this edge has its origin in the same process");
    }
    if has_edge(&config) && !config.access.edges.is_empty() {
        tracing::warn!(
            "access.edges is for an origin without the role \"edge\"; here requests of anybody are taken"
        );
    }
    runtime::block_on(config.server.threads, serve(config, collections, output))
}

async fn serve(config: Config, collections: Collections, output: Output) -> Result<(), Failure> {
    let listener = listen(&config, "server.listen", config.server.listen).await?;
    let operator = listen(&config, "operator.listen", config.operator.listen).await?;
    let example = matches!(config.data.collections, Declarations::Example);
    let report = Report {
        ok: true,
        listen: listener.local_addr().unwrap_or(config.server.listen),
        operator: operator.local_addr().unwrap_or(config.operator.listen),
        collections: collections.keys().cloned().collect(),
        edges: edges_elsewhere(&config),
        example,
        scheme: scheme(&config),
    };
    let listening = listening(&config)?;
    let table = route_table(&collections, example);
    let app = App::open(&config, collections, table, Clock::system()).await.map_err(|error| {
        Failure::refused(error.to_string(), "mend what it names, or choose another data folder with --data")
    })?;
    let edge = start_edge(&app, &config)?;
    let following = if has_edge(&config) { Some(follow(&edge).await) } else { None };
    let stop = told_to_stop();
    output.report(&report);

    let for_operator = routes::operator_router(Arc::clone(&app))
        .merge(Metrics::of_origin(edge.clone(), Arc::clone(&app)).router());
    let operator = tokio::spawn(async move { axum::serve(operator, for_operator).await });
    let stopping = Arc::clone(&app);
    serve_clients(edge, listener, listening, stop, move || stopping.stop_taking_traffic()).await;
    operator.abort();
    if let Some(following) = following {
        following.abort();
    }
    app.database.close().await;
    if let Some(telemetry) = &app.telemetry {
        telemetry.close().await;
    }
    Ok(())
}

fn route_table(collections: &Collections, example: bool) -> RouteTable {
    let mut table = RouteTable::fixed();
    table.routes.extend(collections::routes::routes(collections));
    table.routes.extend(routes::pages::routes(example));
    table
}

fn edges_elsewhere(config: &Config) -> Vec<String> {
    let names = config.access.edges.names().filter(|_| !has_edge(config));
    names.map(ToString::to_string).collect()
}

fn has_edge(config: &Config) -> bool {
    config.server.roles.contains(&Role::Edge)
}

/// The edge in this process; without that role, a door that opens to the edges elsewhere.
fn start_edge(app: &Arc<App>, config: &Config) -> Result<NativeEdge, Failure> {
    let router = routes::router(Arc::clone(app));
    let started = if has_edge(config) {
        embedded_edge::embed(app, router, config, seed()?)
    } else {
        let router = routes::signed::for_edges(router, config.access.edges.clone(), app.clock.clone());
        embedded_edge::door(app, router, config, seed()?)
    };
    started
        .map_err(|error| Failure::refused(error.to_string(), "two collections or pages want the same path"))
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.example {
            writeln!(
                f,
                "There is no stepwell.toml here: this is the built-in example. `stepwell init` makes a project."
            )?;
        }
        let Self { scheme, listen, operator, .. } = self;
        writeln!(f, "Serving {} on {scheme}://{listen}", self.collections.join(", "))?;
        if self.edges.is_empty() {
            writeln!(f, "  API      {scheme}://{listen}/v1/docs")?;
        } else {
            writeln!(f, "  to edges {} alone", self.edges.join(", "))?;
        }
        write!(f, "  operator http://{operator}")
    }
}
