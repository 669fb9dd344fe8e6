//! The purge log: edges follow it, operators write to it.

pub mod census;
pub mod create;
pub mod list;

#[cfg(test)]
mod tests;
