//! `stepwell backup`: copies the data while it is served.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::progress::Bar;
use super::{ConfigOptions, Failure, Output, runtime};
use crate::backup::{self, BackupError, Manifest};
use crate::clock::Clock;

const EXAMPLES: &str = "\
The copy is one moment's, whole, and can be taken while the server runs. It holds the keys as well: keep it as safe.

Examples:
  stepwell backup --to /backups/monday";

/// Options of `stepwell backup`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Which project.
    #[command(flatten)]
    pub config: ConfigOptions,
    /// The folder for the copy; it must be new or empty.
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
}

#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    folder: &'a Path,
    #[serde(flatten)]
    manifest: Manifest,
}

/// Takes a backup, and says what is in it.
pub fn run(args: &Args, output: Output) -> Result<(), Failure> {
    let config = args.config.load()?;
    let bar = Bar::default();
    let taking = async {
        let taken = backup::take(&config.data.folder, &args.to, Clock::system().now(), &bar).await;
        taken.map_err(|error| failure(&error))
    };
    let manifest = runtime::block_on(1, taking)?;
    bar.finish();
    output.report(&Report { ok: true, folder: &args.to, manifest });
    Ok(())
}

fn failure(error: &BackupError) -> Failure {
    let fix = match error {
        BackupError::NoDatabase(_) => "name the data folder with --data, or the configuration with --config",
        BackupError::NotEmpty(_) => "name a new folder with --to",
        _ => "mend what it names, and take the backup into a new folder",
    };
    Failure::refused(error.to_string(), fix)
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Manifest { rows, files, position, .. } = &self.manifest;
        let bytes: u64 = files.values().map(|file| file.bytes).sum();
        writeln!(f, "Backed up into {}, as of position {position}: {bytes} bytes.", self.folder.display())?;
        let width = rows.keys().map(String::len).max().unwrap_or_default();
        for (table, count) in rows {
            writeln!(f, "  {table:width$}  {count:>10} rows")?;
        }
        write!(f, "`stepwell restore --from {}` puts it in place.", self.folder.display())
    }
}
