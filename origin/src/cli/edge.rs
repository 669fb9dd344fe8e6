//! `stepwell edge`: the native edge alone: a cache in front of any HTTP origin, or, with a key, an edge of a Stepwell
//! origin elsewhere.

mod reach;
mod setup;
mod told;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Serialize;

use super::serving::{follow, listen, listening, scheme, serve_clients, told_to_stop};
use super::{EdgeOptions, Failure, Output, runtime};
use crate::config::Config;
use crate::config::settings::Settings;
use crate::metrics::Metrics;
use crate::telemetry::Telemetry;
use crate::{logging, routes};
use setup::Setup;

const EXAMPLES: &str = "\
It is an HTTP cache by RFC 9111 and nothing more: what the origin says in Cache-Control, CDN-Cache-Control, Expires, Vary
and its validators decides what is stored, for whom and how long; Cache-Status of each answer says what was done. It
needs no collections and keeps nothing on disk. Of the configuration it goes by [server] but for
server.roles, [operator], [edge], [log] and [telemetry].

The operator's address has /healthz, /readyz, and takes what `stepwell purge` sends, with operator.token; without a token
nobody may purge. On SIGTERM and Ctrl-C requests under way may finish.

With edge.name and edge.key_file it is another thing: an edge of a Stepwell origin that runs without one of its own
(`stepwell serve --roles read,write,work`). It asks that origin for its routes and keys, follows its purge log, checks
tokens, serves what it stores by Stepwell's own rules, and signs what it forwards. `stepwell keys edge NAME` makes the key.

Examples:
  stepwell edge --origin http://127.0.0.1:3000                      before a program on this machine
  stepwell edge --origin https://www.example.org --listen 0.0.0.0:80
                                                                    reachable from outside
  STEPWELL_EDGE_MEMORY=1GiB stepwell edge --config edge.toml        as edge.toml says, with more memory
  stepwell edge --config edge.toml --check                          whether it would start
  stepwell purge --path /news --server http://127.0.0.1:9090        makes it forget a page";

/// Options of `stepwell edge`.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Whose answers are cached, and how.
    #[command(flatten)]
    pub edge: EdgeOptions,
    /// Say whether everything is right, and start nothing.
    #[arg(long)]
    pub check: bool,
}

/// What is printed once connections are accepted.
#[derive(Serialize)]
struct Report {
    ok: bool,
    listen: SocketAddr,
    operator: SocketAddr,
    origin: String,
    /// By which name the origin knows it, where that is a Stepwell.
    #[serde(skip_serializing_if = "Option::is_none")]
    edge: Option<String>,
    #[serde(skip)]
    may_purge: bool,
    #[serde(skip)]
    scheme: &'static str,
}

/// What is printed after a check.
#[derive(Serialize)]
struct Checked<'a> {
    ok: bool,
    configuration: Option<&'a PathBuf>,
    settings: &'a Settings,
    #[serde(skip)]
    config: &'a Config,
}

/// Serves until the process is told to stop.
pub fn run(args: &Args, output: Output) -> Result<(), Failure> {
    let config = args.edge.load()?;
    let setup = Setup::examine(&config)?;
    if args.check {
        let Config { file, settings, .. } = &config;
        output.report(&Checked { ok: true, configuration: file.as_ref(), settings, config: &config });
        return Ok(());
    }
    logging::start(&config.log);
    runtime::block_on(config.server.threads, serve(config, setup, output))
}

async fn serve(config: Config, setup: Setup, output: Output) -> Result<(), Failure> {
    let operator = listen(&config, "operator.listen", config.operator.listen).await?;
    let operator_address = operator.local_addr().unwrap_or(config.operator.listen);
    let told = routes::edge::starting::Told::default();
    let for_operator = routes::edge::starting::router(told.clone());
    let operator = tokio::spawn(async move { axum::serve(operator, for_operator).await });
    let origin = setup.url.to_string();
    let listening = listening(&config)?;
    tokio::spawn(reach::warn_unless_reached(setup.url.clone(), config.edge.origin.connect_timeout));
    let mut stop = Box::pin(told_to_stop());
    let edge = tokio::select! {
        edge = setup.edge(&config) => edge?,
        () = &mut stop => return Ok(()),
    };
    let following = if edge.has_routes() { Some(follow(&edge).await) } else { None };
    let telemetry = Telemetry::start(&config).map_err(|complaint| vec![*complaint])?;
    if let Some(telemetry) = telemetry.clone() {
        edge.observe(telemetry);
    }
    let alone = routes::edge::Alone::new(edge.clone(), config.operator.token.as_ref());
    told.tell(
        routes::edge::router(alone.clone()).merge(Metrics::of_edge(edge.clone(), telemetry.clone()).router()),
    );
    // Not before: clients would be let in to wait for as long as the origin does not tell.
    let listener = listen(&config, "server.listen", config.server.listen).await?;
    output.report(&Report {
        ok: true,
        listen: listener.local_addr().unwrap_or(config.server.listen),
        operator: operator_address,
        origin,
        edge: config.edge.identity.as_ref().map(|identity| identity.name.to_string()),
        may_purge: config.operator.token.is_some(),
        scheme: scheme(&config),
    });
    serve_clients(edge, listener, listening, stop, move || alone.drain()).await;
    operator.abort();
    if let Some(following) = following {
        following.abort();
    }
    if let Some(telemetry) = telemetry {
        telemetry.close().await;
    }
    Ok(())
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Caching {} on {}://{}", self.origin, self.scheme, self.listen)?;
        write!(f, "  operator http://{}", self.operator)?;
        if let Some(edge) = &self.edge {
            return write!(f, "\n  signs as {edge}; what is purged, is purged at the origin");
        }
        if self.may_purge {
            return Ok(());
        }
        write!(f, "\n  nobody may purge: that needs operator.token_file or STEPWELL_OPERATOR_TOKEN")
    }
}

impl fmt::Display for Checked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let setting = |key: &str| {
            self.settings.get(key).and_then(|resolved| resolved.value.as_deref()).unwrap_or_default()
        };
        match self.configuration {
            Some(file) => writeln!(f, "{} is right.", file.display())?,
            None => writeln!(f, "There is no stepwell.toml here, and what is said is right.")?,
        }
        let purging =
            if self.config.operator.token.is_some() { "by the operator's token" } else { "by nobody" };
        writeln!(f, "  origin       {}", setting("edge.origin"))?;
        writeln!(f, "  its Host     {}", setting("edge.origin_host"))?;
        writeln!(
            f,
            "  listens on   {}, for operators on {}",
            setting("server.listen"),
            setting("operator.listen")
        )?;
        writeln!(f, "  threads      {}", self.config.server.threads)?;
        writeln!(f, "  memory       {}", setting("edge.memory"))?;
        if let Some(identity) = &self.config.edge.identity {
            return write!(f, "  signs as     {}, for a Stepwell origin", identity.name);
        }
        write!(f, "  purged       {purging}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::configuration;

    #[test]
    fn the_report_says_where_it_listens_and_whether_anybody_may_purge() {
        let report = |may_purge| Report {
            ok: true,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            operator: SocketAddr::from(([127, 0, 0, 1], 9090)),
            origin: "http://h:3000".into(),
            edge: None,
            may_purge,
            scheme: "http",
        };
        let text = report(true).to_string();
        assert_eq!(text, "Caching http://h:3000 on http://127.0.0.1:8080\n  operator http://127.0.0.1:9090");
        assert!(report(false).to_string().contains("STEPWELL_OPERATOR_TOKEN"));
        assert_eq!(
            serde_json::to_value(report(true)).unwrap(),
            serde_json::json!({ "ok": true, "listen": "127.0.0.1:8080", "operator": "127.0.0.1:9090", "origin": "http://h:3000" })
        );
    }

    #[test]
    fn a_check_says_what_would_be_cached() {
        let config = configuration("[edge]\norigin = 'http://h:3000'\nmemory = '1GiB'", &[]);
        let checked = Checked {
            ok: true,
            configuration: config.file.as_ref(),
            settings: &config.settings,
            config: &config,
        };
        let text = checked.to_string();
        for line in
            ["stepwell.toml is right.", "origin       http://h:3000", "memory       1GiB", "by nobody"]
        {
            assert!(text.contains(line), "{text}");
        }
    }
}
