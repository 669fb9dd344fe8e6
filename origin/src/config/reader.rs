//! Reads settings from where they may be written: the command line over the environment over the file over the default.
//!
//! Each concern asks for its settings by key; the reader notes every complaint and goes on with the default, so that
//! one run tells all of them. What nobody asked for is a complaint as well.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::document::{Document, Entry};
use super::leftover;
use super::settings::{PREFIX, Resolved, Settings, variable};
use super::value::{Setting, Written};
use crate::complaint::{Complaint, Place};

/// Variables of a standard that stand for a setting which nobody wrote, with its key.
const STANDARD_VARIABLES: [(&str, &str); 1] = [("OTEL_EXPORTER_OTLP_ENDPOINT", "telemetry.otlp_endpoint")];

/// A setting that the command line gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// The setting's key.
    pub key: &'static str,
    /// The flag, with its dashes.
    pub flag: &'static str,
    /// What it says.
    pub value: String,
}

/// A reading in progress.
#[derive(Debug)]
pub struct Reader {
    document: Document,
    environment: BTreeMap<String, Entry>,
    /// By the key of the setting that each stands for.
    standards: BTreeMap<&'static str, Entry>,
    flags: BTreeMap<&'static str, Entry>,
    settings: Settings,
    complaints: Vec<Complaint>,
}

impl Reader {
    /// Reads from these. Of `environment` only variables with our prefix count, and a few that are everybody's.
    pub fn new(
        document: Document,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        overrides: &[Override],
    ) -> Self {
        let mut reader = Self {
            document,
            environment: BTreeMap::new(),
            standards: BTreeMap::new(),
            flags: BTreeMap::new(),
            settings: Settings::new(),
            complaints: Vec::new(),
        };
        for (name, value) in environment {
            reader.add_variable(&name, value);
        }
        for Override { key, flag, value } in overrides {
            reader.flags.insert(key, bare(value.clone(), Place::Flag { flag: (*flag).to_owned() }));
        }
        reader
    }

    fn add_variable(&mut self, name: &OsString, value: OsString) {
        let Some(name) = name.to_str() else { return };
        let standard = STANDARD_VARIABLES.iter().find(|(variable, _)| *variable == name);
        if standard.is_none() && !name.starts_with(PREFIX) {
            return;
        }
        let place = Place::Environment { variable: name.to_owned() };
        match (value.into_string(), standard) {
            (Ok(value), Some((_, key))) => {
                // An empty one counts as one that is not there, says the standard.
                if !value.is_empty() {
                    self.standards.insert(key, bare(value, place));
                }
            }
            (Ok(value), None) => {
                self.environment.insert(name.to_owned(), bare(value, place));
            }
            (Err(_), _) => {
                self.complaints.push(Complaint::new(place, "", "is not UTF-8", "write it in UTF-8"));
            }
        }
    }

    /// Whether there is a file.
    pub fn has_file(&self) -> bool {
        self.document.file.is_some()
    }

    /// Whether anybody wrote the setting.
    pub fn is_written(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// A setting that is known and has no value.
    pub fn absent(&mut self, key: &str) {
        self.note(key, None, Place::Default {});
    }

    /// The setting of that key, or `default`.
    pub fn setting<T: Setting>(&mut self, key: &'static str, default: T) -> T {
        self.read_or(key, default, |default| {
            format!("write one such as {}; the default is {}", T::EXAMPLE, default.quoted())
        })
    }

    /// The same, for a setting that has a least and a most.
    pub fn setting_within<T>(&mut self, key: &'static str, default: T, range: &RangeInclusive<T>) -> T
    where
        T: Setting + PartialOrd + Clone,
    {
        let fix = || format!("write {} from {} to {}", T::NAME, range.start().quoted(), range.end().quoted());
        let value = self.read_or(key, default.clone(), |_| fix());
        if range.contains(&value) {
            return value;
        }
        self.refuse(key, if value < *range.start() { "is too small" } else { "is too large" }, fix());
        default
    }

    fn read_or<T: Setting>(&mut self, key: &'static str, default: T, fix: impl FnOnce(&T) -> String) -> T {
        let entry = self.find(key);
        let place = entry.as_ref().map_or(Place::Default {}, |entry| entry.place.clone());
        let value = match entry {
            None => default,
            Some(entry) => T::read(&entry.written).unwrap_or_else(|| {
                let problem = format!("is not {}", T::NAME);
                self.complain(
                    Complaint::new(entry.place, key, problem, fix(&default)).with_value(entry.shown),
                );
                default
            }),
        };
        // What may be left empty and is has no value.
        self.note(key, Some(value.write()).filter(|written| !written.is_empty()), place);
        value
    }

    /// A path. One that a file says is relative to the file's folder, any other to the current folder.
    pub fn path(&mut self, key: &'static str, default: &str) -> PathBuf {
        let path = self.setting(key, PathBuf::from(default));
        self.placed(key, path)
    }

    /// The same for one that may be left empty, which says that there is none.
    pub fn optional_path(&mut self, key: &'static str) -> Option<PathBuf> {
        let path = self.setting(key, None);
        path.map(|path| self.placed(key, path))
    }

    fn placed(&self, key: &str, path: PathBuf) -> PathBuf {
        match self.settings.get(key).map(|resolved| &resolved.place) {
            Some(Place::Environment { .. } | Place::Flag { .. }) => path,
            _ => self.folder().join(path),
        }
    }

    /// Keeps a value that may hold a secret out of every message.
    pub fn conceal(&mut self, key: &str) {
        if let Some(resolved) = self.settings.get_mut(key) {
            resolved.value = None;
        }
    }

    /// Says that a value that could be read breaks a rule.
    pub fn refuse(&mut self, key: &str, problem: impl Into<String>, fix: impl Into<String>) {
        let resolved = self.settings.get(key).cloned();
        let Resolved { value, place } =
            resolved.unwrap_or(Resolved { value: None, place: Place::Default {} });
        // A value that is noted is no secret, and is shown as it was written.
        let value = value.map(|value| self.find(key).map_or(value, |entry| entry.shown));
        self.complain(Complaint { value, ..Complaint::new(place, key, problem, fix) });
    }

    /// All settings, or all complaints, in the order of the places they are about.
    pub fn finish(mut self) -> Result<Settings, Vec<Complaint>> {
        let unread = leftover::in_file(&self.document, &self.settings);
        self.complaints.extend(unread);
        self.complaints.extend(leftover::in_environment(&self.environment, &self.settings));
        if self.complaints.is_empty() {
            return Ok(self.settings);
        }
        self.complaints.sort_by(|one, other| one.place.cmp(&other.place));
        Err(self.complaints)
    }

    /// The folder that paths in the file are relative to.
    pub(super) fn folder(&self) -> &Path {
        self.document.file.as_deref().and_then(Path::parent).unwrap_or(Path::new(""))
    }

    pub(super) fn find(&self, key: &str) -> Option<Entry> {
        let flag = self.flags.get(key);
        let found =
            flag.or_else(|| self.environment.get(&variable(key))).or_else(|| self.document.entries.get(key));
        found.or_else(|| self.standards.get(key)).cloned()
    }

    pub(super) fn note(&mut self, key: &str, value: Option<String>, place: Place) {
        self.settings.insert(key.to_owned(), Resolved { value, place });
    }

    pub(super) fn complain(&mut self, complaint: Complaint) {
        self.complaints.push(complaint);
    }
}

fn bare(value: String, place: Place) -> Entry {
    Entry { shown: value.clone(), written: Written::Bare(value), place }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn reader(text: &str, environment: &[(&str, &str)], overrides: &[Override]) -> Reader {
        let document = Document::parse(Path::new("etc/stepwell.toml"), text).unwrap();
        let environment = environment.iter().map(|(name, value)| (name.into(), value.into()));
        Reader::new(document, environment, overrides)
    }

    #[test]
    fn the_command_line_overrides_the_environment_which_overrides_the_file() {
        let file = "[a]\none = 1\ntwo = 1\nthree = 1";
        let environment = [("STEPWELL_A_ONE", "2"), ("STEPWELL_A_TWO", "2")];
        let flag = Override { key: "a.one", flag: "--one", value: "3".into() };
        let mut reader = reader(file, &environment, &[flag]);
        let values = ["a.one", "a.two", "a.three", "a.four"].map(|key| reader.setting(key, 0_usize));
        assert_eq!(values, [3, 2, 1, 0]);
        let settings = reader.finish().unwrap();
        let places = ["a.one", "a.two", "a.three", "a.four"].map(|key| settings[key].place.to_string());
        let variable = "environment variable STEPWELL_A_TWO";
        assert_eq!(places, ["--one on the command line", variable, "etc/stepwell.toml:4", "the default"]);
    }

    #[test]
    fn paths_of_a_file_are_relative_to_it_and_others_to_the_current_folder() {
        let mut reader = reader("[a]\none = 'x'\ntwo = '/x'", &[("STEPWELL_A_THREE", "x")], &[]);
        let paths = ["a.one", "a.two", "a.three", "a.four"].map(|key| reader.path(key, "y"));
        assert_eq!(paths.map(|path| path.display().to_string()), ["etc/x", "/x", "x", "etc/y"]);
        assert_eq!(reader.optional_path("a.one"), Some("etc/x".into()));
        assert_eq!(reader.optional_path("a.five"), None);
    }

    #[test]
    fn a_wrong_variable_is_refused_by_its_name() {
        let mut reader = reader("", &[("STEPWELL_A_ONE", "lots")], &[]);
        assert_eq!(reader.setting_within("a.one", 5_usize, &(1..=9)), 5);
        let complaints = reader.finish().unwrap_err();
        assert_eq!(
            complaints[0].to_string(),
            "environment variable STEPWELL_A_ONE: a.one = lots\n    is not a whole number\n    fix: write a whole number from 1 to 9"
        );
    }

    #[test]
    fn values_out_of_bounds_are_refused_as_they_were_written() {
        let mut reader = reader("[a]\none = 0x0\ntwo = 10", &[], &[]);
        reader.setting_within("a.one", 5_usize, &(1..=9));
        reader.setting_within("a.two", 5_usize, &(1..=9));
        let complaints = reader.finish().unwrap_err();
        let told: Vec<_> =
            complaints.iter().map(|one| (one.value.as_deref().unwrap(), one.problem.as_str())).collect();
        assert_eq!(told, [("0x0", "is too small"), ("10", "is too large")]);
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_no_text_is_refused() {
        use std::os::unix::ffi::OsStringExt as _;
        let environment = [("STEPWELL_A_ONE".into(), OsString::from_vec(vec![0xff]))];
        let complaints = Reader::new(Document::default(), environment, &[]).finish().unwrap_err();
        assert_eq!(complaints[0].problem, "is not UTF-8");
    }
}
