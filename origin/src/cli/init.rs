//! `stepwell init`: makes a project.

use std::fmt;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Failure, Output};
use crate::complaint::{Complaint, Place};
use crate::config;

const EXAMPLES: &str = "\
It writes stepwell.toml, collections/posts.toml, README.md and .gitignore, and overwrites nothing.

Examples:
  stepwell init          in the current folder
  stepwell init blog     in ./blog, which is made if it is not there";

/// Options of `stepwell init`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The project's folder.
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
}

/// What a project begins with: each file, what it says, and what it is for.
const FILES: [(&str, &str, &str); 4] = [
    (config::FILE, config::TEMPLATE, "every setting with its default and why"),
    (
        "collections/posts.toml",
        include_str!("../../templates/collections/posts.toml"),
        "a collection to begin with",
    ),
    ("README.md", include_str!("../../templates/README.md"), "how to serve it and use it"),
    (
        ".gitignore",
        include_str!("../../templates/gitignore"),
        "keeps data and secrets out of version control",
    ),
];

#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    folder: &'a Path,
    files: Vec<&'a str>,
}

/// Makes the project, and says what next.
pub fn run(args: &Args, output: Output) -> Result<(), Failure> {
    make(&args.folder)?;
    let files = FILES.iter().map(|(name, ..)| *name).collect();
    output.report(&Report { ok: true, folder: &args.folder, files });
    Ok(())
}

/// Writes every file, or none where one is there already.
fn make(folder: &Path) -> Result<(), Failure> {
    let present =
        FILES.iter().map(|(name, ..)| folder.join(name)).filter(|file| file.symlink_metadata().is_ok());
    let complaints: Vec<_> = present
        .map(|file| {
            let fix = "make the project in another folder, or move the file away";
            Complaint::new(Place::File { file }, "", "exists already and is not overwritten", fix)
        })
        .collect();
    if !complaints.is_empty() {
        return Err(complaints.into());
    }
    FILES.iter().try_for_each(|(name, text, _)| write_new(&folder.join(name), text))
}

fn write_new(file: &Path, text: &str) -> Result<(), Failure> {
    let written = file.parent().map_or(Ok(()), fs::create_dir_all);
    let written = written.and_then(|()| fs::File::create_new(file)?.write_all(text.as_bytes()));
    written.map_err(|error| {
        let place = Place::File { file: file.to_owned() };
        let fix = "choose a folder that this user may write";
        vec![Complaint::new(place, "", format!("cannot be written: {error}"), fix)].into()
    })
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Made a project in {}:", self.folder.display())?;
        for (name, _, purpose) in FILES {
            writeln!(f, "  {name:<24}{purpose}")?;
        }
        writeln!(f, "\nNext:")?;
        if self.folder != Path::new(".") {
            writeln!(f, "  cd {}", self.folder.display())?;
        }
        write!(f, "  stepwell check\n  stepwell serve")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::check::examine;
    use crate::config::Config;
    use crate::config::document::Document;

    #[test]
    fn what_it_makes_passes_the_check() {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("blog");
        make(&project).unwrap();
        let document = Document::open(&project.join(config::FILE)).unwrap();
        let anywhere = ["STEPWELL_SERVER_LISTEN", "STEPWELL_OPERATOR_LISTEN"];
        let anywhere = anywhere.map(|variable| (variable.into(), "127.0.0.1:0".into()));
        let config = Config::read(document, anywhere, &[]).unwrap();
        let collections = examine(&config).unwrap();
        assert_eq!(collections.keys().collect::<Vec<_>>(), ["posts"]);
        assert_eq!(config.data.folder, project.join("data"));
        assert!(!config.data.folder.exists());
    }

    #[test]
    fn it_overwrites_nothing_and_then_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let readme = folder.path().join("README.md");
        fs::write(&readme, "mine").unwrap();
        let Err(Failure::Complaints(complaints)) = make(folder.path()) else { panic!("it overwrote") };
        assert_eq!(complaints.len(), 1);
        assert_eq!(complaints[0].place, Place::File { file: readme.clone() });
        assert_eq!(fs::read_to_string(readme).unwrap(), "mine");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_kept_stays_out_of_version_control() {
        let data = Config::read(Document::default(), [], &[]).unwrap().data.folder;
        let ignored = include_str!("../../templates/gitignore");
        assert!(ignored.lines().any(|line| line == format!("/{}", data.display())));
    }
}
