//! Secrets: from the environment, or from a file that the configuration names; never from the configuration itself,
//! which people commit, copy and show.

use std::path::PathBuf;

use secrecy::SecretString;

use super::document::Entry;
use super::reader::{Reader, variable};
use super::value::{Setting as _, Written};
use crate::complaint::{Complaint, Place};

impl Reader {
    /// A secret, from the environment variable of `key` or the file that `<key>_file` names; `None` when neither says
    /// anything. The end of line that editors leave is not part of it.
    pub fn secret(&mut self, key: &'static str) -> Option<SecretString> {
        let file_key = format!("{key}_file");
        let (direct, named) = (self.find(key), self.find(&file_key));
        self.note(key, None, place_of(direct.as_ref().or(named.as_ref())));
        let shown = named.as_ref().and_then(|entry| PathBuf::read(&entry.written)).map(|path| path.write());
        self.note(&file_key, shown, place_of(named.as_ref()));

        let in_file = matches!(direct, Some(Entry { place: Place::Line { .. }, .. }));
        let text = match (direct, named) {
            (Some(Entry { place, .. }), _) if in_file => {
                let fix = format!("put it into a file and name that in {file_key}, or set {}", variable(key));
                self.complain(Complaint::new(
                    place,
                    key,
                    "is a secret, and a secret does not belong into this file",
                    fix,
                ));
                return None;
            }
            (Some(entry), _) => entry.written.text()?.to_owned(),
            (None, Some(entry)) => self.read_secret_file(&file_key, &entry)?,
            (None, None) => return None,
        };
        let text = text.trim_end();
        if text.is_empty() {
            self.refuse(key, "is empty", format!("write the secret, or leave {key} and {file_key} out"));
            return None;
        }
        Some(SecretString::from(text))
    }

    /// An empty name means no file, so that the template can show the key.
    fn read_secret_file(&mut self, key: &str, entry: &Entry) -> Option<String> {
        if matches!(&entry.written, Written::Bare(text) | Written::Text(text) if text.is_empty()) {
            return None;
        }
        let Some(path) = PathBuf::read(&entry.written) else {
            self.refuse(key, "is not a path", "name the file that holds the secret");
            return None;
        };
        let path = match entry.place {
            Place::Line { .. } => self.folder().join(path),
            _ => path,
        };
        match std::fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) => {
                let problem = format!("cannot be read: {error}");
                self.refuse(key, problem, "name a file that exists and that this user may read");
                None
            }
        }
    }
}

fn place_of(entry: Option<&Entry>) -> Place {
    entry.map_or(Place::Default {}, |entry| entry.place.clone())
}
