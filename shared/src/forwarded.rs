//! What an edge tells its origin of a client's connection: one element of `Forwarded` (RFC 7239 §4), which the edge's
//! signature covers. Writer and reader are both ours, so that one form is read.

use std::net::IpAddr;

use http::HeaderValue;

/// A client's connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarded {
    /// The client's address, where it is known.
    pub client: Option<IpAddr>,
    /// The host that it asked, where it said one.
    pub host: Option<String>,
    /// Whether it asked over TLS.
    pub is_secure: bool,
}

impl Forwarded {
    /// The field's value: `for=192.0.2.7;host="example.com";proto=https`. `None` where the host is none that a field may
    /// hold.
    pub fn to_value(&self) -> Option<HeaderValue> {
        let client = match self.client.map(|client| client.to_canonical()) {
            Some(IpAddr::V4(ip)) => format!("for={ip};"),
            // RFC 7239 §6: in brackets, and therefore in quotes.
            Some(IpAddr::V6(ip)) => format!("for=\"[{ip}]\";"),
            None => String::new(),
        };
        let host = match &self.host {
            Some(host) if host.contains(['"', '\\']) => return None,
            Some(host) => format!("host=\"{host}\";"),
            None => String::new(),
        };
        let scheme = if self.is_secure { "https" } else { "http" };
        HeaderValue::try_from(format!("{client}{host}proto={scheme}")).ok()
    }

    /// Reads what [`Self::to_value`] has written, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let (client, rest) = match text.strip_prefix("for=") {
            None => (None, text),
            Some(rest) => {
                let (node, rest) = rest.split_once(';')?;
                let bracketed = node.strip_prefix("\"[").and_then(|node| node.strip_suffix("]\""));
                let client = match bracketed {
                    Some(ip) => IpAddr::V6(ip.parse().ok()?),
                    None => IpAddr::V4(node.parse().ok()?),
                };
                (Some(client), rest)
            }
        };
        let (host, rest) = match rest.strip_prefix("host=\"") {
            None => (None, rest),
            Some(rest) => {
                let (host, rest) = rest.split_once("\";")?;
                (Some(host.to_owned()), rest)
            }
        };
        let is_secure = match rest {
            "proto=https" => true,
            "proto=http" => false,
            _ => return None,
        };
        Some(Self { client, host, is_secure })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for client in [None, Some("192.0.2.7"), Some("2001:db8::7")] {
            for host in [None, Some("example.com:8080"), Some("[2001:db8::1]:80")] {
                for is_secure in [false, true] {
                    let client = client.map(|ip| ip.parse().unwrap());
                    let written = Forwarded { client, host: host.map(str::to_owned), is_secure };
                    let value = written.to_value().unwrap();
                    assert_eq!(Forwarded::parse(value.to_str().unwrap()), Some(written));
                }
            }
        }
        let mapped =
            Forwarded { client: Some("::ffff:192.0.2.7".parse().unwrap()), host: None, is_secure: true };
        assert_eq!(mapped.to_value().unwrap(), "for=192.0.2.7;proto=https");
    }

    #[test]
    fn nothing_else_is_read() {
        for other in [
            "",
            "for=192.0.2.7",
            "for=_hidden;proto=https",
            "for=2001:db8::7;proto=https",
            "for=\"192.0.2.7\";proto=https",
            "for=192.0.2.7;proto=https, for=192.0.2.8;proto=https",
            "for=192.0.2.7;for=192.0.2.8;proto=https",
            "proto=https;for=192.0.2.7",
            "host=example.com;proto=http",
            "proto=ftp",
        ] {
            assert_eq!(Forwarded::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_host_cannot_say_more_than_a_host() {
        let host = |host: &str| Forwarded { client: None, host: Some(host.to_owned()), is_secure: false };
        assert_eq!(host("a\";proto=https").to_value(), None);
    }
}
