//! TLS for clients: a certificate and its key from files, read again when they change.
//!
//! A pair that cannot be used never takes the place of one that can: it is told in the log, and connections go on
//! getting what there was. Connections that are open keep the certificate that they began with.

mod files;

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;

use files::State;

/// How often the files are looked at. A renewed certificate has days; an operator who waits for it does not.
const LOOK: Duration = Duration::from_secs(1);
/// What is spoken inside, the preferred first (RFC 7301; the names are of RFC 9113 §3.3 and RFC 9112).
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Speaks TLS 1.3 and 1.2 with clients. Cheap to clone; clones share the certificate.
#[derive(Clone, Debug)]
pub struct Tls {
    config: Arc<ServerConfig>,
    identity: Arc<Identity>,
}

/// Why a certificate and its key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file of certificates cannot be read, or holds none.
    #[error("the certificate {}: {reason}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file of the key cannot be read, or holds none.
    #[error("the key {}: {reason}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Every user of this machine may read the key.
    #[error("the key {}: every user of this machine may read it", path.display())]
    OpenKey {
        /// The file.
        path: PathBuf,
    },
    /// The key is of another certificate.
    #[error("the key {} does not belong to the certificate {}", key.display(), certificate.display())]
    Mismatch {
        /// The file of certificates.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
    /// The cryptography refuses; does not happen with what is compiled in.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
}

/// Who the listener is, at the moment.
#[derive(Debug)]
struct Identity {
    certificate: PathBuf,
    key: PathBuf,
    shown: RwLock<Arc<CertifiedKey>>,
}

impl ResolvesServerCert for Identity {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.shown.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl Tls {
    /// Reads a chain of certificates, the listener's own first, and the key of the first, both as PEM.
    pub fn open(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let shown = RwLock::new(Arc::new(files::read(certificate, key)?));
        let identity = Arc::new(Identity { certificate: certificate.to_owned(), key: key.to_owned(), shown });
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(identity.clone());
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).into();
        // Clients that come back save a round of signatures, and the server keeps nothing for them.
        config.ticketer = ring::Ticketer::new()?;
        Ok(Self { config: Arc::new(config), identity })
    }

    /// Looks at the files for ever, and takes a new pair as soon as it is one.
    pub async fn follow_files(&self) {
        let mut seen = self.identity.state();
        loop {
            tokio::time::sleep(LOOK).await;
            let now = self.identity.state();
            if now != seen {
                self.reload();
                seen = now;
            }
        }
    }

    /// Reads the files again, and says in the log what came of it.
    fn reload(&self) {
        let Identity { certificate, key, shown } = &*self.identity;
        match files::read(certificate, key) {
            Ok(pair) => {
                *shown.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pair);
                tracing::info!(certificate = %certificate.display(), "new connections get the new certificate");
            }
            // The two are most often written one after the other: in between they do not fit, and soon they do.
            Err(error) => tracing::warn!(%error, "the old certificate stays: the new one cannot be used"),
        }
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.config.clone())
    }
}

impl Identity {
    /// Read before what the files hold, so that a change during the reading is seen as one.
    fn state(&self) -> [Option<State>; 2] {
        [&self.certificate, &self.key].map(|path| State::of(path))
    }
}

#[cfg(test)]
mod tests;
