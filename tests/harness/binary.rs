//! The binary under test, and its commands.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

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
        if name.to_string_lossy().starts_with("STEPWELL_") {
            command.env_remove(name);
        }
    }
    command
}

/// What a finished command said.
#[derive(Debug)]
pub struct Said {
    /// Its exit status; -1 when a signal ended it.
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

/// Runs a command to its end.
pub fn finish(command: &mut Command) -> Said {
    Said::from(command.output().expect("the binary starts"))
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

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}
