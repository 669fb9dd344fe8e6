//! TLS on the client's side.

use std::sync::Arc;
use std::time::Duration;

use stepwell_edge_native::{Limits, Listening};
use stepwell_shared::routes::RouteTable;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{ProtocolVersion, version};

use crate::bench::{Bench, Identity};

const REQUEST: &[u8] = b"GET /x HTTP/1.1\r\nhost: a.example\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn http1_inside_tls_reaches_the_origin_as_https() {
    let identity = Identity::new();
    let bench = Bench::start(identity.listening()).await;
    for protocols in [&["http/1.1"][..], &[]] {
        let mut stream = identity.connect(&bench, protocols).await.unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(ProtocolVersion::TLSv1_3));
        stream.write_all(REQUEST).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.contains("\nx-forwarded-proto: https\n"), "{answer}");
    }
}

#[tokio::test]
async fn answers_of_our_own_routes_keep_browsers_to_tls_and_any_other_origins_are_left_alone() {
    let identity = Identity::new();
    for (table, says_so) in [(RouteTable::fixed(), true), (RouteTable::any_origin(), false)] {
        let bench = Bench::serving(table, identity.listening()).await;
        let mut stream = identity.connect(&bench, &[]).await.unwrap();
        stream.write_all(REQUEST).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer.contains("\r\nstrict-transport-security: max-age="), says_so, "{answer}");
    }
}

#[tokio::test]
async fn tls_1_2_is_spoken_and_a_protocol_that_is_not_known_is_refused() {
    let identity = Identity::new();
    let bench = Bench::start(identity.listening()).await;
    let stream = identity.connect(&bench, &["spdy/3"]).await;
    assert!(stream.unwrap_err().to_string().contains("NoApplicationProtocol"));

    let old = TlsConnector::from(Arc::new(identity.client_of(&version::TLS12)));
    let name = "127.0.0.1".try_into().unwrap();
    let stream = old.connect(name, bench.connect().await).await.unwrap();
    assert_eq!(stream.get_ref().1.protocol_version(), Some(ProtocolVersion::TLSv1_2));
}

#[tokio::test]
async fn a_new_certificate_is_shown_without_a_restart_and_old_connections_live_on() {
    let mut identity = Identity::new();
    let bench = Bench::start(identity.listening()).await;
    let mut old = identity.connect(&bench, &[]).await.unwrap();
    identity.renew();
    // It is looked for each second; until then the old one is shown, which this client does not trust.
    while identity.connect(&bench, &[]).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    old.write_all(REQUEST).await.unwrap();
    let mut answer = String::new();
    old.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn who_connects_and_says_nothing_is_let_go() {
    let identity = Identity::new();
    let limits = Limits { handshake_timeout: Duration::from_millis(50), ..Limits::default() };
    let bench = Bench::start(Listening { limits, ..identity.listening() }).await;
    let mut silent = bench.connect().await;
    assert_eq!(silent.read(&mut [0]).await.unwrap(), 0);
    // And HTTP in clear is not mistaken for anything.
    let mut clear = bench.connect().await;
    clear.write_all(REQUEST).await.unwrap();
    let mut answer = Vec::new();
    let _ = clear.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
}
