//! A running `stepwell serve`.

use std::net::SocketAddr;
use std::process::Command;

use crate::binary::{self, Said};
use crate::client::Client;
use crate::ports;
use crate::process::Process;
use crate::project::Project;

/// What operators' requests carry in tests.
pub const OPERATOR_TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// Settings of a server whose clients may ask as often as they like: for tests that ask more than anybody would.
pub const UNLIMITED: [(&str, &str); 3] = [
    ("STEPWELL_EDGE_RATE_READS", "off"),
    ("STEPWELL_EDGE_RATE_WRITES", "off"),
    ("STEPWELL_EDGE_RATE_SIGN_INS", "off"),
];

/// The release binary serving a project on loopback ports of its own. Killed when dropped.
#[derive(Debug)]
pub struct Server {
    // Before the folder that its log is in.
    process: Process,
    project: Project,
    listen: SocketAddr,
    operator: SocketAddr,
    settings: Vec<(String, String)>,
    client: Client,
}

impl Server {
    /// Serves the built-in example, and is ready.
    pub fn start() -> Self {
        Self::serving(Project::example())
    }

    /// Serves a project, and is ready.
    pub fn serving(project: Project) -> Self {
        Self::with(project, &[])
    }

    /// The same, with further settings by environment variable: `("STEPWELL_SERVER_THREADS", "1")`.
    pub fn with(project: Project, settings: &[(&str, &str)]) -> Self {
        let listen = ports::free();
        let mut server = Self {
            process: Process::new(project.folder().join("serve.log")),
            project,
            listen,
            operator: ports::free(),
            settings: settings.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect(),
            client: Client::new(listen),
        };
        server.launch();
        server
    }

    /// A client of it. Clients are cheap to clone, and clones share connections.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The address that clients reach.
    pub fn address(&self) -> SocketAddr {
        self.listen
    }

    /// The operator's address.
    pub fn operator_address(&self) -> SocketAddr {
        self.operator
    }

    /// What it serves and where it keeps it.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// Runs another command of the binary on the same project and with the same settings.
    pub fn run(&self, arguments: &[&str]) -> Said {
        binary::finish(self.command().args(arguments))
    }

    /// Ends it as `kill -9` does: no goodbye, no flush.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Asks it to stop, waits until it has, and checks that it left in order.
    #[track_caller]
    pub fn stop(&mut self) {
        self.tell_to_stop();
        self.ends_in_order();
    }

    /// Asks it to stop, and does not wait.
    pub fn tell_to_stop(&self) {
        self.process.tell_to_stop();
    }

    /// Waits until it has stopped, and checks that it left in order.
    #[track_caller]
    pub fn ends_in_order(&mut self) {
        self.process.ends_in_order();
    }

    /// Starts again after [`Self::kill`] or [`Self::stop`], on the same data and the same addresses, and is ready.
    pub fn restart(&mut self) {
        self.client.reconnect();
        self.launch();
    }

    /// The most memory that it has held at any time, in bytes.
    pub fn memory_peak_bytes(&self) -> u64 {
        self.process.memory_peak_bytes()
    }

    /// Everything that it has logged so far.
    pub fn log(&self) -> String {
        self.process.log()
    }

    fn command(&self) -> Command {
        let mut command = binary::command(self.project.folder());
        command.envs(self.project.environment());
        command.env("STEPWELL_SERVER_LISTEN", self.listen.to_string());
        command.env("STEPWELL_OPERATOR_LISTEN", self.operator.to_string());
        command.env("STEPWELL_OPERATOR_TOKEN", OPERATOR_TOKEN);
        command.envs(self.settings.iter().cloned());
        command
    }

    fn launch(&mut self) {
        let mut command = self.command();
        // Clients' address may speak TLS; both are listened on before either answers.
        self.process.launch(command.arg("serve"), self.operator);
    }
}
