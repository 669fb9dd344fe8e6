//! The `stepwell` command.

mod app;
mod clock;
pub mod collections;
mod complaint;
mod database;
pub mod domain;
mod ids;
mod purge;

fn main() {}
