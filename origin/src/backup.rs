//! Copies of everything that is kept, taken while it is served, and put in place again.
//!
//! A backup is a folder: the database as of one moment, the secrets of the data folder, and a manifest that is written
//! last, with the digest of each file. A folder without a manifest is no backup.

mod files;
mod manifest;
mod restore;
mod take;

use std::io;
use std::path::{Path, PathBuf};

pub use manifest::Manifest;
pub use restore::{Restored, restore};
pub use take::take;

/// Why a backup was not taken or not put in place. Shown to the operator, whole.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The data folder holds no database.
    #[error("there is no database in {}", .0.display())]
    NoDatabase(PathBuf),
    /// The folder for the backup, or for the data, is not empty.
    #[error("{} is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// A running server holds the data folder.
    #[error(transparent)]
    InUse(crate::database::OpenError),
    /// No manifest, or one that this version cannot read.
    #[error("{} is no backup: {problem}", folder.display())]
    NoBackup {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        problem: String,
    },
    /// The content is not what was backed up.
    #[error("the backup is damaged: {}: {problem}", file.display())]
    Damaged {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// SQLite refused.
    #[error("the database {}: {source}", path.display())]
    Database {
        /// Which file.
        path: PathBuf,
        /// What SQLite said.
        source: sqlx::Error,
    },
}

/// Told how far a long step is.
pub trait Progress: Sync {
    /// A step begins that has `total_bytes`.
    fn begin(&self, step: &'static str, total_bytes: u64);
    /// So many bytes of it are done.
    fn reach(&self, bytes: u64);
}

/// Names the file in an IO error.
fn at(path: &Path) -> impl Fn(io::Error) -> BackupError + '_ {
    |source| BackupError::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
