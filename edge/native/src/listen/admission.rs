//! Who may connect: so many in all, and so many from one client.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use stepwell_shared::network;

use super::settings::Limits;

/// Counts the connections that are open.
#[derive(Debug)]
pub(crate) struct Admission {
    all_max: usize,
    per_client_max: usize,
    all: AtomicUsize,
    refused: AtomicU64,
    clients: Mutex<HashMap<IpAddr, usize>>,
}

/// A connection that counts, until it is dropped.
#[derive(Debug)]
pub(crate) struct Admitted {
    admission: Arc<Admission>,
    /// `None` for one of this machine.
    client: Option<IpAddr>,
}

impl Admission {
    pub(crate) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            all_max: limits.connections_max,
            per_client_max: limits.connections_per_address_max,
            all: AtomicUsize::new(0),
            refused: AtomicU64::new(0),
            clients: Mutex::default(),
        })
    }

    /// A place for a connection from this address; `None` if there is none left.
    pub(crate) fn admit(self: &Arc<Self>, peer: IpAddr) -> Option<Admitted> {
        let admitted = self.place(peer);
        if admitted.is_none() {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        admitted
    }

    fn place(self: &Arc<Self>, peer: IpAddr) -> Option<Admitted> {
        let client = client_of(peer);
        if let Some(client) = client {
            let mut clients = self.clients();
            let open = clients.entry(client).or_default();
            if *open >= self.per_client_max {
                return None;
            }
            *open += 1;
        }
        // From here on, dropping it gives back what it took.
        let admitted = Admitted { admission: self.clone(), client };
        (self.all.fetch_add(1, Ordering::Relaxed) < self.all_max).then_some(admitted)
    }

    /// How many are open.
    pub(crate) fn open(&self) -> usize {
        self.all.load(Ordering::Relaxed)
    }

    /// How many were refused so far.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    fn clients(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.admission.all.fetch_sub(1, Ordering::Relaxed);
        let Some(client) = self.client else { return };
        let mut clients = self.admission.clients();
        if let Some(open) = clients.get_mut(&client) {
            *open -= 1;
            if *open == 0 {
                clients.remove(&client);
            }
        }
    }
}

/// Whom an address belongs to. This machine's own are not counted: what connects from there is a proxy with everybody's
/// requests, or the operator.
fn client_of(peer: IpAddr) -> Option<IpAddr> {
    (!peer.to_canonical().is_loopback()).then(|| network::of_client(peer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(all: usize, per_client: usize) -> Arc<Admission> {
        let limits =
            Limits { connections_max: all, connections_per_address_max: per_client, ..Limits::default() };
        Admission::new(&limits)
    }

    #[test]
    fn one_client_cannot_take_every_place_and_a_place_that_is_left_is_free() {
        let admission = admission(3, 2);
        let admit = |ip: &str| admission.admit(ip.parse().unwrap());
        let (one, two) = (admit("192.0.2.1"), admit("::ffff:192.0.2.1"));
        assert!(one.is_some() && two.is_some() && admit("192.0.2.1").is_none());
        let other = admit("192.0.2.2");
        assert!(other.is_some() && admit("192.0.2.3").is_none());
        assert_eq!((admission.open(), admission.refused()), (3, 2));
        drop(one);
        assert!(admit("192.0.2.1").is_some());
        drop((two, other));
        assert_eq!(admission.open(), 0);
        assert!(admission.clients().is_empty());
    }

    #[test]
    fn a_network_of_ipv6_is_one_client_and_this_machine_is_none() {
        let admission = admission(100, 1);
        let admit = |ip: &str| admission.admit(ip.parse().unwrap());
        let _held = admit("2001:db8::1").unwrap();
        assert!(admit("2001:db8::2").is_none() && admit("2001:db8:0:1::2").is_some());
        let of_this_machine = [admit("127.0.0.1"), admit("127.0.0.1"), admit("::1"), admit("::1")];
        assert!(of_this_machine.iter().all(Option::is_some));
    }
}
