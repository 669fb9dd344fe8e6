//! What a command prints: text for people, or one JSON object for programs.

use std::fmt::Display;
use std::io;

use serde::Serialize;

use super::Failure;

/// Whom a command prints for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// A person.
    Text,
    /// A program.
    Json,
}

impl Output {
    /// Programs ask with `--json`.
    pub fn new(json: bool) -> Self {
        if json { Self::Json } else { Self::Text }
    }

    /// Prints what a command did. `report` serialises to an object that says `"ok": true`.
    pub fn report(self, report: &(impl Display + Serialize)) {
        match self {
            Self::Text => print(&mut io::stdout(), report),
            Self::Json => print_json(report),
        }
    }

    /// Prints why a command failed: on standard error always, and for programs on standard output as well.
    pub fn failure(self, failure: &Failure) {
        if self == Self::Json {
            print_json(failure);
        }
        print(&mut io::stderr(), failure);
    }
}

fn print_json(report: &impl Serialize) {
    // Reports are strings, numbers and maps with text keys: they always serialise.
    print(&mut io::stdout(), &serde_json::to_string_pretty(report).unwrap_or_default());
}

/// Whoever reads may leave early (`stepwell check | head -1`); that is no failure of the command.
fn print(stream: &mut impl io::Write, text: &impl Display) {
    let _ = writeln!(stream, "{text}").and_then(|()| stream.flush());
}
