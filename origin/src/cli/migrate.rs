//! `stepwell migrate`: makes the database follow the declared collections.

use std::fmt;
use std::fs;

use serde::Serialize;

use super::{ConfigOptions, Failure, Output, declared, runtime};
use crate::clock::Clock;
use crate::collections::Collections;
use crate::collections::plan::{Effect, Step};
use crate::config::Config;
use crate::database::migrate::{MigrateError, Migration};

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

#[derive(Serialize)]
struct Report {
    ok: bool,
    /// What was done, or with `--plan` would be.
    steps: Vec<Step>,
    #[serde(skip)]
    planned_only: bool,
}

/// Shows the plan or applies it.
pub fn run(args: &Args, output: Output) -> Result<(), Failure> {
    let config = args.config.load()?;
    let collections = declared::collections(&config)?;
    runtime::block_on(1, migrate(args, &config, collections, output))
}

async fn migrate(
    args: &Args,
    config: &Config,
    collections: Collections,
    output: Output,
) -> Result<(), Failure> {
    let folder = &config.data.folder;
    fs::create_dir_all(folder).map_err(|error| {
        let problem = format!("cannot be made: {error}");
        vec![config.complain("data.folder", problem, "choose a folder that this user may write")]
    })?;
    let migration = Migration::examine(folder, &collections).await.map_err(|error| refused(&error))?;
    if args.plan {
        let steps = migration.plan().steps.clone();
        output.report(&Report { ok: true, steps, planned_only: true });
        return Ok(());
    }
    let losses: Vec<String> =
        migration.plan().steps_that(Effect::LosesData).map(ToString::to_string).collect();
    let steps = migration
        .apply(args.allow_data_loss, Clock::system().now())
        .await
        .map_err(|error| refused(&error))?;
    if losses.is_empty() || args.allow_data_loss {
        output.report(&Report { ok: true, steps, planned_only: false });
        return Ok(());
    }
    let problem = format!(
        "{} that only add were applied; refused, since data would be lost: {}",
        counted(steps.len()),
        losses.join("; ")
    );
    let fix = "take a backup (`stepwell backup --to DIR`), then run `stepwell migrate --allow-data-loss`; or declare it again";
    Err(Failure::refused(problem, fix))
}

fn refused(error: &MigrateError) -> Failure {
    let fix = match error {
        MigrateError::Open(_) => {
            "`stepwell serve` migrates by itself at its start; stop it to migrate by hand"
        }
        MigrateError::Conflicts(_) => {
            "change the declaration so that it agrees with the data; nothing was applied"
        }
        MigrateError::NotUnique { .. } => "look for the records that share a value; nothing was applied",
        MigrateError::Failed { .. } | MigrateError::Database(_) => {
            "nothing was applied; mend what it names and try again"
        }
    };
    Failure::refused(error.to_string(), fix)
}

fn counted(steps: usize) -> String {
    if steps == 1 { "1 step".to_owned() } else { format!("{steps} steps") }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps.is_empty() {
            return write!(f, "The database follows the declared collections; nothing to do.");
        }
        let verb = if self.planned_only { "to do" } else { "done" };
        write!(f, "{} {verb}:", counted(self.steps.len()))?;
        for step in &self.steps {
            let mark = match step.effect() {
                Effect::Expands => "+",
                Effect::LosesData => "- LOSES DATA:",
                Effect::Conflicts => "! CONFLICT:",
            };
            write!(f, "\n  {mark} {step}")?;
        }
        Ok(())
    }
}
