//! The `stepwell` command.

mod access;
mod app;
mod clock;
pub mod collections;
mod complaint;
mod config;
mod database;
pub mod domain;
mod ids;
mod logging;
mod purge;
mod routes;
mod units;

fn main() {}
