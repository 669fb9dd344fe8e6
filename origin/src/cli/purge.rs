//! `stepwell purge`: makes every edge forget.

use url::Url;

use super::ConfigOptions;

const EXAMPLES: &str = "\
Everything that is named is purged together, at every edge. It asks the running server, with the operator's token of
the configuration.

Examples:
  stepwell purge --collection posts                    every answer of a collection
  stepwell purge --record posts/01h5k2m3n4p5q          every answer that shows a record
  stepwell purge --path /v1/openapi.json --dry-run     how many entries each edge would drop
  stepwell purge --everything                          all that is stored";

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
    /// The server; without it, the address of the configuration.
    #[arg(long, value_name = "URL")]
    pub server: Option<Url>,
}
