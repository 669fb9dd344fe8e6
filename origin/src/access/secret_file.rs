//! Secrets that `serve` makes itself and keeps in the data folder, readable by their owner alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

/// Read and written by the owner, nothing for others.
const MODE: u32 = 0o600;

/// A secret's file could not be read or made.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct SecretFileError {
    /// Which file.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// The secret in `path`; made and kept there if there is none. Whoever calls holds the data folder's lock.
pub fn read_or_make(
    path: &Path,
    make: impl FnOnce() -> io::Result<SecretString>,
) -> Result<SecretString, SecretFileError> {
    let found = match fs::read_to_string(path) {
        Ok(text) => {
            warn_if_open_to_others(path);
            Ok(SecretString::from(text))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make().and_then(|secret| write(path, secret.expose_secret().as_bytes()).map(|()| secret))
        }
        Err(error) => Err(error),
    };
    found.map_err(|source| SecretFileError { path: path.to_owned(), source })
}

/// Writes a secret whole or not at all, and returns when it is on the disk: a key that signs tokens today must be there
/// after a power cut.
pub fn write(path: &Path, secret: &[u8]) -> io::Result<()> {
    let unfinished = path.with_added_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(MODE).open(&unfinished)?;
    file.write_all(secret)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    File::open(folder_of(path))?.sync_all()
}

/// The folder that a file is in: of a name alone, the current one.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => path,
    }
}

fn warn_if_open_to_others(path: &Path) {
    if let Ok(metadata) = fs::metadata(path)
        && metadata.permissions().mode() & 0o077 != 0
    {
        tracing::warn!(path = %path.display(), "others may read this secret; run chmod 600 on it");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let made = read_or_make(&path, || Ok("one".into())).unwrap();
        let again = read_or_make(&path, || Ok("two".into())).unwrap();
        assert_eq!((made.expose_secret(), again.expose_secret()), ("one", "one"));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, MODE);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_name_alone_is_a_file_in_the_current_folder() {
        assert_eq!(folder_of(Path::new("key")), Path::new("."));
        assert_eq!(folder_of(Path::new("keys/one")), Path::new("keys"));
        assert_eq!(folder_of(Path::new("/key")), Path::new("/"));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let refused = read_or_make(folder.path(), || Ok("one".into())).unwrap_err();
        assert!(refused.to_string().contains(&folder.path().display().to_string()));
    }
}
