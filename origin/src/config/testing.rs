//! Reads a configuration, or one concern of it, from text: for tests.

use std::path::Path;

use super::Config;
use super::document::Document;
use super::reader::Reader;
use crate::complaint::Complaint;

/// A configuration without fault.
pub fn configuration(text: &str, environment: &[(&str, &str)]) -> Config {
    load(text, environment).unwrap()
}

/// Everything that is wrong with a configuration, as a person is told.
pub fn refusals(text: &str, environment: &[(&str, &str)]) -> Vec<String> {
    load(text, environment).unwrap_err().iter().map(Complaint::to_string).collect()
}

/// The one thing that is wrong with a configuration.
pub fn refusal(text: &str, environment: &[(&str, &str)]) -> String {
    let mut refusals = refusals(text, environment);
    assert_eq!(refusals.len(), 1, "{refusals:#?}");
    refusals.remove(0)
}

fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, Vec<Complaint>> {
    let document = Document::parse(Path::new("stepwell.toml"), text)?;
    Config::read(document, environment.iter().map(|(name, value)| (name.into(), value.into())), &[])
}

/// A reader of a `stepwell.toml` with this text, and this environment.
pub fn reader(text: &str, environment: &[(&str, &str)]) -> Reader {
    let document = Document::parse(Path::new("stepwell.toml"), text).unwrap();
    Reader::new(document, environment.iter().map(|(name, value)| (name.into(), value.into())), &[])
}

/// What a concern makes of a text without fault.
pub fn read<T>(text: &str, concern: impl FnOnce(&mut Reader) -> T) -> T {
    read_with(text, &[], concern)
}

/// The same, with an environment.
pub fn read_with<T>(text: &str, environment: &[(&str, &str)], concern: impl FnOnce(&mut Reader) -> T) -> T {
    let mut reader = reader(text, environment);
    let read = concern(&mut reader);
    reader.finish().unwrap();
    read
}

/// The one complaint that a concern has.
pub fn complaint<T>(text: &str, concern: impl FnOnce(&mut Reader) -> T) -> Complaint {
    complaint_with(text, &[], concern)
}

/// The same, with an environment.
pub fn complaint_with<T>(
    text: &str,
    environment: &[(&str, &str)],
    concern: impl FnOnce(&mut Reader) -> T,
) -> Complaint {
    let mut reader = reader(text, environment);
    concern(&mut reader);
    let mut complaints = reader.finish().unwrap_err();
    assert_eq!(complaints.len(), 1, "{complaints:#?}");
    complaints.remove(0)
}
