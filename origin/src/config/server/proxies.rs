//! The operator's own proxies before the edge: load balancers, a CDN.

use clap::ValueEnum;
use ipnet::IpNet;
use stepwell_edge_core::client::{Field, TrustedProxies};

use crate::config::reader::Reader;
use crate::config::value::{Setting, Written, read_choice, write_choice};

const NETWORKS: &str = "server.trusted_proxies";

/// Where a proxy says whom it serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Told {
    XForwardedFor,
    Forwarded,
}

/// Reads `server.trusted_proxies` and `server.client_address_field`.
pub fn read_proxies(reader: &mut Reader) -> TrustedProxies {
    let written: Vec<String> = reader.setting(NETWORKS, Vec::new());
    let networks: Vec<_> = written.iter().filter_map(|one| network(one)).collect();
    if let Some(wrong) = written.iter().find(|one| network(one).is_none()) {
        let fix = "write addresses or networks such as \"10.0.0.0/8\" or \"2001:db8::7\"";
        reader.refuse(NETWORKS, format!("{wrong:?} is not a network"), fix);
    }
    if networks.iter().any(|network| network.prefix_len() == 0) {
        let fix = "name the networks of your own proxies alone";
        reader.refuse(NETWORKS, "is everybody: each client could choose the address it is known by", fix);
    }
    let field = match reader.setting("server.client_address_field", Told::XForwardedFor) {
        Told::XForwardedFor => Field::XForwardedFor,
        Told::Forwarded => Field::Forwarded,
    };
    TrustedProxies { networks, field }
}

/// A network, or an address alone.
fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse().ok().map(|address: std::net::IpAddr| address.into()))
}

impl Setting for Told {
    const NAME: &'static str = "a field that tells a client's address";
    const EXAMPLE: &'static str = "\"x-forwarded-for\" or \"forwarded\"";

    fn read(written: &Written) -> Option<Self> {
        read_choice(written)
    }

    fn write(&self) -> String {
        write_choice(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::{complaint, read};

    #[test]
    fn proxies_are_networks_or_addresses_and_by_default_nobody() {
        assert_eq!(read("", read_proxies), TrustedProxies::default());
        let text = "[server]\ntrusted_proxies = ['10.0.0.0/8', '::1']\nclient_address_field = 'forwarded'";
        let TrustedProxies { networks, field } = read(text, read_proxies);
        let shown: Vec<_> = networks.iter().map(ToString::to_string).collect();
        assert_eq!((shown, field), (vec!["10.0.0.0/8".into(), "::1/128".into()], Field::Forwarded));
    }

    #[test]
    fn everybody_is_no_proxy_and_neither_is_a_name() {
        for (bad, problem) in [
            ("trusted_proxies = ['10.0.0.1', 'balancer.internal']", "\"balancer.internal\" is not a network"),
            ("trusted_proxies = ['10.0.0.0/33']", "\"10.0.0.0/33\" is not a network"),
            ("trusted_proxies = ['0.0.0.0/0']", "is everybody"),
            ("client_address_field = 'x-real-ip'", "is not a field that tells a client's address"),
        ] {
            let complaint = complaint(&format!("[server]\n{bad}"), read_proxies);
            assert!(complaint.problem.starts_with(problem), "{complaint}");
        }
    }
}
