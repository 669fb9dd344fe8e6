//! `stepwell audit`: who changed who may do what.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use stepwell_shared::ids::Id;
use stepwell_shared::time::Timestamp;

use super::{ConfigOptions, Failure, Output, runtime};
use crate::audit::beside;
use crate::clock::Clock;
use crate::database::queries::audit::Row;
use crate::domain::datetime;
use crate::units::parse_duration;

const EXAMPLES: &str = "\
It reads the data folder's database, whether or not a server runs on it. Each line is a change that was made: when, what, by
whom, to which account, from which network, and in which trace. Log-ins are in the server's log instead.

Examples:
  stepwell audit                          everything that is kept (access.audit_keep)
  stepwell audit --since 7d               of the last week
  stepwell audit --since 2027-01-31T00:00:00Z
  stepwell audit --account 01h5k2m3n4p5q  what one account did, and what was done to it
  stepwell audit --json                   for a program";

/// Options of `stepwell audit`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Which project.
    #[command(flatten)]
    pub config: ConfigOptions,
    /// Only what this account did, or what was done to it.
    #[arg(long, value_name = "ID")]
    pub account: Option<Id>,
    /// Only what was done since then: a time, or a duration back from now.
    #[arg(long, value_name = "TIME", value_parser = since)]
    pub since: Option<Since>,
}

/// A beginning, as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// At this time.
    At(Timestamp),
    /// So long ago.
    Ago(Duration),
}

/// A change, as it is shown.
#[derive(Debug, Serialize)]
struct Shown {
    id: i64,
    at: String,
    what: String,
    by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    by_account: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Id>,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
}

#[derive(Serialize)]
struct Report {
    ok: bool,
    changes: Vec<Shown>,
}

/// Shows it.
pub fn run(args: &Args, output: Output) -> Result<(), Failure> {
    let config = args.config.load()?;
    let since = args.since.map(|since| since.before(Clock::system().now()));
    let mut changes = Vec::new();
    let reading = async {
        let read = beside::read(&config.data.folder, args.account, since, |row| changes.push(Shown::of(row)));
        read.await.map_err(|(path, error)| {
            let fix = "run it as the user that the server runs as; a server of this version makes the log at its start";
            Failure::refused(format!("the audit log cannot be read: {}: {error}", path.display()), fix)
        })
    };
    runtime::block_on(1, reading)?;
    output.report(&Report { ok: true, changes });
    Ok(())
}

fn since(text: &str) -> Result<Since, String> {
    let at = datetime::parse(text).and_then(|ms| u64::try_from(ms).ok()).map(Timestamp::from_ms);
    at.map(Since::At).or_else(|| parse_duration(text).map(Since::Ago)).ok_or_else(|| {
        "write a time such as 2027-01-31T00:00:00Z, or how long ago, such as 12h or 7d".to_owned()
    })
}

impl Since {
    fn before(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(ago) => {
                let ms = u64::try_from(ago.as_millis()).unwrap_or(u64::MAX);
                Timestamp::from_ms(now.as_ms().saturating_sub(ms))
            }
        }
    }
}

impl Shown {
    fn of(row: Row) -> Self {
        Self {
            id: row.id,
            at: datetime::to_text(row.at.as_ms().cast_signed()),
            what: row.what,
            by: row.actor,
            by_account: row.actor_account,
            account: row.account,
            detail: row.detail,
            address: row.address,
            trace_id: row.trace,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.changes.is_empty() {
            return write!(f, "No change is noted.");
        }
        for (place, change) in self.changes.iter().enumerate() {
            if place > 0 {
                writeln!(f)?;
            }
            write!(f, "{change}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {:20}  by {}", self.at, self.what, self.by)?;
        if let Some(id) = self.by_account {
            write!(f, " {id}")?;
        }
        if let Some(id) = self.account.filter(|id| Some(*id) != self.by_account) {
            write!(f, ", to {id}")?;
        }
        if !self.detail.is_empty() {
            // A name of a tag may hold anything that a path may.
            write!(f, ", {}", self.detail.escape_debug())?;
        }
        if let Some(address) = &self.address {
            write!(f, ", from {address}")?;
        }
        match &self.trace_id {
            Some(id) => write!(f, ", trace {id}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_a_time_or_a_duration_back() {
        let now = Timestamp::from_ms(1_000_000_000_000);
        let before = |text: &str| since(text).map(|since| since.before(now).as_ms());
        assert_eq!(before("1970-01-01T00:00:01Z"), Ok(1000));
        assert_eq!(before("1h"), Ok(1_000_000_000_000 - 3_600_000));
        assert!(since("yesterday").is_err());
    }

    #[test]
    fn a_line_says_what_by_whom_to_whom_and_from_where() {
        let id = |n| Id::from_column(n).unwrap();
        let row = Row {
            id: 1,
            at: Timestamp::from_ms(0),
            what: "roles-set".into(),
            actor: "operator".into(),
            actor_account: Some(id(7)),
            account: Some(id(8)),
            detail: "editor\u{1b}".into(),
            address: Some("192.0.2.7".into()),
            trace: None,
        };
        let line = Shown::of(row).to_string();
        let (by, to) = (id(7), id(8));
        assert!(
            line.ends_with(&format!("by operator {by}, to {to}, editor\\u{{1b}}, from 192.0.2.7")),
            "{line}"
        );
    }
}
