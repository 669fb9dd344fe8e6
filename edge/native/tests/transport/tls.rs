//! Origins over TLS.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use stepwell_edge_native::upstream::http_origin::{HttpOrigin, SendError, Settings, TlsError};
use tempfile::NamedTempFile;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use crate::line::Line;
use crate::origin::{Played, client, get, send};

/// A certificate for 127.0.0.1 that only its own file vouches for, and what shows it.
fn certificate() -> (NamedTempFile, TlsAcceptor) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(made.cert.pem().as_bytes()).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    (file, TlsAcceptor::from(Arc::new(config)))
}

fn trusting(file: &NamedTempFile) -> Settings {
    Settings { ca_file: Some(file.path().to_owned()), ..Settings::default() }
}

#[tokio::test]
async fn an_origin_is_trusted_for_an_authority_of_the_extra_file_and_called_by_its_own_name() {
    let origin = Played::start().await;
    let (file, acceptor) = certificate();
    let client = client(&format!("https://{}", origin.address()), &trusting(&file));
    let asking = send(&client, get("/"));
    let mut line = Line::new(acceptor.accept(origin.accept().await.into_stream()).await.unwrap());
    assert!(line.head().await.contains(&format!("\r\nhost: {}\r\n", origin.address())));
    line.write("HTTP/1.1 204 No Content\r\n\r\n").await;
    assert_eq!(asking.await.unwrap().unwrap().status(), 204);
}

#[tokio::test]
async fn an_origin_that_nobody_known_vouches_for_gets_no_request() {
    let origin = Played::start().await;
    let (_own, acceptor) = certificate();
    let (other, _) = certificate();
    let client = client(&format!("https://{}", origin.address()), &trusting(&other));
    let asking = send(&client, get("/"));
    assert!(acceptor.accept(origin.accept().await.into_stream()).await.is_err());
    assert!(matches!(asking.await.unwrap(), Err(SendError::Connect(_))));
}

#[tokio::test]
async fn the_time_to_connect_includes_the_handshake() {
    let origin = Played::start().await;
    let (file, _) = certificate();
    let settings = Settings { connect_timeout: Duration::from_millis(50), ..trusting(&file) };
    let client = client(&format!("https://{}", origin.address()), &settings);
    let asking = send(&client, get("/"));
    // Accepted, and then silent.
    let line = origin.accept().await;
    assert!(matches!(asking.await.unwrap(), Err(SendError::Connect(_))));
    drop(line);
}

#[test]
fn a_file_without_authorities_is_refused_by_name() {
    let empty = NamedTempFile::new().unwrap();
    let made = HttpOrigin::new("https://origin.example".parse().unwrap(), &trusting(&empty));
    let Err(error @ TlsError::CaFile { .. }) = made.map(|_| ()) else { panic!("accepted") };
    assert!(error.to_string().contains(&empty.path().display().to_string()), "{error}");
}
