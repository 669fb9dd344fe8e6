//! What is wrong with something that the operator wrote, or with the machine it names: a configuration, a declaration.
//!
//! A complaint names the place, the key, the value, what is wrong and how to mend it. Readers collect all of them, so
//! that one run of `stepwell check` shows everything.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Serialize;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Complaint {
    /// Where it was written.
    #[serde(flatten)]
    pub place: Place,
    /// The dotted key, such as `server.listen` or `fields.title.max`; empty where the whole place is meant.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// The value as it was written; absent where there is none, and for secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What is wrong, as a sentence's end without full stop: `is not a duration`.
    pub problem: String,
    /// What to write or do instead.
    pub fix: String,
}

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Place {
    /// A line of a file.
    Line {
        /// The file.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// A file or a folder as a whole.
    File {
        /// The file or folder.
        file: PathBuf,
    },
    /// An environment variable.
    Environment {
        /// Its name.
        variable: String,
    },
    /// The command line.
    Flag {
        /// The flag, with its dashes.
        flag: String,
    },
    /// Nowhere: the value that a setting has when nobody writes one.
    Default {},
}

impl Place {
    /// Where `span` (bytes) of the file's `text` begins.
    pub fn in_text(file: &Path, text: &str, span: &Range<usize>) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let line = 1 + before.matches('\n').count();
        Self::Line { file: file.to_owned(), line }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { file, line } => write!(f, "{}:{line}", file.display()),
            Self::File { file } => write!(f, "{}", file.display()),
            Self::Environment { variable } => write!(f, "environment variable {variable}"),
            Self::Flag { flag } => write!(f, "{flag} on the command line"),
            Self::Default {} => f.write_str("the default"),
        }
    }
}

impl Complaint {
    /// A complaint without a value.
    pub fn new(
        place: Place,
        key: impl Into<String>,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { place, key: key.into(), value: None, problem: problem.into(), fix: fix.into() }
    }

    /// The same, with the value as it was written. Never call it with a secret.
    #[must_use]
    pub fn with_value(self, value: impl Into<String>) -> Self {
        Self { value: Some(value.into()), ..self }
    }
}

/// Three lines for a person: where and what was written, what is wrong with it, and the fix.
impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.key.as_str(), &self.value) {
            ("", None) => writeln!(f, "{}", self.place)?,
            ("", Some(value)) => writeln!(f, "{}: {value}", self.place)?,
            (key, None) => writeln!(f, "{}: {key}", self.place)?,
            (key, Some(value)) => writeln!(f, "{}: {key} = {value}", self.place)?,
        }
        writeln!(f, "    {}", self.problem)?;
        write!(f, "    fix: {}", self.fix)
    }
}

/// The known name that somebody who wrote `unknown` probably meant.
pub fn closest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// Below this, a suggestion puzzles more than it helps.
    const SIMILARITY_MIN: f64 = 0.8;
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(unknown, name), name))
        .filter(|(similarity, _)| *similarity >= SIMILARITY_MIN)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_says_where_what_and_how_to_mend_it() {
        let text = "[server]\nthreads = \"many\"\n";
        let place = Place::in_text(Path::new("stepwell.toml"), text, &(19..25));
        let complaint =
            Complaint::new(place, "server.threads", "is not a whole number", "write 0 or a number")
                .with_value("\"many\"");
        assert_eq!(
            complaint.to_string(),
            "stepwell.toml:2: server.threads = \"many\"\n    is not a whole number\n    fix: write 0 or a number"
        );
        assert_eq!(
            serde_json::to_string(&complaint).unwrap(),
            r#"{"file":"stepwell.toml","line":2,"key":"server.threads","value":"\"many\"","problem":"is not a whole number","fix":"write 0 or a number"}"#
        );
    }

    #[test]
    fn a_span_past_the_end_is_the_last_line() {
        let place = Place::in_text(Path::new("x"), "a\nb", &(90..91));
        assert_eq!(place.to_string(), "x:2");
    }

    #[test]
    fn a_default_serialises_to_nothing() {
        let complaint = Complaint::new(Place::Default {}, "server.listen", "is in use", "choose another");
        assert_eq!(
            serde_json::to_string(&complaint).unwrap(),
            r#"{"key":"server.listen","problem":"is in use","fix":"choose another"}"#
        );
    }

    #[test]
    fn the_closest_name_is_offered_and_a_far_one_is_not() {
        let known = ["listen", "threads", "roles"];
        assert_eq!(closest("thread", known), Some("threads"));
        assert_eq!(closest("lisetn", known), Some("listen"));
        assert_eq!(closest("colour", known), None);
    }
}
