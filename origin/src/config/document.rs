//! The text of a configuration file, taken apart into settings that know their lines.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::value::Written;
use crate::complaint::{Complaint, Place};

/// Settings of one file by dotted key, `section.key`.
#[derive(Debug, Default)]
pub struct Document {
    /// The file; absent where there is none and every setting has its default.
    pub file: Option<PathBuf>,
    /// What it says.
    pub entries: BTreeMap<String, Entry>,
    /// Its tables, which may be empty.
    pub sections: BTreeMap<String, Place>,
}

/// One value with where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The value.
    pub written: Written,
    /// The value as messages show it.
    pub shown: String,
    /// The place.
    pub place: Place,
}

/// Characters of a value that a message shows.
const SHOWN_MAX: usize = 60;

impl Document {
    /// Reads a file.
    pub fn open(file: &Path) -> Result<Self, Vec<Complaint>> {
        let text = std::fs::read_to_string(file).map_err(|error| {
            let place = Place::File { file: file.to_owned() };
            let fix = "name a file that exists and that this user may read, or make one with `stepwell init`";
            vec![Complaint::new(place, "", format!("the configuration cannot be read: {error}"), fix)]
        })?;
        Self::parse(file, &text)
    }

    /// Takes a file's text apart.
    pub fn parse(file: &Path, text: &str) -> Result<Self, Vec<Complaint>> {
        let (table, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            return Err(errors.iter().map(|error| syntax_complaint(file, text, error)).collect());
        }
        let (mut entries, mut sections) = (BTreeMap::new(), BTreeMap::new());
        for (name, value) in table.get_ref() {
            let entry = |key: &toml::Spanned<_>, value: &toml::Spanned<DeValue<'_>>| Entry {
                written: written(value.get_ref()),
                shown: shown(text, &value.span()),
                place: Place::in_text(file, text, &key.span()),
            };
            let DeValue::Table(section) = value.get_ref() else {
                entries.insert(name.get_ref().to_string(), entry(name, value));
                continue;
            };
            sections.insert(name.get_ref().to_string(), Place::in_text(file, text, &name.span()));
            for (key, value) in section {
                entries.insert(format!("{}.{}", name.get_ref(), key.get_ref()), entry(key, value));
            }
        }
        Ok(Self { file: Some(file.to_owned()), entries, sections })
    }
}

fn syntax_complaint(file: &Path, text: &str, error: &toml::de::Error) -> Complaint {
    let place = Place::in_text(file, text, &error.span().unwrap_or_default());
    let problem = format!("is not TOML: {}", error.message());
    Complaint::new(place, "", problem, "write it as TOML asks, `key = value` a line (https://toml.io)")
}

fn written(value: &DeValue<'_>) -> Written {
    match value {
        DeValue::String(text) => Written::Text(text.to_string()),
        DeValue::Boolean(value) => Written::Boolean(*value),
        DeValue::Integer(digits) => {
            i64::from_str_radix(digits.as_str(), digits.radix()).map_or(Written::Other, Written::Integer)
        }
        DeValue::Array(items) => {
            let text = |item: &toml::Spanned<DeValue<'_>>| item.get_ref().as_str().map(str::to_owned);
            items.iter().map(text).collect::<Option<_>>().map_or(Written::Other, Written::Texts)
        }
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Table(_) => Written::Other,
    }
}

/// The source of a value, cut to what fits in a message.
fn shown(text: &str, span: &std::ops::Range<usize>) -> String {
    let source = text.get(span.clone()).unwrap_or_default();
    let line = source.lines().next().unwrap_or_default();
    let mut shown: String = line.chars().take(SHOWN_MAX).collect();
    if shown.len() < source.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Document, Vec<Complaint>> {
        Document::parse(Path::new("stepwell.toml"), text)
    }

    #[test]
    fn settings_know_their_lines_however_they_are_written() {
        let document = parse("server.threads = 0x2\n\n[data]\nfolder = 'd' # why\n").unwrap();
        let threads = &document.entries["server.threads"];
        assert_eq!(threads.written, Written::Integer(2));
        assert_eq!(threads.shown, "0x2");
        let folder = &document.entries["data.folder"];
        assert_eq!((&folder.written, folder.shown.as_str()), (&Written::Text("d".into()), "'d'"));
        assert_eq!(folder.place.to_string(), "stepwell.toml:4");
    }

    #[test]
    fn every_slip_of_the_pen_is_told_with_its_line() {
        let complaints = parse("[server]\nlisten = 127.0.0.1:8080\n[data]\nfolder = \n").unwrap_err();
        let places: Vec<_> = complaints.iter().map(|complaint| complaint.place.to_string()).collect();
        assert!(places.contains(&"stepwell.toml:2".to_owned()), "{complaints:#?}");
        assert!(places.contains(&"stepwell.toml:4".to_owned()), "{complaints:#?}");
    }

    #[test]
    fn what_no_setting_takes_is_still_an_entry() {
        let document =
            parse("top = 1\n[server]\nlisten = { a = 1 }\nroles = [1, 'a']\nthreads = 1.5\n").unwrap();
        let other: Vec<_> =
            document.entries.iter().filter(|(_, entry)| entry.written == Written::Other).collect();
        assert_eq!(other.len(), 3);
        assert_eq!(document.entries["top"].written, Written::Integer(1));
    }

    #[test]
    fn long_values_are_cut() {
        let text = format!("[log]\nlevel = \"{}\"", "x".repeat(200));
        let document = parse(&text).unwrap();
        assert_eq!(document.entries["log.level"].shown.chars().count(), SHOWN_MAX + 1);
    }
}
