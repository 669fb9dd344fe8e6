//! Names of collections, fields and indexes: what every SQL dialect, path and cache tag takes without quoting games.

use crate::collections::collection::SYSTEM_COLUMNS;
use crate::collections::column::ACCOUNTS;

/// Characters of a name. MySQL takes 64; index names join two of ours.
const NAME_MAX: usize = 48;
/// A record's member beside its fields, see `domain::render`.
pub(crate) const EXPAND: &str = "expand";

/// What is wrong with a name, and the fix.
pub(super) type Refusal = (String, String);

/// Checks the name of a collection.
pub(super) fn check_collection(name: &str) -> Result<(), Refusal> {
    check_form(name)?;
    if name == ACCOUNTS {
        return Err(refusal("is built in: accounts are made by signing up", "choose another name"));
    }
    // SQLite keeps `sqlite_` for itself, and Stepwell `stepwell_`.
    for prefix in ["sqlite_", "stepwell_"] {
        if name.starts_with(prefix) {
            return Err(refusal(&format!("begins with {prefix}, which is reserved"), "choose another name"));
        }
    }
    Ok(())
}

/// Checks the name of a field.
pub(super) fn check_field(name: &str) -> Result<(), Refusal> {
    check_form(name)?;
    if SYSTEM_COLUMNS.contains(&name) {
        return Err(refusal(
            "is a column that every record has already",
            "leave it out, or choose another name",
        ));
    }
    if name == EXPAND || name.starts_with("stepwell_") {
        return Err(refusal("is reserved", "choose another name"));
    }
    Ok(())
}

/// Checks a name's form alone, which is all that names of indexes need.
pub(super) fn check_form(name: &str) -> Result<(), Refusal> {
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    let goes_on = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if begins && goes_on && name.len() <= NAME_MAX {
        // Names of indexes in the database join two names by it.
        let joined = name.contains("__");
        return if joined { Err(refusal("holds two _ in a row", "write one")) } else { Ok(()) };
    }
    let suggestion: String = name
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .skip_while(|c| !c.is_ascii_lowercase())
        .take(NAME_MAX)
        .collect();
    let suggestion = suggestion.split('_').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_");
    let fix = if suggestion.is_empty() {
        "choose another name".to_owned()
    } else {
        format!("write {suggestion:?}")
    };
    Err((
        format!("is not a name of 1 to {NAME_MAX} characters a-z, 0-9 and _ that begins with a letter"),
        fix,
    ))
}

fn refusal(problem: &str, fix: &str) -> Refusal {
    (problem.to_owned(), fix.to_owned())
}
