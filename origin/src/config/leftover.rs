//! What was written and nobody reads: a misspelt key must not be passed over in silence.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Document, Entry};
use super::settings::{Settings, variable};
use crate::complaint::{Complaint, closest};

/// Words in the name of a key whose value may be a secret, and which no message repeats.
const SECRET_WORDS: [&str; 5] = ["token", "secret", "password", "key", "url"];

/// Complains of keys and sections of the file that are no settings.
pub(super) fn in_file(document: &Document, settings: &Settings) -> Vec<Complaint> {
    let sections: BTreeSet<&str> = settings.keys().map(|key| section(key)).collect();
    let unknown_sections = document.sections.iter().filter(|(name, _)| !sections.contains(name.as_str()));
    let complaints = unknown_sections.map(|(name, place)| {
        let fix = match closest(name, sections.iter().copied()) {
            Some(meant) => format!("did you mean [{meant}]? Else remove it"),
            None => format!("remove it; the sections are {}", list(&sections)),
        };
        Complaint::new(place.clone(), format!("[{name}]"), "is an unknown section", fix)
    });
    let entries = document.entries.iter().filter(|(key, _)| !settings.contains_key(*key));
    let entries = entries.filter(|(key, _)| {
        let section = section(key);
        !document.sections.contains_key(section) || sections.contains(section)
    });
    complaints.chain(entries.map(|(key, entry)| unknown_key(key, entry, settings))).collect()
}

/// Complains of variables with our prefix that override nothing.
pub(super) fn in_environment(environment: &BTreeMap<String, Entry>, settings: &Settings) -> Vec<Complaint> {
    let known: BTreeSet<String> = settings.keys().map(|key| variable(key)).collect();
    let unknown = environment.iter().filter(|(name, _)| !known.contains(*name));
    let complaints = unknown.map(|(name, entry)| {
        let meant = closest(name, known.iter().map(String::as_str));
        let fix = match meant {
            Some(meant) => format!("did you mean {meant}? Else unset it"),
            None => "unset it; `stepwell check --json` lists every setting".to_owned(),
        };
        let complaint = Complaint::new(entry.place.clone(), "", "overrides no setting", fix);
        show_unless_secret(complaint, &[name, meant.unwrap_or_default()], &entry.shown)
    });
    complaints.collect()
}

fn unknown_key(key: &str, entry: &Entry, settings: &Settings) -> Complaint {
    let siblings: BTreeSet<&str> =
        known_keys(settings).filter(|known| section(known) == section(key)).collect();
    let meant = meant_keys(key, settings).join(" or ");
    let fix = match (meant.as_str(), siblings.is_empty()) {
        ("", true) => "remove it".to_owned(),
        ("", false) => format!("remove it; there are {}", list(&siblings)),
        (meant, _) => format!("did you mean {meant}? Else remove it"),
    };
    let complaint = Complaint::new(entry.place.clone(), key, "is an unknown key", fix);
    show_unless_secret(complaint, &[key, &meant], &entry.shown)
}

/// The same name in another section is meant more likely than a similar one in this, and that more likely than a
/// similar one elsewhere.
fn meant_keys<'a>(key: &str, settings: &'a Settings) -> Vec<&'a str> {
    let named = |meant: &str| known_keys(settings).filter(|known| name(known) == meant).collect::<Vec<_>>();
    let namesakes = named(name(key));
    if !namesakes.is_empty() {
        return namesakes;
    }
    let siblings = || known_keys(settings).filter(|known| section(known) == section(key));
    match closest(name(key), siblings().map(name)) {
        Some(meant) => siblings().filter(|known| name(known) == meant).collect(),
        None => closest(name(key), known_keys(settings).map(name)).map(named).unwrap_or_default(),
    }
}

fn known_keys(settings: &Settings) -> impl Iterator<Item = &str> {
    settings.keys().map(String::as_str)
}

fn show_unless_secret(complaint: Complaint, names: &[&str], shown: &str) -> Complaint {
    let secret = names.iter().any(|name| {
        let name = name.to_lowercase();
        SECRET_WORDS.iter().any(|word| name.contains(word))
    });
    if secret { complaint } else { complaint.with_value(shown) }
}

fn section(key: &str) -> &str {
    key.split_once('.').map_or("", |(section, _)| section)
}

fn name(key: &str) -> &str {
    key.split_once('.').map_or(key, |(_, name)| name)
}

fn list(names: &BTreeSet<&str>) -> String {
    names.iter().copied().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use crate::config::testing::refusal;

    #[test]
    fn an_unknown_key_is_refused_with_what_was_meant() {
        assert_eq!(
            refusal("[server]\nlisten = \"127.0.0.1:1\"\nthread = 4", &[]),
            "stepwell.toml:3: server.thread = 4\n    is an unknown key\n    fix: did you mean server.threads? Else remove it"
        );
        assert!(refusal("[server]\nfolder = \"d\"", &[]).contains("did you mean data.folder?"));
        assert!(refusal("listen = \"x\"", &[]).contains("did you mean operator.listen or server.listen?"));
        assert!(
            refusal("[edge]\ncolour = 1", &[])
                .contains("there are edge.heed_clients, edge.key, edge.key_file, edge.log_silence")
        );
    }

    #[test]
    fn an_unknown_section_is_refused_once() {
        let refused = refusal("[sever]\nlisten = \"x\"\nthreads = 1", &[]);
        assert_eq!(
            refused,
            "stepwell.toml:1: [sever]\n    is an unknown section\n    fix: did you mean [server]? Else remove it"
        );
        assert!(refusal("[colour]", &[]).contains(
            "the sections are access, data, database, edge, log, operator, overload, server, telemetry"
        ));
    }

    #[test]
    fn a_variable_that_overrides_nothing_is_refused() {
        assert_eq!(
            refusal("", &[("STEPWELL_SERVER_LISTN", "127.0.0.1:1"), ("HOME", "/")]),
            "environment variable STEPWELL_SERVER_LISTN: 127.0.0.1:1\n    overrides no setting\n    fix: did you mean STEPWELL_SERVER_LISTEN? Else unset it"
        );
    }

    #[test]
    fn what_may_be_a_secret_under_a_misspelt_name_is_not_shown() {
        for (text, environment) in [
            ("[operator]\ntokn = \"hunter2\"", [].as_slice()),
            ("[access]\nsigning_keey = \"hunter2\"", &[]),
            ("[database]\nurl = \"mysql://me:hunter2@db\"", &[]),
            ("", &[("STEPWELL_OPERATOR_TOKN", "hunter2")]),
        ] {
            let refusal = refusal(text, environment);
            assert!(!refusal.contains("hunter2"), "{refusal}");
        }
    }
}
