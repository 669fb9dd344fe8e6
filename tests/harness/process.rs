//! A process of the binary that serves: started, waited for, ended.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::binary;

/// A start or a stop that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(30);
/// Lines of its log that a failed test shows.
const LOG_LINES_SHOWN: usize = 200;

/// A process and its log. Killed when dropped; a test that fails shows the log's end.
#[derive(Debug)]
pub(crate) struct Process {
    child: Option<Child>,
    log: PathBuf,
}

impl Process {
    /// None yet; what it will say goes to the file `log`.
    pub(crate) fn new(log: PathBuf) -> Self {
        Self { child: None, log }
    }

    /// Starts it, and waits until `/readyz` of `ready` answers 200.
    pub(crate) fn launch(&mut self, command: &mut Command, ready: SocketAddr) {
        assert!(self.child.is_none(), "it runs");
        let log = self.open_log();
        let errors = log.try_clone().expect("a file handle can be cloned");
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        self.child = Some(command.spawn().expect("the binary starts"));
        let deadline = Instant::now() + PATIENCE;
        while !is_ready(ready) {
            let ended = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
            assert!(ended.is_none(), "it ended at its start with {ended:?}\n{}", self.log_tail());
            assert!(Instant::now() < deadline, "it is not ready after {PATIENCE:?}\n{}", self.log_tail());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Ends it as `kill -9` does: no goodbye, no flush.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("a child of ours can be killed");
            child.wait().expect("a killed child ends");
        }
    }

    /// Tells it to stop, and does not wait.
    pub(crate) fn tell_to_stop(&self) {
        let Some(child) = &self.child else { return };
        let pid = child.id().to_string();
        let told =
            Command::new("kill").args(["-TERM", &pid]).status().expect("the system has a kill command");
        assert!(told.success());
    }

    /// Waits until it has ended, and checks that it left in order.
    #[track_caller]
    pub(crate) fn ends_in_order(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let status = binary::wait(&mut child, PATIENCE);
        assert!(
            status.is_some_and(|status| status.success()),
            "it stopped with {status:?}\n{}",
            self.log_tail()
        );
    }

    /// The most memory that it has held at any time, in bytes, as Linux counts it.
    pub(crate) fn memory_peak_bytes(&self) -> u64 {
        let pid = self.child.as_ref().expect("it runs").id();
        let status =
            std::fs::read_to_string(format!("/proc/{pid}/status")).expect("Linux tells of our children");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = peak.and_then(|text| text.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
        kib.unwrap_or_else(|| panic!("no peak in {status}")) * 1024
    }

    /// Everything that it has said so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn open_log(&self) -> File {
        let log = OpenOptions::new().create(true).append(true).open(&self.log);
        log.expect("the temporary folder can be written")
    }

    fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let shown = lines.len().saturating_sub(LOG_LINES_SHOWN);
        format!("--- its log ---\n{}\n---------------", lines.get(shown..).unwrap_or_default().join("\n"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.log_tail());
        }
        self.kill();
    }
}

/// Whether `/readyz` answers 200. By hand, so that no runtime is needed to start a server.
fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let mut answer = String::new();
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200 ")
}
