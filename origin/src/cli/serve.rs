//! `stepwell serve`: serves the project.

use super::ServeOptions;

const EXAMPLES: &str = "\
Without a stepwell.toml it serves the built-in example. It begins with what `stepwell check` does, and does not start
when anything is wrong.

Examples:
  stepwell serve                                      the current folder's project, or the example
  stepwell serve --config /etc/stepwell.toml          another one
  stepwell serve --listen 0.0.0.0:80 --threads 2      reachable from outside, on two threads";

/// Options of `stepwell serve`.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What is served, and how.
    #[command(flatten)]
    pub serve: ServeOptions,
}
