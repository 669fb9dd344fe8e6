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
pub mod overload;
pub mod preflight;
pub mod reader;
mod secret;
pub mod server;
pub mod settings;
pub mod telemetry;
#[cfg(test)]
pub mod testing;
pub mod value;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::complaint::{Complaint, Place};
use document::Document;
use reader::{Override, Reader};
use settings::{Resolved, Settings};

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
    /// How much the origin takes on at once.
    pub overload: crate::overload::Settings,
    /// Accounts and tokens.
    pub access: access::Access,
    /// What the process says about itself.
    pub log: log::Log,
    /// What a collector is told.
    pub telemetry: telemetry::Telemetry,
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
        let overload = overload::read(&mut reader);
        let access = access::Access::read(&mut reader);
        let log = log::Log::read(&mut reader);
        let telemetry = telemetry::Telemetry::read(&mut reader);
        let settings = reader.finish()?;
        Ok(Self { file, server, operator, data, database, edge, overload, access, log, telemetry, settings })
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

    use super::testing::{configuration, refusal, refusals};
    use super::*;

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
        let sections = |text: &str| {
            let Config { server, operator, data, database, edge, overload, access, log, telemetry, .. } =
                configuration(text, &[]);
            format!(
                "{server:#?}{operator:#?}{data:#?}{database:#?}{edge:#?}{overload:#?}{access:#?}{log:#?}{telemetry:#?}"
            )
        };
        assert_eq!(sections(&uncommented_template()), sections(""));
        assert_eq!(sections(TEMPLATE), sections(""));

        let document = Document::parse(Path::new(FILE), &uncommented_template()).unwrap();
        let in_template: BTreeSet<&String> = document.entries.keys().collect();
        let settings = configuration("", &[]).settings;
        let is_secret = |key: &str| settings.contains_key(&format!("{key}_file"));
        let known: BTreeSet<&String> = settings.keys().filter(|key| !is_secret(key)).collect();
        assert_eq!(in_template, known);
    }

    #[test]
    fn no_two_settings_share_a_variable() {
        let settings = configuration("", &[]).settings;
        let variables: BTreeSet<String> = settings.keys().map(|key| settings::variable(key)).collect();
        assert_eq!(variables.len(), settings.len());
    }

    #[test]
    fn a_wrong_type_is_refused() {
        assert_eq!(
            refusal("[server]\nthreads = \"many\"", &[]),
            "stepwell.toml:2: server.threads = \"many\"\n    is not a whole number\n    fix: write a whole number from 0 to 1024"
        );
        assert_eq!(
            refusal("[operator]\nlisten = 9090", &[]),
            "stepwell.toml:2: operator.listen = 9090\n    is not an address with a port\n    fix: write one such as \"127.0.0.1:8080\" (\"0.0.0.0:8080\" listens on every address); the default is \"127.0.0.1:9090\""
        );
        assert!(refusal("[server.listen]\nport = 1", &[]).contains("is not an address with a port"));
        assert!(refusal("server = 1", &[]).starts_with("stepwell.toml:1: server = 1"));
    }

    #[test]
    fn a_bad_duration_is_refused() {
        assert_eq!(
            refusal("[access]\ntoken_lifetime = 15", &[]),
            "stepwell.toml:2: access.token_lifetime = 15\n    is not a duration\n    fix: write a duration from \"1m\" to \"24h\""
        );
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_in_order() {
        let text = "[log]\nlevel = \"loud\"\n[server]\nthreads = -1\nport = 1";
        let all = refusals(text, &[("STEPWELL_X", "1")]);
        let firsts: Vec<_> = all.iter().map(|refusal| refusal.split(' ').next().unwrap()).collect();
        assert_eq!(firsts, ["stepwell.toml:2:", "stepwell.toml:4:", "stepwell.toml:5:", "environment"]);
    }

    #[test]
    fn one_address_is_not_given_twice() {
        let refusal = refusal("[operator]\nlisten = \"127.0.0.1:8080\"", &[]);
        assert!(refusal.starts_with("stepwell.toml:2: operator.listen = \"127.0.0.1:8080\""), "{refusal}");
    }

    #[test]
    fn a_file_that_is_named_must_be_there() {
        let complaints = Config::load(Some(Path::new("nowhere/stepwell.toml")), &[]).unwrap_err();
        assert_eq!(complaints[0].place, Place::File { file: "nowhere/stepwell.toml".into() });
    }
}
