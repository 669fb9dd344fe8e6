//! What was written and nobody reads: a misspelt key must not be passed over in silence.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Document, Entry};
use super::reader::{Settings, variable};
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
