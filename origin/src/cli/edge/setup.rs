//! From the configuration to an edge, or to everything that is wrong with it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use stepwell_edge_core::authenticate::Authenticator;
use stepwell_edge_core::cache::purge_log::SLOTS_DEFAULT;
use stepwell_edge_core::route::Router;
use stepwell_edge_native::upstream::http_origin::{HttpOrigin, OriginUrl, TlsError};
use stepwell_edge_native::{NativeEdge, Settings};
use stepwell_shared::claims::KeySet;
use stepwell_shared::limits::LOG_SILENCE_MAX_MS;
use stepwell_shared::routes::RouteTable;
use url::{Host, Url};

use super::told;
use crate::cli::Failure;
use crate::cli::serving::seed;
use crate::clock::Clock;
use crate::complaint::Complaint;
use crate::config::{Config, preflight};

const ORIGIN: &str = "edge.origin";
const CA_FILE: &str = "edge.origin_ca_file";

/// An origin that can be asked.
pub(super) struct Setup {
    /// Where it is.
    pub(super) url: OriginUrl,
    origin: HttpOrigin,
}

impl Setup {
    /// The configured origin, once nothing is wrong with it, nor with the addresses to listen on.
    pub(super) fn examine(config: &Config) -> Result<Self, Failure> {
        let mut complaints = preflight::addresses(config);
        match origin(config) {
            Ok(setup) if complaints.is_empty() => return Ok(setup),
            Ok(_) => {}
            Err(more) => complaints.extend(more),
        }
        Err(complaints.into())
    }

    /// An edge in front of it, with nothing stored yet. With a key it is one of a Stepwell's edges, and waits until that
    /// has told it what to serve.
    pub(super) async fn edge(self, config: &Config) -> Result<NativeEdge, Failure> {
        match config.edge.identity.clone() {
            Some(identity) => told::edge(self.origin, identity, config).await,
            None => self.before_any_origin(config),
        }
    }

    fn before_any_origin(self, config: &Config) -> Result<NativeEdge, Failure> {
        let router = Router::new(RouteTable::any_origin())
            .map_err(|error| Failure::refused(error.to_string(), "report this: the table is built in"))?;
        let clock = Clock::system();
        let settings = Settings {
            router,
            // No route of ours is served, so that nobody's tokens are read.
            authenticator: Authenticator { keys: KeySet::default(), audience: String::new() },
            http: config.edge.http,
            rates: config.edge.rates,
            memory_bytes: config.edge.memory_bytes,
            purge_slots: SLOTS_DEFAULT,
            seed: seed()?,
            log_silence_max_ms: LOG_SILENCE_MAX_MS,
            clock: Arc::new(move || clock.now()),
        };
        Ok(NativeEdge::new(settings, Arc::new(self.origin)))
    }
}

fn origin(config: &Config) -> Result<Setup, Vec<Complaint>> {
    let settings = &config.edge.origin;
    let Some(url) = settings.url.clone() else {
        let fix =
            "name the origin with --origin http://HOST:PORT, or set edge.origin or STEPWELL_EDGE_ORIGIN";
        return Err(vec![config.complain(ORIGIN, "is not set: there is nothing to cache", fix)]);
    };
    for (key, address) in
        [("server.listen", config.server.listen), ("operator.listen", config.operator.listen)]
    {
        if leads_to(&url, address) {
            let problem = format!("is the address of {key} as well: requests would go round in a circle");
            let fix =
                format!("name the address that the origin itself listens on, or give {key} another one");
            return Err(vec![config.complain(ORIGIN, problem, fix)]);
        }
    }
    if settings.ca_file.is_some() && !url.is_https() {
        let fix = "begin edge.origin with https://, or leave edge.origin_ca_file out";
        return Err(vec![config.complain(CA_FILE, "is of no use: edge.origin is reached without TLS", fix)]);
    }
    let origin =
        HttpOrigin::new(url.clone(), &settings.settings()).map_err(|error| vec![no_tls(config, &error)])?;
    Ok(Setup { url, origin })
}

fn no_tls(config: &Config, error: &TlsError) -> Complaint {
    match error {
        TlsError::CaFile { reason, .. } => {
            let fix = "name a file of PEM certificates that this user may read";
            config.complain(CA_FILE, format!("cannot be read: {reason}"), fix)
        }
        TlsError::NoAuthorities(why) => {
            let problem = format!("is reached by TLS, and this machine has no certificate authorities{why}");
            let fix =
                "install the system's ca-certificates, or name a file of authorities in edge.origin_ca_file";
            config.complain(ORIGIN, problem, fix)
        }
        TlsError::Setup(error) => config.complain(
            ORIGIN,
            format!("is reached by TLS, which cannot be set up: {error}"),
            "report this",
        ),
    }
}

/// Whether the origin is what listens on `address`. A name other than `localhost` is not resolved: what it means may
/// change, and a circle that it makes is broken at the first requests (RFC 8586).
fn leads_to(origin: &OriginUrl, address: SocketAddr) -> bool {
    let Ok(url) = Url::parse(&origin.to_string()) else { return false };
    if address.port() == 0 || url.port_or_known_default() != Some(address.port()) {
        return false;
    }
    let ips = match url.host() {
        Some(Host::Ipv4(ip)) => vec![IpAddr::V4(ip)],
        Some(Host::Ipv6(ip)) => vec![ip.to_canonical()],
        Some(Host::Domain("localhost")) => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        Some(Host::Domain(_)) | None => Vec::new(),
    };
    ips.into_iter().any(|ip| is_heard_at(ip, address.ip()))
}

/// Whether who listens on the address `listen` takes connections to `ip`.
fn is_heard_at(ip: IpAddr, listen: IpAddr) -> bool {
    let every = listen.is_unspecified() && (listen.is_ipv6() || ip.is_ipv4());
    // To connect to no address in particular is to connect to this machine.
    let here = ip.is_unspecified() && listen.is_loopback();
    ip == listen || here || (every && (ip.is_loopback() || ip.is_unspecified()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::configuration;

    const ANYWHERE: [(&str, &str); 2] =
        [("STEPWELL_SERVER_LISTEN", "127.0.0.1:0"), ("STEPWELL_OPERATOR_LISTEN", "127.0.0.1:0")];

    fn complaints(text: &str, environment: &[(&str, &str)]) -> Vec<Complaint> {
        let config = configuration(&format!("[edge]\n{text}"), &[&ANYWHERE, environment].concat());
        match Setup::examine(&config) {
            Err(Failure::Complaints(complaints)) => complaints,
            Err(other) => panic!("{other}"),
            Ok(_) => Vec::new(),
        }
    }

    #[test]
    fn an_origin_is_needed_and_need_not_answer() {
        let missing = &complaints("", &[])[0];
        assert_eq!((missing.key.as_str(), missing.value.as_deref()), ("edge.origin", None));
        assert!(missing.fix.contains("--origin") && missing.fix.contains("STEPWELL_EDGE_ORIGIN"));
        assert_eq!(complaints("origin = 'http://127.0.0.1:9'", &[]), []);
    }

    #[test]
    fn an_origin_that_is_the_edge_itself_is_refused() {
        let leads = |origin: &str, listen: &str| leads_to(&origin.parse().unwrap(), listen.parse().unwrap());
        for (origin, listen) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("http://localhost:8080/shop", "127.0.0.1:8080"),
            ("http://localhost:8080", "[::1]:8080"),
            ("http://127.0.0.2:8080", "0.0.0.0:8080"),
            ("http://127.0.0.1:8080", "[::]:8080"),
            ("http://0.0.0.0:8080", "127.0.0.1:8080"),
            ("http://127.0.0.1", "127.0.0.1:80"),
            ("http://10.0.0.1:8080", "10.0.0.1:8080"),
            ("http://[::ffff:10.0.0.1]:8080", "10.0.0.1:8080"),
        ] {
            assert!(leads(origin, listen), "{origin} {listen}");
        }
        for (origin, listen) in [
            ("http://127.0.0.1:8081", "127.0.0.1:8080"),
            ("http://127.0.0.2:8080", "127.0.0.1:8080"),
            ("http://[::1]:8080", "0.0.0.0:8080"),
            ("http://10.0.0.2:8080", "10.0.0.1:8080"),
            ("http://10.0.0.2:8080", "0.0.0.0:8080"),
            ("http://example.org:8080", "127.0.0.1:8080"),
            ("http://127.0.0.1:8080", "127.0.0.1:0"),
        ] {
            assert!(!leads(origin, listen), "{origin} {listen}");
        }
        let operator = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let told = &complaints(
            &format!("origin = 'http://{operator}'"),
            &[("STEPWELL_OPERATOR_LISTEN", &operator.to_string())],
        )[0];
        assert!(told.problem.contains("operator.listen"), "{told}");
        assert_eq!(told.value.as_deref(), Some(format!("http://{operator}").as_str()));
    }

    #[test]
    fn a_file_of_authorities_must_be_one_and_of_use() {
        let unread = &complaints("origin = 'https://127.0.0.1'\norigin_ca_file = 'nowhere.pem'", &[])[0];
        assert_eq!((unread.key.as_str(), unread.value.as_deref()), (CA_FILE, Some("nowhere.pem")));
        assert!(unread.problem.starts_with("cannot be read: "), "{unread}");
        let useless = &complaints("origin = 'http://127.0.0.1:9'\norigin_ca_file = 'nowhere.pem'", &[])[0];
        assert!(useless.problem.contains("without TLS"), "{useless}");
    }

    #[test]
    fn what_is_wrong_with_origin_and_addresses_is_told_together() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let told = complaints("", &[("STEPWELL_SERVER_LISTEN", &address)]);
        let keys: Vec<_> = told.iter().map(|complaint| complaint.key.as_str()).collect();
        assert_eq!(keys, ["server.listen", "edge.origin"]);
    }
}
