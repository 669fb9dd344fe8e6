//! What the process says about itself, on standard error.

use clap::ValueEnum;
use stepwell_edge_native::RequestLog;
use tracing_subscriber::EnvFilter;

use super::reader::Reader;
use super::value::{Setting, Written, read_choice, write_choice};

/// Section `[log]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// What is told.
    pub level: Level,
    /// In which form.
    pub format: Format,
    /// Of which requests there is a line.
    pub requests: Requests,
}

/// A level, or levels a module: `info` or `info,sqlx=warn`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level(String);

/// The form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One object a line, for programs.
    Json,
}

/// Of which requests there is a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Requests {
    /// Of none.
    Off,
    /// Of those that failed on this side.
    Errors,
    /// Of all.
    All,
}

const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];

impl Log {
    /// Reads the section.
    pub fn read(reader: &mut Reader) -> Self {
        Self {
            level: reader.setting("log.level", Level("info".to_owned())),
            format: reader.setting("log.format", Format::Text),
            requests: reader.setting("log.requests", Requests::Errors),
        }
    }
}

impl Default for Level {
    fn default() -> Self {
        Self("info".to_owned())
    }
}

impl Level {
    /// The filter that it means.
    pub fn filter(&self) -> EnvFilter {
        EnvFilter::new(&self.0)
    }
}

impl Setting for Level {
    const NAME: &'static str = "a level";
    const EXAMPLE: &'static str = "\"error\", \"warn\", \"info\", \"debug\", \"trace\" or \"off\", or levels a module such as \"info,sqlx=debug\"";

    fn read(written: &Written) -> Option<Self> {
        let text = written.text()?;
        // The filter takes a word that is no level for a module's name, and would then say nothing at all.
        let understood = text.split(',').all(|directive| {
            let level = directive.rsplit_once('=').map_or(directive, |(_, level)| level);
            LEVELS.contains(&level.trim())
        });
        (understood && EnvFilter::try_new(text).is_ok()).then(|| Self(text.to_owned()))
    }

    fn write(&self) -> String {
        self.0.clone()
    }
}

impl From<Requests> for RequestLog {
    fn from(requests: Requests) -> Self {
        match requests {
            Requests::Off => Self::Off,
            Requests::Errors => Self::Errors,
            Requests::All => Self::All,
        }
    }
}

impl Setting for Requests {
    const NAME: &'static str = "a choice of requests";
    const EXAMPLE: &'static str = "\"off\", \"errors\" or \"all\"";

    fn read(written: &Written) -> Option<Self> {
        read_choice(written)
    }

    fn write(&self) -> String {
        write_choice(self)
    }
}

impl Setting for Format {
    const NAME: &'static str = "a format of the log";
    const EXAMPLE: &'static str = "\"text\" or \"json\"";

    fn read(written: &Written) -> Option<Self> {
        read_choice(written)
    }

    fn write(&self) -> String {
        write_choice(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_no_level_is_refused() {
        let level = |text: &str| Level::read(&Written::Text(text.to_owned()));
        for good in ["info", "off", "info,sqlx=warn", "warn,stepwell::routes=debug"] {
            assert!(level(good).is_some(), "{good}");
        }
        for bad in ["", "infoo", "info,", "sqlx", "sqlx=loud", "=", "5", "INFO"] {
            assert!(level(bad).is_none(), "{bad}");
        }
    }
}
