//! `stepwell migrate`: makes the database follow the declared collections.

use super::ConfigOptions;

const EXAMPLES: &str = "\
What only adds is applied; what would lose data is refused unless you allow it. Each applied plan is recorded.

Examples:
  stepwell migrate --plan                  what would be done, without doing it
  stepwell migrate                         do it
  stepwell migrate --allow-data-loss       also drop what is no longer declared";

/// Options of `stepwell migrate`.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Which project.
    #[command(flatten)]
    pub config: ConfigOptions,
    /// Show what would be done, and do nothing.
    #[arg(long)]
    pub plan: bool,
    /// Apply also what loses data.
    #[arg(long)]
    pub allow_data_loss: bool,
}
