//! Connections to an origin: TCP and, for `https`, TLS, all of it within one time limit.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tower::timeout::Timeout;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, ServiceExt as _};

use super::OriginUrl;
use super::connection::Counted;

/// Makes connections.
pub(super) type Connector = BoxCloneSyncService<Uri, Counted<MaybeHttpsStream<TokioIo<TcpStream>>>, BoxError>;

/// Why no TLS can be spoken with an origin, and what helps.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The extra file of authorities cannot be read.
    #[error("cannot read authorities from {path}: {reason}; it must be a file of PEM certificates")]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// Nobody to trust.
    #[error(
        "this machine has no store of certificate authorities{0}; install its ca-certificates, or name a file of authorities"
    )]
    NoAuthorities(String),
    /// The cryptography refuses; does not happen with what is compiled in.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
}

/// A connector to `url` that gives up after `limit`, name resolution and TLS included.
pub(super) fn connector(
    url: &OriginUrl,
    limit: Duration,
    ca_file: Option<&Path>,
) -> Result<Connector, TlsError> {
    let roots = if url.is_https() { authorities(ca_file)? } else { RootCertStore::empty() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    // Requests are written whole; waiting for more would only delay them.
    tcp.set_nodelay(true);
    // Of several addresses each gets its share of the limit.
    tcp.set_connect_timeout(Some(limit));
    let https =
        HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
    Ok(Connector::new(Timeout::new(https, limit).map_response(Counted::new)))
}

/// The machine's authorities and those of the extra file.
fn authorities(ca_file: Option<&Path>) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    // Stores of machines hold certificates that no library understands; they vouch for nobody.
    let _ = roots.add_parsable_certificates(found.certs);
    if let Some(path) = ca_file {
        let unreadable = |reason: String| TlsError::CaFile { path: path.to_owned(), reason };
        let certificates = read(path).map_err(|error| unreadable(error.to_string()))?;
        for certificate in certificates {
            roots.add(certificate).map_err(|error| unreadable(error.to_string()))?;
        }
    }
    if roots.is_empty() {
        let why = found.errors.first().map(|error| format!(" ({error})")).unwrap_or_default();
        return Err(TlsError::NoAuthorities(why));
    }
    Ok(roots)
}

fn read(path: &Path) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    let certificates = CertificateDer::pem_file_iter(path)?.collect::<Result<Vec<_>, _>>()?;
    if certificates.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(certificates) }
}
