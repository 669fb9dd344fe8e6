//! Reads one concern from text, for its tests.

use std::path::Path;

use super::document::Document;
use super::reader::Reader;
use crate::complaint::Complaint;

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
