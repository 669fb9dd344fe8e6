//! The binary under test, and its commands.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A command that takes longer hangs.
const PATIENCE: Duration = Duration::from_mins(1);

/// The checkout's root.
pub fn root() -> &'static Path {
    // The manifest's folder is tests/, which is never the root of a file system.
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("/"))
}

/// The release binary. `TESTS_STEPWELL` names another one.
pub fn path() -> PathBuf {
    let path = std::env::var_os("TESTS_STEPWELL").map_or_else(built, PathBuf::from);
    assert!(path.is_file(), "{} is missing: build it with `cargo build --release`", path.display());
    path
}

fn built() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("release/stepwell")
}

/// The binary as a command in `folder`, with no setting from the environment of whoever runs the tests.
pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(path());
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        if name_text.starts_with("STEPWELL_") || name_text.starts_with("OTEL_") {
            command.env_remove(name);
        }
    }
    command
}

/// What a finished command said.
#[derive(Debug)]
pub struct Said {
    /// Its exit status; -1 when a signal ended it, ours after too long a wait included.
    pub status: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Runs `stepwell ARGUMENTS` in `folder` to its end.
pub fn run<A: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = A>) -> Said {
    finish(command(folder).args(arguments))
}

/// Runs a command to its end. One that does not end by itself, such as a `serve` that should have refused, is killed.
pub fn finish(command: &mut Command) -> Said {
    let [mut out, mut err] = [(); 2].map(|()| tempfile::tempfile().expect("there is room for a file"));
    let handle = |file: &File| Stdio::from(file.try_clone().expect("a file handle can be cloned"));
    command.stdin(Stdio::null()).stdout(handle(&out)).stderr(handle(&err));
    let status = wait(&mut command.spawn().expect("the binary starts"), PATIENCE);
    let read = |file: &mut File| {
        let mut bytes = Vec::new();
        file.rewind().and_then(|()| file.read_to_end(&mut bytes)).expect("a file of ours can be read");
        String::from_utf8_lossy(&bytes).into_owned()
    };
    Said {
        status: status.and_then(|status| status.code()).unwrap_or(-1),
        out: read(&mut out),
        err: read(&mut err),
    }
}

/// Waits for the end of a process; kills it and returns `None` when it does not come.
pub(crate) fn wait(process: &mut Child, patience: Duration) -> Option<ExitStatus> {
    let deadline = Instant::now() + patience;
    while Instant::now() < deadline {
        if let Some(status) = process.try_wait().ok().flatten() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    process.kill().and_then(|()| process.wait()).ok();
    None
}

impl Said {
    /// The same, once it is sure that the command succeeded.
    #[track_caller]
    pub fn succeeded(self) -> Self {
        assert_eq!(self.status, 0, "{self:#?}");
        self
    }

    /// The same, once it is sure that the command failed and said why on standard error.
    #[track_caller]
    pub fn failed(self) -> Self {
        assert!(self.status > 0 && !self.err.is_empty(), "{self:#?}");
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("no JSON ({error}): {self:#?}"))
    }
}
