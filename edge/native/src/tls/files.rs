//! A certificate and its key, as they are on the disk.

use std::fs::{self, Metadata};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::TlsError;

/// What changes when a file does: replaced in place or by another, or what a link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    device: u64,
    inode: u64,
    bytes: u64,
    modified_s: i64,
    modified_ns: i64,
}

impl State {
    /// `None` where there is no such file, or it cannot be looked at.
    pub(super) fn of(path: &Path) -> Option<Self> {
        fs::metadata(path).ok().as_ref().map(Self::from)
    }
}

impl From<&Metadata> for State {
    fn from(found: &Metadata) -> Self {
        Self {
            device: found.dev(),
            inode: found.ino(),
            bytes: found.size(),
            modified_s: found.mtime(),
            modified_ns: found.mtime_nsec(),
        }
    }
}

/// Reads a pair that fits.
pub(super) fn read(certificate: &Path, key: &Path) -> Result<CertifiedKey, TlsError> {
    let chain = read_chain(certificate)
        .map_err(|reason| TlsError::Certificate { path: certificate.to_owned(), reason })?;
    let bad_key = |reason: String| TlsError::Key { path: key.to_owned(), reason };
    if is_open_to_everybody(key).map_err(|error| bad_key(error.to_string()))? {
        return Err(TlsError::OpenKey { path: key.to_owned() });
    }
    let secret =
        PrivateKeyDer::from_pem_file(key).map_err(|error| bad_key(reason(error, "no private key")))?;
    CertifiedKey::from_der(chain, secret, &ring::default_provider()).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            TlsError::Mismatch { certificate: certificate.to_owned(), key: key.to_owned() }
        }
        rustls::Error::InvalidCertificate(_) => {
            TlsError::Certificate { path: certificate.to_owned(), reason: error.to_string() }
        }
        other => bad_key(other.to_string()),
    })
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    const NONE: &str = "no certificate";
    let chain = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match chain.map_err(|error| reason(error, NONE))? {
        none if none.is_empty() => Err(format!("it holds {NONE} in PEM")),
        chain => Ok(chain),
    }
}

/// A group may read it: systems have groups for that. The world may not.
fn is_open_to_everybody(key: &Path) -> std::io::Result<bool> {
    Ok(fs::metadata(key)?.permissions().mode() & 0o007 != 0)
}

fn reason(error: pem::Error, missing: &str) -> String {
    match error {
        pem::Error::Io(error) => error.to_string(),
        pem::Error::NoItemsFound => format!("it holds {missing} in PEM"),
        other => format!("it is not PEM: {other}"),
    }
}
