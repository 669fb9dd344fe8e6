//! Connections of clients: how they are encrypted, what they may take, and how they end.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use stepwell_edge_native::{Drain, Limits};

use crate::config::reader::Reader;

/// A certificate and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain in PEM, our own first.
    pub certificate: PathBuf,
    /// The key of the first in PEM.
    pub key: PathBuf,
}

/// The key of the setting with the certificate.
pub const CERTIFICATE: &str = "server.tls_certificate";
/// The key of the setting with its key.
pub const KEY: &str = "server.tls_key";

/// None at all serves nobody; more than ports of a client times a few are a slip of the pen.
const COUNTS: RangeInclusive<usize> = 1..=1_000_000;
/// Below, honest clients on bad lines are cut off; above, nothing is bounded.
const TIMEOUTS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(1);
/// Service managers kill what takes longer.
const DRAINS: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_hours(1);

/// The certificate and its key: both, or none.
pub fn read_tls(reader: &mut Reader) -> Option<TlsFiles> {
    let (certificate, key) = (reader.optional_path(CERTIFICATE), reader.optional_path(KEY));
    match (certificate, key) {
        (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
        (None, None) => None,
        (Some(_), None) => {
            reader.refuse(CERTIFICATE, "has no key beside it", format!("name the key's file in {KEY}"));
            None
        }
        (None, Some(_)) => {
            let fix = format!("name the certificate's file in {CERTIFICATE}");
            reader.refuse(KEY, "has no certificate beside it", fix);
            None
        }
    }
}

/// What connections and requests may take.
pub fn read_limits(reader: &mut Reader) -> Limits {
    let default = Limits::default();
    let mut count = |key, default| reader.setting_within(key, default, &COUNTS);
    let connections_max = count("server.connections_max", default.connections_max);
    let per_address = count("server.connections_per_address_max", default.connections_per_address_max);
    let requests_max = count("server.requests_max", default.requests_max);
    let mut time = |key, default| reader.setting_within(key, default, &TIMEOUTS);
    Limits {
        connections_max,
        connections_per_address_max: per_address,
        requests_max,
        handshake_timeout: time("server.handshake_timeout", default.handshake_timeout),
        header_timeout: time("server.header_timeout", default.header_timeout),
        idle_timeout: time("server.idle_timeout", default.idle_timeout),
        stall_timeout: time("server.stall_timeout", default.stall_timeout),
    }
}

/// How they end.
pub fn read_drain(reader: &mut Reader) -> Drain {
    let default = Drain::default();
    Drain {
        delay: reader.setting_within("server.drain_delay", default.delay, &DRAINS),
        timeout: reader.setting_within("server.drain_timeout", default.timeout, &DRAINS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::{complaint, read};

    #[test]
    fn a_certificate_needs_its_key_and_a_key_its_certificate() {
        assert_eq!(read("", read_tls), None);
        let both = read("[server]\ntls_certificate = 'c.pem'\ntls_key = '/k.pem'", read_tls);
        assert_eq!(both, Some(TlsFiles { certificate: "c.pem".into(), key: "/k.pem".into() }));
        for (alone, other) in [("tls_certificate", "tls_key"), ("tls_key", "tls_certificate")] {
            let complaint = complaint(&format!("[server]\n{alone} = 'x.pem'"), read_tls);
            assert_eq!(complaint.key, format!("server.{alone}"));
            assert!(complaint.fix.ends_with(&format!("in server.{other}")), "{complaint}");
        }
    }

    #[test]
    fn limits_stay_limits() {
        assert_eq!(read("", read_limits), Limits::default());
        let limits = read("[server]\nrequests_max = 9\nheader_timeout = '5s'", read_limits);
        assert_eq!((limits.requests_max, limits.header_timeout), (9, Duration::from_secs(5)));
        for bad in ["connections_max = 0", "header_timeout = '10ms'", "idle_timeout = '1d'"] {
            assert!(complaint(&format!("[server]\n{bad}"), read_limits).problem.starts_with("is too "));
        }
    }
}
