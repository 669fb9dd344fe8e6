//! Collections for tests, written as users write them.

use std::path::{Path, PathBuf};

use super::collection::{Collection, Collections};
use super::load::read;
use crate::complaint::Complaint;

/// The collections of these declarations, each a name and its TOML without `name`.
pub(crate) fn collections(declarations: &[(&str, &str)]) -> Collections {
    try_collections(declarations).unwrap_or_else(|complaints| panic!("{complaints:#?}"))
}

/// What is wrong with these declarations.
pub(crate) fn complaints(declarations: &[(&str, &str)]) -> Vec<Complaint> {
    try_collections(declarations).expect_err("nothing is wrong with the declarations")
}

/// One collection, `things`, that relates to nothing but accounts and itself.
pub(crate) fn collection(toml: &str) -> Collection {
    collections(&[("things", toml)]).remove("things").expect("what was just declared")
}

fn try_collections(declarations: &[(&str, &str)]) -> Result<Collections, Vec<Complaint>> {
    let files: Vec<PathBuf> =
        declarations.iter().map(|(name, _)| Path::new(name).with_extension("toml")).collect();
    read(files.iter().zip(declarations).map(|(file, (_, toml))| (file.as_path(), *toml)))
}
