//! The command line, a file a subcommand.
//!
//! Exit codes: 0 good, 1 refused or failed (standard error says why and how to mend it), 2 the command line itself is
//! wrong. With `--json`, standard output is one JSON object, `{"ok": true, …}` or `{"ok": false, "complaints": […]}`.

pub mod accounts;
pub mod audit;
pub mod backup;
pub mod check;
pub mod declared;
pub mod edge;
mod failure;
pub mod init;
pub mod keys;
pub mod migrate;
mod options;
mod output;
mod progress;
pub mod purge;
pub mod restore;
pub mod runtime;
pub mod serve;
mod service;
mod serving;

use clap::{Parser, Subcommand};

pub use failure::Failure;
pub use options::{ConfigOptions, EdgeOptions, ServeOptions};
pub use output::Output;

const EXAMPLES: &str = "\
Examples:
  stepwell serve         serves the project, or the built-in example
  stepwell edge --origin http://127.0.0.1:3000
                         caches in front of any HTTP origin
  stepwell init blog     makes a project in ./blog
  stepwell check         says whether configuration and collections are right
  stepwell help check    says more about a command

Every setting is described in the stepwell.toml that `stepwell init` makes.";

/// A content backend that starts as one binary on one box and grows by configuration.
#[derive(Debug, Parser)]
#[command(name = "stepwell", version, after_help = EXAMPLES, arg_required_else_help = true)]
pub struct Cli {
    /// Print one JSON object, for programs.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the command does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check configuration, collections and this machine without starting anything.
    Check(check::Args),
    /// Make a project: configuration, a collection, a README.
    Init(init::Args),
    /// Make the database follow the declared collections.
    Migrate(migrate::Args),
    /// Serve the project.
    Serve(serve::Args),
    /// Run the edge alone: a cache in front of any HTTP origin.
    Edge(edge::Args),
    /// Make every edge forget what is named.
    Purge(purge::Args),
    /// Make accounts, ban them, give them roles.
    Accounts(accounts::Args),
    /// Show who changed who may do what.
    Audit(audit::Args),
    /// Change the keys that sign access tokens.
    Keys(keys::Args),
    /// Copy the data while it is served.
    Backup(backup::Args),
    /// Put a backup in place.
    Restore(restore::Args),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;
    use clap::error::ErrorKind;

    use super::*;

    #[test]
    fn the_definition_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example_in_its_help() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let example = format!("stepwell {}", command.get_name());
            assert!(help.contains(&example), "{} has no example", command.get_name());
        }
    }

    #[test]
    fn a_wrong_command_line_is_a_usage_error_with_its_own_exit_code() {
        let refused = |line: &str| Cli::try_parse_from(line.split(' ')).unwrap_err();
        for (line, kind) in [
            ("stepwell sevre", ErrorKind::InvalidSubcommand),
            ("stepwell check --lisetn x", ErrorKind::UnknownArgument),
            ("stepwell check --listen localhost", ErrorKind::ValueValidation),
            ("stepwell check --threads many", ErrorKind::ValueValidation),
            ("stepwell check --roles edge,reed", ErrorKind::InvalidValue),
        ] {
            let error = refused(line);
            assert_eq!((error.kind(), error.exit_code()), (kind, 2), "{line}");
        }
    }

    #[test]
    fn json_may_stand_before_or_after_the_command() {
        for line in [["stepwell", "--json", "check"], ["stepwell", "check", "--json"]] {
            assert!(Cli::try_parse_from(line).unwrap().json);
        }
    }
}
