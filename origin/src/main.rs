//! The `stepwell` command.

#![allow(unreachable_pub, reason = "a binary has no outside: `pub` marks what a module offers to the others")]

mod access;
mod app;
mod audit;
mod backup;
mod briefing;
mod catalog;
mod cli;
mod clock;
mod collections;
mod complaint;
mod config;
mod database;
mod domain;
mod embedded_edge;
mod ids;
mod logging;
mod metrics;
mod overload;
mod purge;
mod routes;
mod telemetry;
mod units;

use std::process::ExitCode;

use clap::Parser as _;
use cli::{Cli, Command, Output};

/// Faster than the system's for many small, short-lived allocations, which is what requests make.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let Cli { json, command } = Cli::parse();
    let output = Output::new(json);
    let done = match command {
        Command::Serve(args) => cli::serve::run(&args, output),
        Command::Edge(args) => cli::edge::run(&args, output),
        Command::Check(args) => cli::check::run(&args, output),
        Command::Init(args) => cli::init::run(&args, output),
        Command::Migrate(args) => cli::migrate::run(&args, output),
        Command::Purge(args) => cli::purge::run(&args, output),
        Command::Accounts(args) => cli::accounts::run(&args, output),
        Command::Audit(args) => cli::audit::run(&args, output),
        Command::Keys(args) => cli::keys::run(&args, output),
        Command::Backup(args) => cli::backup::run(&args, output),
        Command::Restore(args) => cli::restore::run(&args, output),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            ExitCode::FAILURE
        }
    }
}
