//! One process a data folder: a lock file that the operating system releases when its holder ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::Path;

use super::OpenError;

/// The lock's file in the data folder. It stays when the process ends; only its lock counts.
pub const FILE: &str = "stepwell.lock";

/// Holds a data folder for this process.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Takes the folder, or says who has it. The folder must exist.
    pub fn acquire(folder: &Path) -> Result<Self, OpenError> {
        let path = folder.join(FILE);
        let failed = |source| OpenError::File { path: path.clone(), source };
        let mut options = OpenOptions::new();
        let mut file =
            options.read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Only for the message: a holder that cannot be read is not named.
                let _ = file.read_to_string(&mut holder);
                return Err(OpenError::InUse { folder: folder.to_owned(), pid: holder.trim().parse().ok() });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        file.set_len(0).map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_refused_and_told_who_the_first_is() {
        let folder = tempfile::tempdir().unwrap();
        let first = DataLock::acquire(folder.path()).unwrap();
        let refused = DataLock::acquire(folder.path()).unwrap_err();
        assert!(matches!(refused, OpenError::InUse { pid: Some(pid), .. } if pid == std::process::id()));
        drop(first);
        DataLock::acquire(folder.path()).unwrap();
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let missing = Path::new("/nonexistent/stepwell");
        let message = DataLock::acquire(missing).unwrap_err().to_string();
        assert!(message.contains("/nonexistent/stepwell"), "{message}");
    }
}
