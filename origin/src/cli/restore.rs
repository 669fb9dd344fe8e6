//! `stepwell restore`: puts a backup in place.

use std::path::PathBuf;

use super::ConfigOptions;

const EXAMPLES: &str = "\
The server must be stopped, and the data folder new or empty: nothing is overwritten.

Examples:
  stepwell restore --from /backups/monday";

/// Options of `stepwell restore`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Which project.
    #[command(flatten)]
    pub config: ConfigOptions,
    /// The folder that `stepwell backup` made.
    #[arg(long, value_name = "DIR")]
    pub from: PathBuf,
}
