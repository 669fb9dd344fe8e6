//! Files that are on the disk when the call returns, readable by their owner alone: a database holds password hashes.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Progress;

const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;
const BLOCK_BYTES: usize = 1024 * 1024;

/// One file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// Makes a folder, and those above it, where they are not there.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path)
}

/// Writes a new file.
pub(super) fn write_synced(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = create_new(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Copies a file into a new one, and says what went through.
pub(super) fn copy_synced(from: &Path, to: &Path, progress: &dyn Progress) -> io::Result<FileEntry> {
    let mut target = create_new(to)?;
    let entry = read_through(from, progress, |block| target.write_all(block))?;
    target.sync_all()?;
    Ok(entry)
}

/// A file's length and digest.
pub(super) fn digest(path: &Path, progress: &dyn Progress) -> io::Result<FileEntry> {
    read_through(path, progress, |_| Ok(()))
}

/// Makes the names of a folder's files durable.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Whether a folder holds anything that `ignored` does not name. A folder that is not there holds nothing.
pub(super) fn holds_anything(path: &Path, ignored: &[&str]) -> io::Result<bool> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    for entry in entries {
        if !ignored.iter().any(|name| entry.as_ref().is_ok_and(|entry| entry.file_name() == *name)) {
            return entry.map(|_| true);
        }
    }
    Ok(false)
}

fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path)
}

fn read_through(
    path: &Path,
    progress: &dyn Progress,
    mut each: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<FileEntry> {
    let mut file = File::open(path)?;
    let mut block = vec![0; BLOCK_BYTES];
    let (mut digest, mut bytes) = (Sha256::new(), 0);
    loop {
        let read = file.read(&mut block)?;
        let Some(read) = block.get(..read).filter(|read| !read.is_empty()) else { break };
        digest.update(read);
        each(read)?;
        bytes += read.len() as u64;
        progress.reach(bytes);
    }
    Ok(FileEntry { bytes, sha256: HEXLOWER.encode(&digest.finalize()) })
}
