//! `stepwell keys edge`: a key that an edge elsewhere shares with its origin.

use std::fmt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use data_encoding::HEXLOWER;
use serde::Serialize;
use stepwell_shared::edge_signature::{EdgeKeys, EdgeName};
use stepwell_shared::limits::EDGE_KEY_BYTES_MIN;

use crate::access::secret_file;
use crate::cli::{Failure, Output};
use crate::config::access::edges;

/// For which edge, and where the key goes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The edge's name: lower-case letters, digits, '-', '_' and '.'.
    #[arg(value_name = "NAME")]
    pub name: EdgeName,
    /// Add the origin's line to this file (`access.edges_file` there) instead of printing it. It is made if it is not there.
    #[arg(long, value_name = "FILE")]
    pub edges_file: Option<PathBuf>,
    /// Write the edge's key to this file (`edge.key_file` there) instead of printing it. It must not be there yet.
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
}

#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    edge: &'a str,
    /// Shown only where a side is still to be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edges_file: Option<&'a Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_file: Option<&'a Path>,
}

/// Makes a key.
pub fn run(args: &Args, output: Output) -> Result<(), Failure> {
    output.report(&make(args)?);
    Ok(())
}

fn make(args: &Args) -> Result<Report<'_>, Failure> {
    let mut bytes = [0; EDGE_KEY_BYTES_MIN];
    getrandom::fill(&mut bytes).map_err(|error| {
        Failure::refused(format!("the system gives no random numbers: {error}"), "look at the system's log")
    })?;
    let key = HEXLOWER.encode(&bytes);
    // First what may be refused for what is there, so that nothing is left half done.
    if let Some(file) = &args.key_file
        && file.exists()
    {
        let fix =
            "name another file: an edge's new key must not replace the old one before the origin knows it";
        return Err(Failure::refused(format!("{} is there already", file.display()), fix));
    }
    if let Some(file) = &args.edges_file {
        add(file, &args.name, &key)?;
    }
    if let Some(file) = &args.key_file {
        write(file, &format!("{key}\n"))?;
    }
    let is_told = args.edges_file.is_some() && args.key_file.is_some();
    Ok(Report {
        ok: true,
        edge: args.name.as_str(),
        key: (!is_told).then_some(key),
        edges_file: args.edges_file.as_deref(),
        key_file: args.key_file.as_deref(),
    })
}

/// Adds the origin's line, if the origin will take the file with it.
fn add(file: &Path, name: &EdgeName, key: &str) -> Result<(), Failure> {
    let mut text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(unusable(file, &error)),
    };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.extend([name.as_str(), " ", key, "\n"]);
    let mut keys = EdgeKeys::default();
    for (place, line) in text.lines().enumerate() {
        edges::read_line(&mut keys, line).map_err(|why| {
            let fix = "mend the line; where a key was replaced, remove the line with the old one first";
            Failure::refused(format!("{}:{}: {why}", file.display(), place + 1), fix)
        })?;
    }
    write(file, &text)
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    secret_file::write(file, text.as_bytes()).map_err(|error| unusable(file, &error))
}

fn unusable(file: &Path, error: &io::Error) -> Failure {
    Failure::refused(
        format!("{}: {error}", file.display()),
        "name a file in a folder that this user may write to",
    )
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let edge = self.edge;
        let key = self.key.as_deref().unwrap_or_default();
        writeln!(f, "Made a key for the edge {edge}.")?;
        match self.edges_file {
            Some(file) => writeln!(f, "  at the origin: access.edges_file = \"{}\"", file.display())?,
            None => writeln!(f, "  at the origin: a line of access.edges_file\n    {edge} {key}")?,
        }
        match self.key_file {
            Some(file) => {
                writeln!(f, "  at the edge: edge.name = \"{edge}\", edge.key_file = \"{}\"", file.display())?;
            }
            None => writeln!(f, "  at the edge: edge.name = \"{edge}\", and in edge.key_file\n    {key}")?,
        }
        write!(
            f,
            "Restart the origin first: from then on it takes this key, beside an older one of the edge."
        )
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// Writes both files; returns what is printed.
    fn make_for(folder: &Path, key_file: &str) -> Result<String, Failure> {
        let args = Args {
            name: "fra-1".parse().unwrap(),
            edges_file: Some(folder.join("edges")),
            key_file: Some(folder.join(key_file)),
        };
        make(&args).map(|report| report.to_string())
    }

    #[test]
    fn both_sides_get_the_same_key_and_nobody_else_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let printed = make_for(folder.path(), "one").unwrap();
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read("edges"), format!("fra-1 {}", read("one")));
        assert_eq!(read("one").trim().len(), 2 * EDGE_KEY_BYTES_MIN);
        assert!(!printed.contains(read("one").trim()), "{printed}");
        for name in ["edges", "one"] {
            let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{name}");
        }
    }

    #[test]
    fn a_second_key_stands_beside_the_first_and_a_third_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("edges"), format!("# ours\nfra-1 {}", "a".repeat(64))).unwrap();
        make_for(folder.path(), "two").unwrap();
        let failure = make_for(folder.path(), "three").unwrap_err().to_string();
        assert!(failure.contains("edges:4") && failure.contains("at most 2 keys"), "{failure}");
        assert!(!folder.path().join("three").exists());
        let again = make_for(folder.path(), "two").unwrap_err().to_string();
        assert!(again.contains("is there already"), "{again}");
    }
}
