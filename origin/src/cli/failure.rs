//! Why a command failed, as people and programs are told.

use std::fmt;

use serde::Serialize;
use serde::ser::SerializeMap as _;

use crate::complaint::Complaint;

/// Why a command did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// What is wrong with configuration, collections or machine; at least one.
    Complaints(Vec<Complaint>),
    /// Anything else.
    Refused {
        /// What is wrong, as a sentence without full stop.
        problem: String,
        /// What to do instead.
        fix: String,
    },
}

impl Failure {
    /// A failure that is not about one written value.
    pub fn refused(problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Refused { problem: problem.into(), fix: fix.into() }
    }
}

impl From<Vec<Complaint>> for Failure {
    fn from(complaints: Vec<Complaint>) -> Self {
        Self::Complaints(complaints)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { problem, fix } => write!(f, "error: {problem}\n    fix: {fix}"),
            Self::Complaints(complaints) => {
                match complaints.as_slice() {
                    [_] => write!(f, "error: one thing is wrong")?,
                    many => write!(f, "error: {} things are wrong", many.len())?,
                }
                complaints.iter().try_for_each(|complaint| write!(f, "\n\n{complaint}"))
            }
        }
    }
}

/// `{"ok": false, "complaints": [{"file", "line", "key", "value", "problem", "fix"}]}`, with what of it there is.
impl Serialize for Failure {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Refused<'a> {
            problem: &'a str,
            fix: &'a str,
        }
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("ok", &false)?;
        match self {
            Self::Complaints(complaints) => map.serialize_entry("complaints", complaints),
            Self::Refused { problem, fix } => map.serialize_entry("complaints", &[Refused { problem, fix }]),
        }?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::complaint::Place;

    #[test]
    fn people_and_programs_are_told_the_same() {
        let refused = Failure::refused("nothing answers", "start it");
        assert_eq!(refused.to_string(), "error: nothing answers\n    fix: start it");
        assert_eq!(
            serde_json::to_string(&refused).unwrap(),
            r#"{"ok":false,"complaints":[{"problem":"nothing answers","fix":"start it"}]}"#
        );
        let place = Place::Flag { flag: "--data".into() };
        let complaint = Complaint::new(place, "data.folder", "cannot be written", "choose another");
        let failure = Failure::from(vec![complaint.clone(), complaint]);
        assert!(
            failure
                .to_string()
                .starts_with("error: 2 things are wrong\n\n--data on the command line: data.folder")
        );
        let json = serde_json::to_value(&failure).unwrap();
        assert_eq!(json["complaints"][1]["flag"], "--data");
    }
}
