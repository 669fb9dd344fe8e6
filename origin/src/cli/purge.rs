//! `stepwell purge`: makes every edge forget.

use std::fmt;

use http::Method;
use serde::Serialize;
use stepwell_shared::api::purges::{EdgeCount, PurgeCommand, PurgeOutcome};
use url::Url;

use super::service::Service;
use super::{ConfigOptions, Failure, Output, runtime};

const EXAMPLES: &str = "\
Everything that is named is purged together, at every edge. It asks the running server, with the operator's token of
the configuration. A `stepwell edge` in front of any other origin takes tags (the origin's Cache-Tag), paths as requests
spell them, and everything.

Examples:
  stepwell purge --collection posts                    every answer of a collection
  stepwell purge --record posts/01h5k2m3n4p5q          every answer that shows a record
  stepwell purge --path /v1/openapi.json --dry-run     how many entries each edge would drop
  stepwell purge --everything                          all that is stored
  stepwell purge --tag news --server http://127.0.0.1:9090
                                                       at a `stepwell edge`, by its operator's address";

/// Options of `stepwell purge`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[group(id = "what", required = true, multiple = true, args = ["tags", "records", "collections", "paths", "everything"])]
pub struct Args {
    /// Which project: its address and its operator's token.
    #[command(flatten)]
    pub config: ConfigOptions,
    /// What carries this tag; may be repeated.
    #[arg(long = "tag", value_name = "TAG", num_args = 1..)]
    pub tags: Vec<String>,
    /// What shows this record; may be repeated.
    #[arg(long = "record", value_name = "COLLECTION/ID", num_args = 1..)]
    pub records: Vec<String>,
    /// Every answer of this collection; may be repeated.
    #[arg(long = "collection", value_name = "COLLECTION", num_args = 1..)]
    pub collections: Vec<String>,
    /// Every stored variant of this path, whatever its query; may be repeated.
    #[arg(long = "path", value_name = "PATH", num_args = 1..)]
    pub paths: Vec<String>,
    /// All that is stored.
    #[arg(long)]
    pub everything: bool,
    /// Purge nothing; say how many entries each edge would drop.
    #[arg(long)]
    pub dry_run: bool,
    /// The server; without it, the address of the configuration: `server.listen`, or `operator.listen` where `edge.origin` or
    /// `server.tls_certificate` is set, or the role "edge" is not.
    #[arg(long, value_name = "URL")]
    pub server: Option<Url>,
}

#[derive(Serialize)]
struct Report {
    ok: bool,
    #[serde(flatten)]
    outcome: PurgeOutcome,
}

/// Asks the server to purge, and says what came of it.
pub fn run(args: &Args, output: Output) -> Result<(), Failure> {
    let config = args.config.load()?;
    let service = Service::of(&config, args.server.as_ref())?;
    let command = args.command();
    let outcome = runtime::block_on(1, service.ask(Method::POST, "/v1/purges", Some(&command)))?;
    output.report(&Report { ok: true, outcome });
    Ok(())
}

impl Args {
    fn command(&self) -> PurgeCommand {
        PurgeCommand {
            tags: self.tags.clone(),
            records: self.records.clone(),
            collections: self.collections.clone(),
            paths: self.paths.clone(),
            everything: self.everything,
            dry_run: self.dry_run,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PurgeOutcome { dry_run, tags, bookmark, edges } = &self.outcome;
        match bookmark {
            Some(bookmark) => writeln!(f, "Purged, at position {bookmark} of the log:")?,
            None => writeln!(f, "Nothing was purged. A purge would be of:")?,
        }
        tags.iter().try_for_each(|tag| writeln!(f, "  {tag}"))?;
        if !dry_run {
            return write!(f, "Within a second no edge that follows the log serves it any more.");
        }
        if edges.is_empty() {
            return write!(f, "No edge follows the log.");
        }
        let width = edges.iter().map(|count| count.edge.len()).max().unwrap_or_default();
        write!(f, "It would drop, by edge:")?;
        edges.iter().try_for_each(|EdgeCount { edge, entries }| match entries {
            Some(entries) => write!(f, "\n  {edge:width$}  {entries:>10} entries"),
            None => write!(f, "\n  {edge:width$}  no answer in time"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dry_run_is_shown_edge_by_edge() {
        let edges = vec![
            EdgeCount { edge: "embedded".into(), entries: Some(1234) },
            EdgeCount { edge: "far".into(), entries: None },
        ];
        let outcome = PurgeOutcome { dry_run: true, tags: vec!["all".into()], bookmark: None, edges };
        let text = Report { ok: true, outcome }.to_string();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "Nothing was purged. A purge would be of:");
        assert_eq!(lines[3..], ["  embedded        1234 entries", "  far       no answer in time"]);
    }
}
