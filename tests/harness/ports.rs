//! Ports that nobody listens on.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the range from which systems take the ports of outgoing connections, so that none of the thousands that tests
/// make can take a port between its choice and its use.
const FIRST: u16 = 20_000;
const COUNT: u16 = 10_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// An address on loopback that is free, and that this process hands out once. Each process begins elsewhere.
pub(crate) fn free() -> SocketAddr {
    let start = std::process::id().wrapping_mul(61);
    (0..COUNT)
        .find_map(|_| {
            let offset =
                u32::from(NEXT.fetch_add(1, Ordering::Relaxed)).wrapping_add(start) % u32::from(COUNT);
            let port = FIRST + u16::try_from(offset).ok()?;
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            TcpListener::bind(address).ok().map(|_| address)
        })
        .expect("one of ten thousand ports is free")
}
