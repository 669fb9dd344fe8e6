//! The log, on standard error.

use std::io;

use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::log::{Format, Log};

/// Starts the log. Called once, before anything is worth telling.
pub fn start(log: &Log) {
    // Nobody reads colours in a file.
    let colours = io::IsTerminal::is_terminal(&io::stderr());
    let builder = tracing_subscriber::fmt().with_env_filter(log.level.filter()).with_writer(io::stderr);
    let started = match log.format {
        Format::Text => builder.with_ansi(colours).finish().try_init(),
        Format::Json => builder.json().flatten_event(true).finish().try_init(),
    };
    // Only a second start fails, and then the first log goes on.
    let _ = started;
}
