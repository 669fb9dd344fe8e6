//! Secrets: from the environment, or from a file that the configuration names; never from the configuration itself,
//! which people commit, copy and show.

use std::path::PathBuf;

use secrecy::SecretString;

use super::document::Entry;
use super::reader::Reader;
use super::settings::variable;
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
                    "is a secret, and a secret does not belong in this file",
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

#[cfg(test)]
mod tests {
    use std::fs;

    use secrecy::ExposeSecret as _;

    use crate::config::Config;
    use crate::config::document::Document;
    use crate::config::testing::{configuration, refusal};

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_file_beside_the_configuration_holds_it_without_its_end_of_line() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("token"), format!("{TOKEN}\r\n")).unwrap();
        let text = "[operator]\ntoken_file = \"token\"";
        let document = Document::parse(&folder.path().join("stepwell.toml"), text).unwrap();
        let config = Config::read(document, [], &[]).unwrap();
        assert_eq!(config.operator.token.unwrap().expose_secret(), TOKEN);
    }

    #[test]
    fn the_environment_goes_before_the_file_and_no_name_is_no_file() {
        let text = "[operator]\ntoken_file = \"nowhere\"";
        let config = configuration(text, &[("STEPWELL_OPERATOR_TOKEN", TOKEN)]);
        assert_eq!(config.operator.token.unwrap().expose_secret(), TOKEN);
        assert!(configuration("[operator]\ntoken_file = \"\"", &[]).operator.token.is_none());
    }

    #[test]
    fn a_file_that_is_not_there_or_empty_is_refused() {
        let missing = refusal("[operator]\ntoken_file = \"nowhere\"", &[]);
        assert!(
            missing.starts_with("stepwell.toml:2: operator.token_file = \"nowhere\"\n    cannot be read"),
            "{missing}"
        );
        let empty = refusal("", &[("STEPWELL_OPERATOR_TOKEN", " ")]);
        assert!(empty.contains("STEPWELL_OPERATOR_TOKEN: operator.token\n    is empty"), "{empty}");
    }

    #[test]
    fn one_in_the_configuration_itself_is_refused_unseen() {
        let refusal = refusal("[operator]\ntoken = \"hunter2\"", &[]);
        assert!(refusal.starts_with("stepwell.toml:2: operator.token\n    is a secret"), "{refusal}");
        assert!(!refusal.contains("hunter2"));
    }

    #[test]
    fn a_secret_is_in_no_output() {
        let config = configuration("", &[("STEPWELL_OPERATOR_TOKEN", TOKEN)]);
        assert!(!format!("{config:?}").contains(TOKEN));
        assert!(!serde_json::to_string(&config.settings).unwrap().contains(TOKEN));
    }
}
