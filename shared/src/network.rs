//! Clients as the network tells them apart.

use std::net::{IpAddr, Ipv6Addr};

/// The network of one client: an IPv4 address, or the /64 of an IPv6 one, which is the least that a customer gets to
/// choose addresses from (RFC 6177 §2). An IPv4 address inside an IPv6 one (RFC 4291 §2.5.5.2) is the former.
pub fn of_client(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_customers_addresses_are_one() {
        let network = |text: &str| of_client(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
    }
}
