//! What a backup holds.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::files::FileEntry;
use super::{BackupError, at, files};

/// The manifest's file in a backup.
const FILE: &str = "manifest.json";
/// The form of backups that this version writes and reads.
const FORMAT: u32 = 1;

/// A backup's files and what was in them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the backup.
    pub format: u32,
    /// The version of Stepwell that took it.
    pub stepwell: String,
    /// When: RFC 3339, UTC.
    pub taken: String,
    /// The log position of the copy, as a bookmark.
    pub position: String,
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    /// Every file beside the manifest, by name.
    pub files: BTreeMap<String, FileEntry>,
}

impl Manifest {
    /// The manifest of a backup taken now.
    pub fn new(taken: String, position: String) -> Self {
        Self {
            format: FORMAT,
            stepwell: env!("CARGO_PKG_VERSION").to_owned(),
            taken,
            position,
            rows: BTreeMap::new(),
            files: BTreeMap::new(),
        }
    }

    /// Writes it into a backup's folder, which makes it one.
    pub fn write(&self, folder: &Path) -> Result<(), BackupError> {
        let path = folder.join(FILE);
        let json = serde_json::to_vec_pretty(self).map_err(|error| at(&path)(error.into()))?;
        files::write_synced(&path, &json).map_err(at(&path))
    }

    /// Reads that of a backup.
    pub fn read(folder: &Path) -> Result<Self, BackupError> {
        let no_backup = |problem: String| BackupError::NoBackup { folder: folder.to_owned(), problem };
        let path = folder.join(FILE);
        let json = match fs::read(&path) {
            Ok(json) => json,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(no_backup(format!("it has no {FILE}, which a backup gets when it is complete")));
            }
            Err(error) => return Err(at(&path)(error)),
        };
        let manifest: Self =
            serde_json::from_slice(&json).map_err(|error| no_backup(format!("{FILE}: {error}")))?;
        if manifest.format != FORMAT {
            let problem = format!("its form is {}, and this version reads form {FORMAT}", manifest.format);
            return Err(no_backup(problem));
        }
        // A name is one of a file in this folder and nowhere else.
        match manifest
            .files
            .keys()
            .find(|name| Path::new(name).file_name().is_none_or(|file| file != name.as_str()))
        {
            Some(name) => Err(no_backup(format!("{FILE} names a file outside of it: {name:?}"))),
            None => Ok(manifest),
        }
    }
}
