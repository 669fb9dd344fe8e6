//! A running `stepwell serve`.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::binary::{self, Said};
use crate::client::Client;
use crate::ports;
use crate::project::Project;

/// What operators' requests carry in tests.
pub const OPERATOR_TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// A start or a stop that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(30);
/// Lines of its log that a failed test shows.
const LOG_LINES_SHOWN: usize = 200;

/// The release binary serving a project on loopback ports of its own. Killed when dropped.
#[derive(Debug)]
pub struct Server {
    project: Project,
    process: Option<Child>,
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
            project,
            process: None,
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
        if let Some(mut process) = self.process.take() {
            process.kill().expect("a child of ours can be killed");
            process.wait().expect("a killed child ends");
        }
    }

    /// Asks it to stop, waits until it has, and checks that it left in order.
    #[track_caller]
    pub fn stop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        let pid = process.id().to_string();
        let told =
            Command::new("kill").args(["-TERM", &pid]).status().expect("the system has a kill command");
        assert!(told.success());
        let status = binary::wait(&mut process, PATIENCE);
        assert!(
            status.is_some_and(|status| status.success()),
            "it stopped with {status:?}\n{}",
            self.log_tail()
        );
    }

    /// Starts again after [`Self::kill`] or [`Self::stop`], on the same data and the same addresses, and is ready.
    pub fn restart(&mut self) {
        assert!(self.process.is_none(), "it runs");
        self.client.reconnect();
        self.launch();
    }

    /// Everything that it has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
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
        let log = self.open_log();
        let errors = log.try_clone().expect("a file handle can be cloned");
        let mut command = self.command();
        command.arg("serve").stdin(Stdio::null()).stdout(log).stderr(errors);
        self.process = Some(command.spawn().expect("the binary starts"));
        let deadline = Instant::now() + PATIENCE;
        while !self.is_ready() {
            let ended = self.process.as_mut().and_then(|process| process.try_wait().ok().flatten());
            assert!(ended.is_none(), "it ended at its start with {ended:?}\n{}", self.log_tail());
            assert!(Instant::now() < deadline, "it is not ready after {PATIENCE:?}\n{}", self.log_tail());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Whether `/readyz` answers 200. By hand, so that no runtime is needed to start a server.
    fn is_ready(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(self.listen) else { return false };
        let request = format!("GET /readyz HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.listen);
        let mut answer = String::new();
        stream.write_all(request.as_bytes()).is_ok()
            && stream.read_to_string(&mut answer).is_ok()
            && answer.starts_with("HTTP/1.1 200 ")
    }

    fn log_file(&self) -> PathBuf {
        self.project.folder().join("serve.log")
    }

    fn open_log(&self) -> File {
        let log = OpenOptions::new().create(true).append(true).open(self.log_file());
        log.expect("the temporary folder can be written")
    }

    fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let shown = lines.len().saturating_sub(LOG_LINES_SHOWN);
        format!("--- its log ---\n{}\n---------------", lines.get(shown..).unwrap_or_default().join("\n"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.log_tail());
        }
        self.kill();
    }
}
