//! Putting a backup in place.
//!
//! Everything is copied beside the data and checked there before anything changes; then names are moved, the
//! database's last. What was there before is moved aside, never deleted.

use std::fs;
use std::path::{Path, PathBuf};

use sqlx::Connection as _;
use stepwell_shared::time::Timestamp;

use super::manifest::Manifest;
use super::take::open_alone;
use super::{BackupError, Progress, at, files};
use crate::database;
use crate::database::lock::{self, DataLock};
use crate::database::queries::backup as queries;

/// Where the copy is checked, in the data folder, so that moving it into place is renaming.
const STAGING: &str = "restoring";

/// What a restore did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// What was put in place.
    pub manifest: Manifest,
    /// Where the data that was there before is now, if there was any.
    pub replaced: Option<PathBuf>,
}

/// Puts the backup of `from` into the data folder, which must not be in use. If it holds anything, `replace` moves that
/// into a folder within; without it the restore is refused.
pub async fn restore(
    from: &Path,
    data: &Path,
    replace: bool,
    now: Timestamp,
    progress: &dyn Progress,
) -> Result<Restored, BackupError> {
    let manifest = Manifest::read(from)?;
    files::make_folder(data).map_err(at(data))?;
    let _lock = DataLock::acquire(data).map_err(BackupError::InUse)?;
    // What an earlier restore left when it was interrupted.
    let staging = data.join(STAGING);
    if staging.exists() {
        fs::remove_dir_all(&staging).map_err(at(&staging))?;
    }
    let occupied = files::holds_anything(data, &[lock::FILE]).map_err(at(data))?;
    if occupied && !replace {
        return Err(BackupError::NotEmpty(data.to_owned()));
    }
    files::make_folder(&staging).map_err(at(&staging))?;
    copy(&manifest, from, &staging, progress)?;
    prepare(&manifest, &staging.join(database::FILE)).await?;

    let replaced = occupied.then(|| move_aside(data, now)).transpose()?;
    // The database last: its presence means that all is in place.
    let (database, others): (Vec<_>, _) = manifest.files.keys().partition(|name| *name == database::FILE);
    for name in others.into_iter().chain(database) {
        let target = data.join(name);
        fs::rename(staging.join(name), &target).map_err(at(&target))?;
    }
    fs::remove_dir_all(&staging).map_err(at(&staging))?;
    files::sync_folder(data).map_err(at(data))?;
    Ok(Restored { manifest, replaced })
}

fn copy(
    manifest: &Manifest,
    from: &Path,
    staging: &Path,
    progress: &dyn Progress,
) -> Result<(), BackupError> {
    for (name, expected) in &manifest.files {
        let file = from.join(name);
        progress.begin("copying the backup", expected.bytes);
        let copied = files::copy_synced(&file, &staging.join(name), progress).map_err(at(&file))?;
        if copied != *expected {
            let problem = "its content is not what the manifest says".to_owned();
            return Err(BackupError::Damaged { file, problem });
        }
    }
    let has_database = manifest.files.contains_key(database::FILE);
    let problem = || format!("it names no {}", database::FILE);
    has_database
        .then_some(())
        .ok_or_else(|| BackupError::NoBackup { folder: from.to_owned(), problem: problem() })
}

/// Checks the database, and begins its new timeline: the sequences that come now mean other writes than those which
/// edges and bookmarks remember.
async fn prepare(manifest: &Manifest, path: &Path) -> Result<(), BackupError> {
    let failed = |source| BackupError::Database { path: path.to_owned(), source };
    let mut connection = open_alone(path).await.map_err(failed)?;
    let mut damage = queries::find_damage(&mut connection).await.map_err(failed)?;
    if damage.is_none() && queries::row_counts(&mut connection).await.map_err(failed)? != manifest.rows {
        damage = Some("its tables do not have the rows that the manifest says".to_owned());
    }
    if let Some(problem) = damage {
        return Err(BackupError::Damaged { file: path.to_owned(), problem });
    }
    queries::begin_new_epoch(&mut connection).await.map_err(failed)?;
    connection.close().await.map_err(failed)
}

/// Moves everything that the data folder holds into a new folder within it.
fn move_aside(data: &Path, now: Timestamp) -> Result<PathBuf, BackupError> {
    let aside = data.join(format!("replaced-{}", now.as_ms()));
    fs::create_dir(&aside).map_err(at(&aside))?;
    for entry in fs::read_dir(data).map_err(at(data))? {
        let name = entry.map_err(at(data))?.file_name();
        let stays = name == lock::FILE || name == STAGING || name.to_string_lossy().starts_with("replaced-");
        if !stays {
            fs::rename(data.join(&name), aside.join(&name)).map_err(at(&aside))?;
        }
    }
    Ok(aside)
}
