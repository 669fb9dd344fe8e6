//! TLS on the one box: from files, with both versions of HTTP, and renewed without a restart.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use stepwell_tests::project::Project;
use stepwell_tests::server::Server;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Writes a new certificate for 127.0.0.1 and its key, and returns what to trust.
fn renew(folder: &Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a name is all it needs");
    let [certificate, key] = files(folder);
    fs::write(&key, made.signing_key.serialize_pem()).expect("the folder can be written");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("the file is ours");
    fs::write(certificate, made.cert.pem()).expect("the folder can be written");
    made.cert.der().clone()
}

fn files(folder: &Path) -> [PathBuf; 2] {
    ["certificate.pem", "key.pem"].map(|name| folder.join(name))
}

fn serve() -> (Server, CertificateDer<'static>) {
    let project = Project::example();
    let trusted = renew(project.folder());
    let [certificate, key] = files(project.folder()).map(|path| path.display().to_string());
    let settings = [("STEPWELL_SERVER_TLS_CERTIFICATE", &*certificate), ("STEPWELL_SERVER_TLS_KEY", &*key)];
    (Server::with(project, &settings), trusted)
}

async fn connect(
    server: &Server,
    trusted: &CertificateDer<'static>,
    protocol: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).expect("it is a certificate");
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider has them")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let stream = TcpStream::connect(server.address()).await?;
    let name = "127.0.0.1".try_into().expect("it is an address");
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

fn docs(target: &str) -> Request<Empty<Bytes>> {
    Request::get(target).header("host", "a.example").body(Empty::new()).expect("it is a request")
}

#[tokio::test]
async fn both_versions_of_http_answer_the_same_inside_tls() {
    let (server, trusted) = serve();
    let stream = connect(&server, &trusted, "h2").await.expect("it is trusted");
    let (mut two, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .expect("it speaks HTTP/2");
    tokio::spawn(connection);
    let stream = connect(&server, &trusted, "http/1.1").await.expect("it is trusted");
    let (mut one, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("it speaks HTTP/1.1");
    tokio::spawn(connection);

    let two = two.send_request(docs("https://a.example/v1/openapi.json")).await.expect("it answers");
    let one = one.send_request(docs("/v1/openapi.json")).await.expect("it answers");
    assert_eq!((two.version(), one.version()), (Version::HTTP_2, Version::HTTP_11));
    let bodies = [two, one].map(|answer| {
        assert_eq!(answer.status(), 200);
        answer.into_body().collect()
    });
    let [two, one] = bodies;
    let read = |body: Result<http_body_util::Collected<Bytes>, hyper::Error>| {
        body.expect("it comes whole").to_bytes()
    };
    assert_eq!(read(two.await), read(one.await));
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_without_a_restart_and_a_broken_one_is_not() {
    let (server, old) = serve();
    let folder = server.project().folder();
    fs::write(&files(folder)[0], "broken").expect("the folder can be written");
    while !server.log().contains("the old certificate stays") {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    connect(&server, &old, "h2").await.expect("the old one is still shown");
    let new = renew(folder);
    while connect(&server, &new, "h2").await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(connect(&server, &old, "h2").await.is_err());
}

#[test]
fn a_key_that_does_not_fit_is_told_before_anything_starts() {
    let (server, _) = serve();
    let [_, key] = files(server.project().folder());
    let other = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a name is all it needs");
    fs::write(&key, other.signing_key.serialize_pem()).expect("the folder can be written");
    let said = server.run(&["check"]).failed().err;
    for part in ["STEPWELL_SERVER_TLS_KEY", "server.tls_key", "key.pem", "is not the key of", "fix:"] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
}
