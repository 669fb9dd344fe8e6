//! A running `stepwell edge`.

use std::net::SocketAddr;
use std::process::Command;

use tempfile::TempDir;

use crate::binary::{self, Said};
use crate::client::Client;
use crate::ports;
use crate::process::Process;
use crate::server::OPERATOR_TOKEN;

/// The setting that lets the operator purge.
pub const TOKEN: (&str, &str) = ("STEPWELL_OPERATOR_TOKEN", OPERATOR_TOKEN);
/// The file in its folder that holds what it says.
const LOG: &str = "edge.log";

/// The binary as a cache in front of an origin, on loopback ports of its own. Killed when dropped.
#[derive(Debug)]
pub struct Edge {
    // Before the folder that its log is in.
    process: Process,
    folder: TempDir,
    origin: SocketAddr,
    listen: SocketAddr,
    operator: SocketAddr,
    settings: Vec<(String, String)>,
    client: Client,
}

impl Edge {
    /// In front of this origin, and ready.
    pub fn before(origin: SocketAddr) -> Self {
        Self::with(origin, &[])
    }

    /// The same, with further settings by environment variable: `("STEPWELL_EDGE_MEMORY", "1MiB")`.
    pub fn with(origin: SocketAddr, settings: &[(&str, &str)]) -> Self {
        let folder = TempDir::with_prefix("stepwell-test-").expect("the system has a folder for files");
        let listen = ports::free();
        let mut edge = Self {
            process: Process::new(folder.path().join(LOG)),
            folder,
            origin,
            listen,
            operator: ports::free(),
            settings: settings.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect(),
            client: Client::new(listen),
        };
        let mut command = edge.command();
        edge.process.launch(command.arg("edge"), edge.operator);
        edge
    }

    /// A client of it.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The address that clients reach.
    pub fn address(&self) -> SocketAddr {
        self.listen
    }

    /// A client of the operator's address.
    pub fn operator(&self) -> Client {
        Client::new(self.operator)
    }

    /// Runs another command of the binary with the same settings.
    pub fn run(&self, arguments: &[&str]) -> Said {
        binary::finish(self.command().args(arguments))
    }

    /// Tells it to stop, and does not wait.
    pub fn tell_to_stop(&self) {
        self.process.tell_to_stop();
    }

    /// Waits until it has stopped, and checks that it left in order.
    #[track_caller]
    pub fn ends_in_order(&mut self) {
        self.process.ends_in_order();
    }

    /// Everything that it has said so far.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// The most memory that it has held at any time, in bytes.
    pub fn memory_peak_bytes(&self) -> u64 {
        self.process.memory_peak_bytes()
    }

    /// The names of the files that it has made in the folder where it runs.
    pub fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).expect("the folder is there");
        let names = entries.map(|entry| entry.expect("it can be read").file_name());
        names.map(|name| name.to_string_lossy().into_owned()).filter(|name| name != LOG).collect()
    }

    fn command(&self) -> Command {
        let mut command = binary::command(self.folder.path());
        command.env("STEPWELL_EDGE_ORIGIN", format!("http://{}", self.origin));
        command.env("STEPWELL_SERVER_LISTEN", self.listen.to_string());
        command.env("STEPWELL_OPERATOR_LISTEN", self.operator.to_string());
        command.envs(self.settings.iter().cloned());
        command
    }
}
