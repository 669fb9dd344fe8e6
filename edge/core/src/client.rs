//! The address of the client that sent a request, where proxies of the operator's may stand before the edge.

mod forwarded;

use std::net::{IpAddr, SocketAddr};

use http::header::FORWARDED;
use http::{HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The operator's own proxies, whose word on their clients is taken. By default there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    /// Where they are.
    pub networks: Vec<IpNet>,
    /// Where they say it.
    pub field: Field,
}

/// The field in which a proxy says whom it serves. Exactly one is read: a proxy that writes the one hands the other on
/// as its client has sent it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Field {
    /// `X-Forwarded-For`, which most write.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl TrustedProxies {
    /// The client of a request that came from `peer`.
    ///
    /// Each proxy adds the address that it was asked from at the end, so that the list is read from there: as far as
    /// trusted proxies vouch for it, and not one address further. Whatever cannot be read ends it as well.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.trust(client) {
            return client;
        }
        let name = match self.field {
            Field::XForwardedFor => X_FORWARDED_FOR,
            Field::Forwarded => FORWARDED,
        };
        for line in headers.get_all(name).iter().rev() {
            let Some(nodes) = self.field.nodes(line) else { return client };
            for node in nodes.into_iter().rev() {
                let Some(address) = node else { return client };
                client = address.to_canonical();
                if !self.trust(client) {
                    return client;
                }
            }
        }
        client
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }
}

impl Field {
    /// What a line names, in order: an address, or `None` for what is none. `None` for a line of another form.
    fn nodes(self, line: &HeaderValue) -> Option<Vec<Option<IpAddr>>> {
        let line = line.to_str().ok()?;
        match self {
            Self::XForwardedFor => Some(line.split(',').map(|node| address(node.trim())).collect()),
            Self::Forwarded => forwarded::nodes(line),
        }
    }
}

/// An address as proxies write it: bare, with a port, in brackets.
fn address(node: &str) -> Option<IpAddr> {
    let bare = node.strip_prefix('[').and_then(|node| node.strip_suffix(']')).unwrap_or(node);
    bare.parse().ok().or_else(|| node.parse().ok().map(|with_port: SocketAddr| with_port.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(field: Field, peer: &str, lines: &[&str]) -> String {
        let networks = ["10.0.0.0/8", "2001:db8:aaaa::/48"].map(|network| network.parse().unwrap());
        let proxies = TrustedProxies { networks: networks.into(), field };
        let name = if field == Field::Forwarded { FORWARDED } else { X_FORWARDED_FOR };
        let headers = lines.iter().map(|line| (name.clone(), HeaderValue::from_str(line).unwrap())).collect();
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn who_is_no_proxy_of_ours_speaks_for_nobody() {
        for field in [Field::XForwardedFor, Field::Forwarded] {
            assert_eq!(client(field, "192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
            assert_eq!(client(field, "192.0.2.1", &["for=198.51.100.7"]), "192.0.2.1");
            assert_eq!(client(field, "10.0.0.1", &[]), "10.0.0.1");
        }
        let nobody = TrustedProxies::default();
        let headers = HeaderMap::from_iter([(X_FORWARDED_FOR, HeaderValue::from_static("198.51.100.7"))]);
        assert_eq!(nobody.client([127, 0, 0, 1].into(), &headers).to_string(), "127.0.0.1");
    }

    #[test]
    fn the_last_address_that_is_no_proxys_is_the_clients() {
        let of = |lines: &[&str]| client(Field::XForwardedFor, "::ffff:10.0.0.1", lines);
        assert_eq!(of(&["198.51.100.7"]), "198.51.100.7");
        assert_eq!(of(&["203.0.113.9, 198.51.100.7, 10.2.3.4"]), "198.51.100.7");
        assert_eq!(of(&["203.0.113.9", "198.51.100.7", "10.2.3.4,2001:db8:aaaa::7"]), "198.51.100.7");
        assert_eq!(of(&["203.0.113.9", "198.51.100.7:4711"]), "198.51.100.7");
        assert_eq!(of(&["[2001:db8::7]:4711"]), "2001:db8::7");
        assert_eq!(of(&["[2001:db8::7]"]), "2001:db8::7");
        assert_eq!(of(&["10.0.0.9"]), "10.0.0.9");
    }

    #[test]
    fn what_is_no_address_is_not_read_past() {
        let of = |line: &str| client(Field::XForwardedFor, "10.0.0.1", &[line]);
        for line in ["unknown", "203.0.113.9, unknown", "203.0.113.9,", "203.0.113.9, 1.2.3.4.5", ""] {
            assert_eq!(of(line), "10.0.0.1", "{line}");
        }
        assert_eq!(of("203.0.113.9, unknown, 10.0.0.2"), "10.0.0.2");
    }

    #[test]
    fn the_standard_field_is_read_likewise_and_no_quote_of_a_clients_hides_what_a_proxy_wrote() {
        let of = |lines: &[&str]| client(Field::Forwarded, "10.0.0.1", lines);
        assert_eq!(of(&["for=203.0.113.9, for=\"[2001:db8::7]:4711\";proto=https"]), "2001:db8::7");
        assert_eq!(of(&["for=203.0.113.9;by=10.0.0.1", "proto=http; For=198.51.100.7"]), "198.51.100.7");
        assert_eq!(of(&["for=203.0.113.9, for=unknown"]), "10.0.0.1");
        assert_eq!(of(&["for=203.0.113.9, proto=https"]), "10.0.0.1");
        // The client's part is what stands before the last comma.
        for forged in
            [r#"for=203.0.113.9;x=", for="[2001:db8::7]""#, r#"for=203.0.113.9;x=", for=198.51.100.7"#, "for"]
        {
            assert_eq!(of(&[forged]), "10.0.0.1", "{forged}");
        }
        assert_eq!(of(&["for=\"", "for=198.51.100.7"]), "198.51.100.7");
    }
}
