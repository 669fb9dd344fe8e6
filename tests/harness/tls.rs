//! A certificate of the test's own, and connections inside TLS that trust nothing else.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// A certificate for 127.0.0.1 and its key, in files that are gone when dropped.
#[derive(Debug)]
pub struct Identity {
    folder: TempDir,
    trusted: CertificateDer<'static>,
}

impl Identity {
    /// A new one.
    pub fn generate() -> Self {
        let folder = TempDir::with_prefix("stepwell-test-").expect("the system has a folder for files");
        let made =
            rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a name is all it needs");
        let identity = Self { folder, trusted: made.cert.der().clone() };
        let [certificate, key] = identity.files();
        fs::write(certificate, made.cert.pem()).expect("the folder can be written");
        fs::write(&key, made.signing_key.serialize_pem()).expect("the folder can be written");
        fs::set_permissions(key, fs::Permissions::from_mode(0o600)).expect("the file is ours");
        identity
    }

    /// The settings by which a server shows it.
    pub fn settings(&self) -> [(&'static str, String); 2] {
        let [certificate, key] = self.files();
        [("STEPWELL_SERVER_TLS_CERTIFICATE", certificate), ("STEPWELL_SERVER_TLS_KEY", key)]
    }

    /// A connection to a server that shows it, to speak this protocol on: `"h2"`.
    pub async fn connect(&self, server: SocketAddr, protocol: &str) -> io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.trusted.clone()).expect("it is a certificate");
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has them")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        let name = "127.0.0.1".try_into().expect("it is an address");
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }

    fn files(&self) -> [String; 2] {
        ["certificate.pem", "key.pem"].map(|name| self.folder.path().join(name).display().to_string())
    }
}
