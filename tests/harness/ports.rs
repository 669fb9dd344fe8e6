//! Ports that nobody listens on.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::Mutex;

/// Below the range from which systems take the ports of outgoing connections, so that none of the thousands that tests
/// make can take a port between its choice and its use.
const RANGE: std::ops::Range<u16> = 20_000..30_000;

/// Other runs of the tests choose from the same range. Each holds the UDP ports of those that it has chosen, which no
/// server here wants, and passes over those that it cannot hold.
static HELD: Mutex<Vec<UdpSocket>> = Mutex::new(Vec::new());

/// An address on loopback that is free, and that is handed out once.
pub(crate) fn free() -> SocketAddr {
    let mut held = HELD.lock().expect("no holder of the lock fails");
    for port in RANGE {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let Ok(holder) = UdpSocket::bind(address) else { continue };
        held.push(holder);
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
    panic!("no port of {RANGE:?} is free on {}", Ipv4Addr::LOCALHOST);
}
