//! The configuration: `stepwell.toml`, the environment (`STEPWELL_SECTION_KEY`) and the command line, a file a concern.
//!
//! A configuration that is wrong never starts: every setting is read and checked here, what nobody reads is refused,
//! and [`preflight`] tries what the settings name on this machine.

pub mod access;
pub mod data;
pub mod database;
pub mod document;
pub mod edge;
mod leftover;
pub mod log;
pub mod operator;
pub mod preflight;
pub mod reader;
mod secret;
pub mod server;
#[cfg(test)]
pub mod testing;
pub mod value;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::complaint::{Complaint, Place};
use document::Document;
use reader::{Override, Reader, Resolved, Settings};

/// The file that is read when the command line names none.
pub const FILE: &str = "stepwell.toml";
/// What a new configuration says: every setting with its default and why.
pub const TEMPLATE: &str = include_str!("../templates/stepwell.toml");

/// Everything that the operator decides.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file; `None` where there is none.
    pub file: Option<PathBuf>,
    /// The address that clients reach, and what this process does.
    pub server: server::Server,
    /// The operator's side.
    pub operator: operator::Operator,
    /// Where things are on disk.
    pub data: data::Data,
    /// The database.
    pub database: database::Database,
    /// The edge in this process.
    pub edge: edge::Edge,
    /// Accounts and tokens.
    pub access: access::Access,
    /// What the process says about itself.
    pub log: log::Log,
    /// How each setting came to its value.
    pub settings: Settings,
}

impl Config {
    /// Reads the file (when `None`: [`FILE`] in the current folder, if it is there), the process's environment, and
    /// what the command line overrides.
    pub fn load(file: Option<&Path>, overrides: &[Override]) -> Result<Self, Vec<Complaint>> {
        let document = match file {
            Some(file) => Document::open(file)?,
            None if Path::new(FILE).exists() => Document::open(Path::new(FILE))?,
            None => Document::default(),
        };
        Self::read(document, std::env::vars_os(), overrides)
    }

    /// Reads the settings of all concerns.
    pub fn read(
        document: Document,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        overrides: &[Override],
    ) -> Result<Self, Vec<Complaint>> {
        let file = document.file.clone();
        let mut reader = Reader::new(document, environment, overrides);
        let server = server::Server::read(&mut reader);
        let operator = operator::Operator::read(&mut reader);
        if server.listen == operator.listen && server.listen.port() != 0 {
            let fix = "give the operator an address of its own, such as 127.0.0.1:9090";
            reader.refuse("operator.listen", "is the address of server.listen as well", fix);
        }
        let data = data::Data::read(&mut reader);
        let database = database::Database::read(&mut reader);
        let edge = edge::Edge::read(&mut reader);
        let access = access::Access::read(&mut reader);
        let log = log::Log::read(&mut reader);
        let settings = reader.finish()?;
        Ok(Self { file, server, operator, data, database, edge, access, log, settings })
    }

    /// Complains of what a setting names: the complaint says its value and where that was written.
    pub fn complain(&self, key: &str, problem: impl Into<String>, fix: impl Into<String>) -> Complaint {
        let resolved = self.settings.get(key).cloned();
        let Resolved { value, place } =
            resolved.unwrap_or(Resolved { value: None, place: Place::Default {} });
        Complaint { value, ..Complaint::new(place, key, problem, fix) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn read(
        text: &str,
        environment: &[(&str, &str)],
        overrides: &[Override],
    ) -> Result<Config, Vec<Complaint>> {
        let document = Document::parse(Path::new("stepwell.toml"), text)?;
        Config::read(document, environment.iter().map(|(name, value)| (name.into(), value.into())), overrides)
    }

    fn complaints(text: &str, environment: &[(&str, &str)]) -> Vec<String> {
        let complaints = read(text, environment, &[]).unwrap_err();
        complaints.iter().map(Complaint::to_string).collect()
    }

    fn complaint(text: &str, environment: &[(&str, &str)]) -> String {
        let mut complaints = complaints(text, environment);
        assert_eq!(complaints.len(), 1, "{complaints:#?}");
        complaints.remove(0)
    }

    /// The template with every setting taken in.
    fn uncommented_template() -> String {
        let lines = TEMPLATE.lines().map(|line| match line.strip_prefix('#') {
            Some(setting) if setting.starts_with(|first: char| first.is_ascii_lowercase()) => setting,
            _ => line,
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_template_names_every_setting_with_its_default() {
        let sections = |config: &Config| {
            let Config { server, operator, data, database, edge, access, log, .. } = config;
            format!("{server:#?}{operator:#?}{data:#?}{database:#?}{edge:#?}{access:#?}{log:#?}")
        };
        let defaults = read("", &[], &[]).unwrap();
        let template = read(&uncommented_template(), &[], &[]).unwrap();
        assert_eq!(sections(&template), sections(&defaults));
        assert_eq!(sections(&read(TEMPLATE, &[], &[]).unwrap()), sections(&defaults));

        let document = Document::parse(Path::new("stepwell.toml"), &uncommented_template()).unwrap();
        let in_template: BTreeSet<&String> = document.entries.keys().collect();
        let is_secret = |key: &str| defaults.settings.contains_key(&format!("{key}_file"));
        let known: BTreeSet<&String> = defaults.settings.keys().filter(|key| !is_secret(key)).collect();
        assert_eq!(in_template, known);
    }

    #[test]
    fn no_two_settings_share_a_variable() {
        let settings = read("", &[], &[]).unwrap().settings;
        let variables: BTreeSet<String> = settings.keys().map(|key| reader::variable(key)).collect();
        assert_eq!(variables.len(), settings.len());
    }

    #[test]
    fn the_command_line_overrides_the_environment_which_overrides_the_file() {
        let file = "[server]\nlisten = \"127.0.0.1:1\"\nthreads = 1\n[log]\nformat = \"json\"";
        let environment = [("STEPWELL_SERVER_LISTEN", "127.0.0.1:2"), ("STEPWELL_SERVER_THREADS", "2")];
        let flag = Override { key: "server.listen", flag: "--listen", value: "127.0.0.1:3".into() };
        let config = read(file, &environment, &[flag]).unwrap();
        assert_eq!((config.server.listen.port(), config.server.threads), (3, 2));
        assert_eq!(config.log.format, log::Format::Json);
        let places = ["server.listen", "server.threads", "log.format", "log.level"];
        let places = places.map(|key| config.settings[key].place.to_string());
        let threads = "environment variable STEPWELL_SERVER_THREADS";
        assert_eq!(places, ["--listen on the command line", threads, "stepwell.toml:5", "the default"]);
    }

    #[test]
    fn an_unknown_key_is_refused_with_what_was_meant() {
        assert_eq!(
            complaint("[server]\nlisten = \"127.0.0.1:1\"\nthread = 4", &[]),
            "stepwell.toml:3: server.thread = 4\n    is an unknown key\n    fix: did you mean server.threads? Else remove it"
        );
        assert!(complaint("[server]\nfolder = \"d\"", &[]).contains("did you mean data.folder?"));
        assert!(complaint("listen = \"x\"", &[]).contains("did you mean operator.listen or server.listen?"));
        assert!(
            complaint("[edge]\ncolour = 1", &[])
                .contains("there are edge.coalesce, edge.log_silence, edge.memory")
        );
        assert!(
            complaint("[sever]\nlisten = \"x\"\nthreads = 1", &[])
                .contains("[sever]\n    is an unknown section")
        );
        assert!(complaint("[sever]", &[]).contains("did you mean [server]?"));
    }

    #[test]
    fn a_wrong_type_is_refused() {
        assert_eq!(
            complaint("[server]\nthreads = \"many\"", &[]),
            "stepwell.toml:2: server.threads = \"many\"\n    is not a whole number\n    fix: write a whole number from 0 to 1024"
        );
        assert!(complaint("[server.listen]\nport = 1", &[]).contains("is not an address with a port"));
        assert!(complaint("server = 1", &[]).contains("stepwell.toml:1: server = 1"));
    }

    #[test]
    fn a_bad_duration_is_refused() {
        assert_eq!(
            complaint("[access]\ntoken_lifetime = 15", &[]),
            "stepwell.toml:2: access.token_lifetime = 15\n    is not a duration\n    fix: write a duration from \"1m\" to \"24h\""
        );
    }

    #[test]
    fn a_wrong_or_unknown_variable_is_refused() {
        assert_eq!(
            complaint("", &[("STEPWELL_EDGE_MEMORY", "lots")]),
            "environment variable STEPWELL_EDGE_MEMORY: edge.memory = lots\n    is not a size\n    fix: write a size from \"1MiB\" to \"1TiB\""
        );
        assert_eq!(
            complaint("", &[("STEPWELL_SERVER_LISTN", "127.0.0.1:1"), ("HOME", "/")]),
            "environment variable STEPWELL_SERVER_LISTN: 127.0.0.1:1\n    overrides no setting\n    fix: did you mean STEPWELL_SERVER_LISTEN? Else unset it"
        );
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_in_order() {
        let text = "[log]\nlevel = \"loud\"\n[server]\nthreads = -1\nport = 1";
        let all = complaints(text, &[("STEPWELL_X", "1")]);
        let firsts: Vec<_> = all.iter().map(|complaint| complaint.split(' ').next().unwrap()).collect();
        assert_eq!(firsts, ["stepwell.toml:2:", "stepwell.toml:4:", "stepwell.toml:5:", "environment"]);
    }

    #[test]
    fn a_secret_in_the_file_or_under_a_misspelt_name_is_refused_unseen() {
        for (text, environment) in [
            ("[operator]\ntoken = \"hunter2\"", [].as_slice()),
            ("[operator]\ntokn = \"hunter2\"", &[]),
            ("[access]\nsigning_keey = \"hunter2\"", &[]),
            ("", &[("STEPWELL_OPERATOR_TOKN", "hunter2")]),
        ] {
            let complaint = complaint(text, environment);
            assert!(!complaint.contains("hunter2"), "{complaint}");
        }
    }

    #[test]
    fn a_secret_is_in_no_output() {
        let token = "0123456789abcdef0123456789abcdef";
        let config = read("", &[("STEPWELL_OPERATOR_TOKEN", token)], &[]).unwrap();
        assert!(!format!("{config:?}").contains(token));
        assert!(!serde_json::to_string(&config.settings).unwrap().contains(token));
    }

    #[test]
    fn one_address_is_not_given_twice() {
        let complaint = complaint("[operator]\nlisten = \"127.0.0.1:8080\"", &[]);
        assert!(complaint.starts_with("stepwell.toml:2: operator.listen = \"127.0.0.1:8080\""));
    }
}
