//! `stepwell restore`: puts a backup in place.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::progress::Bar;
use super::{ConfigOptions, Failure, Output, runtime};
use crate::backup::{self, BackupError, Manifest, Restored};
use crate::clock::Clock;

const EXAMPLES: &str = "\
The server must be stopped. Nothing is overwritten: the data folder must be new or empty, or --force moves what it
holds into a folder within. The backup is checked whole before anything changes. What edges and bookmarks remember of
the data before is void afterwards.

Examples:
  stepwell restore --from /backups/monday
  stepwell restore --from /backups/monday --force     in place of what is there";

/// Options of `stepwell restore`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Which project.
    #[command(flatten)]
    pub config: ConfigOptions,
    /// The folder that `stepwell backup` made.
    #[arg(long, value_name = "DIR")]
    pub from: PathBuf,
    /// Replace what the data folder holds; that is moved aside and kept.
    #[arg(long)]
    pub force: bool,
}

#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    folder: &'a Path,
    replaced: Option<PathBuf>,
    #[serde(flatten)]
    manifest: Manifest,
}

/// Restores, and says what.
pub fn run(args: &Args, output: Output) -> Result<(), Failure> {
    let config = args.config.load()?;
    let folder = &config.data.folder;
    let bar = Bar::default();
    let restoring = async {
        let restored = backup::restore(&args.from, folder, args.force, Clock::system().now(), &bar).await;
        restored.map_err(|error| failure(&error))
    };
    let Restored { manifest, replaced } = runtime::block_on(1, restoring)?;
    bar.finish();
    output.report(&Report { ok: true, folder, replaced, manifest });
    Ok(())
}

fn failure(error: &BackupError) -> Failure {
    let fix = match error {
        BackupError::NotEmpty(_) => {
            "restore into another folder with --data, or add --force to move what it holds aside"
        }
        BackupError::InUse(_) => "stop the server, and start it again after the restore",
        BackupError::NoBackup { .. } => "name the folder that `stepwell backup --to` made",
        BackupError::Damaged { .. } => "nothing was changed; restore another backup",
        BackupError::NoDatabase(_) | BackupError::File { .. } | BackupError::Database { .. } => {
            "mend what it names, and restore again"
        }
    };
    Failure::refused(error.to_string(), fix)
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Manifest { taken, rows, .. } = &self.manifest;
        let count: u64 = rows.values().sum();
        write!(f, "Restored the backup of {taken} into {}: {count} rows.", self.folder.display())?;
        if let Some(replaced) = &self.replaced {
            write!(f, "\nWhat was there before is in {}.", replaced.display())?;
        }
        Ok(())
    }
}
