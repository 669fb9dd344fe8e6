//! Whether anything listens where the origin should be. An origin may start after its edge, and fail while the edge
//! runs; so it is no error, and worth a word to whoever mistyped its port.

use std::io;
use std::time::Duration;

use stepwell_edge_native::upstream::http_origin::OriginUrl;
use tokio::net::TcpStream;
use url::{Host, Url};

/// Connects once, sends nothing, and warns in the log if that fails.
pub(super) async fn warn_unless_reached(origin: OriginUrl, patience: Duration) {
    let Some(place) = place(&origin) else { return };
    let connected = tokio::time::timeout(patience, TcpStream::connect(place)).await;
    match connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
        Ok(_) => tracing::debug!(%origin, "the origin is there"),
        Err(error) => {
            tracing::warn!(%origin, %error, "the origin cannot be reached yet; until it can, what needs it fails");
        }
    }
}

/// Host and port, as the system resolves them: an IPv6 address without its brackets.
fn place(origin: &OriginUrl) -> Option<(String, u16)> {
    let url = Url::parse(&origin.to_string()).ok()?;
    let host = match url.host()? {
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(ip) => ip.to_string(),
        Host::Ipv6(ip) => ip.to_string(),
    };
    Some((host, url.port_or_known_default()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_looked_for_where_requests_go() {
        for (origin, host, port) in [
            ("http://example.org/shop", "example.org", 80),
            ("https://example.org", "example.org", 443),
            ("http://[::1]:3000", "::1", 3000),
        ] {
            assert_eq!(place(&origin.parse().unwrap()), Some((host.to_owned(), port)));
        }
    }
}
