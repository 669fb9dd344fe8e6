//! `stepwell keys`: the keys that sign access tokens, and those that edges sign their requests with.

mod edge;

use std::fmt;
use std::path::Path;
use std::time::Duration;

use clap::Subcommand;
use serde::Serialize;
use stepwell_shared::time::Timestamp;

use super::{ConfigOptions, Failure, Output, runtime};
use crate::access::keys::{self, Kept, KeyError};
use crate::audit::beside::{self, ChangeError};
use crate::audit::{self, Actor, Change, Trail};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::datetime;

const EXAMPLES: &str = "\
Access tokens are signed with a key of the data folder, and verified by every edge with its public half, which is
published at /.well-known/jwks.json. A rotation makes a new key; a running server signs with it within a few seconds.
The old key's tokens are accepted until the last of them has expired, so that nobody is logged out.

An edge elsewhere signs what it forwards with a key that it shares with its origin. The origin takes two of an edge at
once, so that a key is replaced in three steps: add the new one at the origin, give it to the edge, remove the old one.

Examples:
  stepwell keys list           which keys there are, and until when they count
  stepwell keys rotate         a new one, such as once a year or when somebody leaves
  stepwell keys rotate --data /var/lib/stepwell
  stepwell keys edge fra-1     a key for the edge fra-1, printed for both sides
  stepwell keys edge fra-1 --edges-file edges --key-file fra-1.key
                               the same into files, and not printed";

/// Options of `stepwell keys`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What to do with them.
    #[command(subcommand)]
    pub what: What,
}

/// What to do with the keys.
#[derive(Clone, Debug, Subcommand)]
pub enum What {
    /// Show the keys whose tokens are accepted.
    List(ConfigOptions),
    /// Make a new key that signs from now on.
    Rotate(ConfigOptions),
    /// Make a key for an edge elsewhere.
    Edge(edge::Args),
}

#[derive(Serialize)]
struct Shown {
    kid: String,
    signs: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_until: Option<String>,
}

#[derive(Serialize)]
struct Report {
    ok: bool,
    keys: Vec<Shown>,
    #[serde(skip)]
    rotated: bool,
}

/// Does it.
pub fn run(args: &Args, output: Output) -> Result<(), Failure> {
    let now = Clock::system().now();
    let (kept, rotated) = match &args.what {
        What::List(options) => {
            let config = kept_in_folder(options)?;
            (keys::list(&config.data.folder, now).map_err(|error| refused(&error))?, false)
        }
        What::Rotate(options) => {
            let config = kept_in_folder(options)?;
            let (folder, lifetime) = (&config.data.folder, config.access.token_lifetime);
            runtime::block_on(1, rotate(folder, lifetime, now))?;
            (keys::list(folder, now).map_err(|error| refused(&error))?, true)
        }
        What::Edge(args) => return edge::run(args, output),
    };
    output.report(&Report { ok: true, keys: kept.into_iter().map(Shown::of).collect(), rotated });
    Ok(())
}

/// Makes a new key, and writes to the audit log that it was made.
async fn rotate(folder: &Path, lifetime: Duration, now: Timestamp) -> Result<(), Failure> {
    let rotating = || {
        let (new, _) = keys::rotate(folder, lifetime, now)?;
        let row = Change::new(now, audit::What::SigningKeyRotated, Actor::Command, Trail::default());
        Ok(((), row.with(new.kid)))
    };
    beside::make(folder, rotating).await.map_err(|error| match error {
        ChangeError::Change(error) => refused(&error),
        ChangeError::Log { .. } => {
            let fix = "run it as the user that the server runs as; `stepwell keys list` says whether a key was made";
            Failure::refused(error.to_string(), fix)
        }
    })
}

/// The configuration, if the keys are the data folder's.
fn kept_in_folder(options: &ConfigOptions) -> Result<Config, Failure> {
    let config = options.load()?;
    if config.access.signing_key.is_none() {
        return Ok(config);
    }
    let problem = "the signing key is configured, and not kept in the data folder";
    let fix = "change it where it is configured (access.signing_key_file or STEPWELL_ACCESS_SIGNING_KEY) and restart the \
        servers: clients refresh their access tokens by themselves; or leave it out to have `stepwell serve` keep keys";
    Err(Failure::refused(problem, fix))
}

fn refused(error: &KeyError) -> Failure {
    let fix = match error {
        KeyError::Missing(_) => {
            "name the server's data folder with --data; `stepwell serve` makes a key at its first start"
        }
        KeyError::File(_) | KeyError::Malformed(_) | KeyError::MalformedRetired(_) => {
            "run it as the user that the server runs as, on that server's data folder"
        }
    };
    Failure::refused(error.to_string(), fix)
}

impl Shown {
    fn of(kept: Kept) -> Self {
        let text = |at: Timestamp| datetime::to_text(at.as_ms().cast_signed());
        Self { kid: kept.kid, signs: kept.until.is_none(), accepted_until: kept.until.map(text) }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rotated {
            writeln!(
                f,
                "Made a new key. A running server publishes it within a second and signs with it soon after."
            )?;
        }
        write!(f, "Keys whose tokens are accepted:")?;
        self.keys.iter().try_for_each(|key| match &key.accepted_until {
            None => write!(f, "\n  {}  signs", key.kid),
            Some(until) => write!(f, "\n  {}  until {until}", key.kid),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configured_key_is_changed_where_it_is_configured() {
        let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";
        let folder = tempfile::tempdir().unwrap();
        let (file, key) = (folder.path().join("stepwell.toml"), folder.path().join("key.pem"));
        std::fs::write(&key, pem).unwrap();
        std::fs::write(&file, "[access]\nsigning_key_file = \"key.pem\"").unwrap();
        let options = ConfigOptions { config: Some(file), data: None };
        let failure = kept_in_folder(&options).unwrap_err().to_string();
        assert!(failure.contains("access.signing_key_file"), "{failure}");
    }

    #[test]
    fn a_folder_without_a_key_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = keys::list(folder.path(), Timestamp::from_ms(0)).unwrap_err();
        let failure = refused(&error).to_string();
        assert!(failure.contains("signing-key.pem") && failure.contains("--data"), "{failure}");
    }
}
