//! How far a long command is, for a person who watches.

use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};

use crate::backup::Progress;

const TEMPLATE: &str = "{msg:24} {bar:32} {decimal_bytes}/{decimal_total_bytes}";

/// A bar on standard error; nothing where that is no terminal.
#[derive(Default)]
pub struct Bar {
    current: Mutex<Option<ProgressBar>>,
}

impl Bar {
    /// Removes the bar: what was done is told by the report.
    pub fn finish(&self) {
        if let Some(bar) = self.current().take() {
            bar.finish_and_clear();
        }
    }

    fn current(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Bar {
    fn begin(&self, step: &'static str, total_bytes: u64) {
        self.finish();
        // It draws on standard error, and not at all where that is no terminal.
        let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        *self.current() = Some(ProgressBar::new(total_bytes).with_style(style).with_message(step));
    }

    fn reach(&self, bytes: u64) {
        if let Some(bar) = &*self.current() {
            bar.set_position(bytes);
        }
    }
}

impl Drop for Bar {
    /// A command that fails says why on a line of its own.
    fn drop(&mut self) {
        self.finish();
    }
}
