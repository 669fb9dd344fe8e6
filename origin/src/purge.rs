//! The purge log, as edges follow it and operators write to it.

pub mod census;
pub mod command;
pub mod follow;
pub mod log;

pub use census::Census;
pub use log::Log;
