//! `stepwell check`: whether `serve` would start, without starting it.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use super::declared;
use super::{Failure, Output, ServeOptions};
use crate::collections::Collections;
use crate::config::data::Declarations;
use crate::config::settings::Settings;
use crate::config::{Config, preflight};

const EXAMPLES: &str = "\
It takes the options of `serve` and looks at what `serve` would do: every setting and every collection is read, the
addresses must be free and the data folder writable. Nothing is started and nothing is left behind.

Examples:
  stepwell check                                  the current folder's project
  stepwell check --config /etc/stepwell.toml      another one
  stepwell check --json                           for programs: every setting with its value and its place";

/// Options of `stepwell check`.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What `serve` would be told.
    #[command(flatten)]
    pub serve: ServeOptions,
}

#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    configuration: Option<&'a PathBuf>,
    collections: Vec<&'a str>,
    settings: &'a Settings,
    #[serde(skip)]
    config: &'a Config,
}

/// Checks, and prints a summary.
pub fn run(args: &Args, output: Output) -> Result<(), Failure> {
    let config = args.serve.load()?;
    let collections = examine(&config)?;
    output.report(&Report::new(&config, &collections));
    Ok(())
}

/// The declared collections, once nothing is wrong with them, nor with what the configuration names on this machine.
/// `serve` begins with this.
pub fn examine(config: &Config) -> Result<Collections, Failure> {
    let mut complaints = preflight::check(config);
    match declared::collections(config) {
        Ok(collections) if complaints.is_empty() => return Ok(collections),
        Ok(_) => {}
        Err(more) => complaints.extend(more),
    }
    Err(complaints.into())
}

impl<'a> Report<'a> {
    fn new(config: &'a Config, collections: &'a Collections) -> Self {
        Self {
            ok: true,
            configuration: config.file.as_ref(),
            collections: collections.keys().map(String::as_str).collect(),
            settings: &config.settings,
            config,
        }
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Config { server, operator, data, .. } = self.config;
        match &self.config.file {
            Some(file) => writeln!(f, "{} is right.", file.display())?,
            None => writeln!(f, "There is no stepwell.toml here, so every setting has its default.")?,
        }
        let setting = |key: &str| {
            self.settings.get(key).and_then(|resolved| resolved.value.clone()).unwrap_or_default()
        };
        let collections = match &data.collections {
            Declarations::Folder(folder) => {
                format!("{} (from {})", self.collections.join(", "), folder.display())
            }
            Declarations::Example => format!("{} (the built-in example)", self.collections.join(", ")),
        };
        writeln!(f, "  listens on   {}, for operators on {}", server.listen, operator.listen)?;
        writeln!(f, "  roles        {}", setting("server.roles").replace(',', ", "))?;
        writeln!(f, "  threads      {}", server.threads)?;
        writeln!(f, "  data         {}", data.folder.display())?;
        writeln!(f, "  database     {}", setting("database.kind"))?;
        write!(f, "  collections  {collections}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::configuration;

    const ANYWHERE: [(&str, &str); 2] =
        [("STEPWELL_SERVER_LISTEN", "127.0.0.1:0"), ("STEPWELL_OPERATOR_LISTEN", "127.0.0.1:0")];

    #[test]
    fn what_is_wrong_with_machine_and_collections_is_told_together() {
        let config =
            configuration("[data]\nfolder = \"/proc/self/data\"\ncollections = \"nowhere\"", &ANYWHERE);
        let Err(Failure::Complaints(complaints)) = examine(&config) else { panic!("it passed") };
        let keys: Vec<_> = complaints.iter().map(|complaint| complaint.key.as_str()).collect();
        assert_eq!(keys, ["data.folder", "data.collections"]);
        assert_eq!(complaints[1].place.to_string(), "stepwell.toml:3");
    }

    #[test]
    fn the_summary_says_what_would_be_served() {
        let mut config = configuration(
            "[server]\nthreads = 2\nroles = [\"work\", \"read\", \"write\", \"edge\"]",
            &ANYWHERE,
        );
        config.data.collections = Declarations::Example;
        let collections = examine(&config).unwrap();
        let summary = Report::new(&config, &collections).to_string();
        for line in [
            "stepwell.toml is right.",
            "roles        edge, read, write, work",
            "threads      2",
            "(the built-in example)",
        ] {
            assert!(summary.contains(line), "{summary}");
        }
        let json = serde_json::to_value(Report::new(&config, &collections)).unwrap();
        assert_eq!((&json["ok"], &json["configuration"]), (&true.into(), &"stepwell.toml".into()));
        assert_eq!(
            json["settings"]["server.threads"],
            serde_json::json!({"value": "2", "file": "stepwell.toml", "line": 2})
        );
    }
}
