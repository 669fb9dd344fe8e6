//! `stepwell backup`: copies the data while it is served.

use std::path::PathBuf;

use super::ConfigOptions;

const EXAMPLES: &str = "\
The copy is one moment's, whole, and can be taken while the server runs.

Examples:
  stepwell backup --to /backups/monday";

/// Options of `stepwell backup`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Which project.
    #[command(flatten)]
    pub config: ConfigOptions,
    /// The folder for the copy; it must be new or empty.
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
}
