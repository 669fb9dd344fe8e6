//! The address that clients reach, and what this process does.

pub mod connections;
pub mod proxies;

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZero;
use std::thread::available_parallelism;

use clap::ValueEnum;
use stepwell_edge_core::client::TrustedProxies;
use stepwell_edge_native::{Drain, Limits};

use super::reader::Reader;
use super::value::{Setting, Written, read_choices, write_choices};
use connections::TlsFiles;

/// Section `[server]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Where requests come in. Port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Threads that serve requests, at least 1. One thread needs no locks between them, and is the fastest a core.
    pub threads: usize,
    /// What this process does; never empty.
    pub roles: BTreeSet<Role>,
    /// How clients' connections are encrypted; `None` is not at all.
    pub tls: Option<TlsFiles>,
    /// What they may take.
    pub limits: Limits,
    /// How they end.
    pub drain: Drain,
    /// Proxies whose word on their clients is taken.
    pub proxies: TrustedProxies,
}

/// A part of the work. One process may hold all of them (one box) or one each (a fleet).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Role {
    /// Faces clients: caches and authenticates.
    Edge,
    /// Answers reads.
    Read,
    /// Answers writes.
    Write,
    /// Does what need not be done while a request waits.
    Work,
}

/// More threads than any machine has cores are a slip of the pen.
const THREADS_MAX: usize = 1024;

impl Server {
    /// Reads the section.
    pub fn read(reader: &mut Reader) -> Self {
        Self {
            listen: reader.setting("server.listen", SocketAddr::from((Ipv4Addr::LOCALHOST, 8080))),
            threads: match reader.setting_within("server.threads", 0, &(0..=THREADS_MAX)) {
                0 => cores(),
                threads => threads,
            },
            roles: reader.setting("server.roles", Role::all()),
            tls: connections::read_tls(reader),
            limits: connections::read_limits(reader),
            drain: connections::read_drain(reader),
            proxies: proxies::read_proxies(reader),
        }
    }
}

impl Role {
    /// Every role: one box.
    pub fn all() -> BTreeSet<Self> {
        Self::value_variants().iter().copied().collect()
    }
}

impl Setting for BTreeSet<Role> {
    const NAME: &'static str = "a list of roles";
    const EXAMPLE: &'static str = "[\"read\", \"write\"]";

    fn read(written: &Written) -> Option<Self> {
        read_choices(written)
    }

    fn write(&self) -> String {
        write_choices(self)
    }

    fn quoted(&self) -> String {
        format!("[\"{}\"]", self.write().replace(',', "\", \""))
    }
}

/// How many threads can run at the same time; 1 where the system does not say.
pub fn cores() -> usize {
    available_parallelism().map_or(1, NonZero::get)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::{complaint, read};

    #[test]
    fn zero_threads_are_one_a_core() {
        assert_eq!(read("[server]\nthreads = 0", Server::read).threads, cores());
        assert_eq!(read("[server]\nthreads = 3", Server::read).threads, 3);
    }

    #[test]
    fn roles_are_a_set_of_known_names() {
        let server = read("[server]\nroles = [\"read\", \"edge\", \"read\"]", Server::read);
        assert_eq!(server.roles, BTreeSet::from([Role::Edge, Role::Read]));
        for bad in ["[]", "[\"reed\"]", "\"read\"", "[1]"] {
            let complaint = complaint(&format!("[server]\nroles = {bad}"), Server::read);
            assert_eq!((complaint.key.as_str(), complaint.value.as_deref()), ("server.roles", Some(bad)));
        }
    }
}
