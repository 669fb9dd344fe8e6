//! One declaration file, `collections/NAME.toml`, read whole and refused whole: every complaint with its line.

mod default;
mod fields;
mod indexes;
pub(crate) mod names;
mod policy;
mod reader;
mod rules;
#[cfg(test)]
mod tests;

use std::path::Path;

use toml::de::DeTable;

use self::reader::{Item, Reader, Section};
use super::collection::{Collection, FieldKind};
use crate::complaint::{Complaint, Place};

const SECTIONS: [&str; 6] = ["name", "fields", "rules", "indexes", "cache", "placement"];

/// A collection, and what only the other declarations can tell.
#[derive(Debug)]
pub struct Declared {
    /// The collection, right as far as its own file goes.
    pub collection: Collection,
    /// Where it says what its relations point to.
    pub relations: Vec<Target>,
}

/// A relation's target, as it was written.
#[derive(Debug)]
pub struct Target {
    /// The line.
    pub place: Place,
    /// `fields.topic.to`.
    pub key: String,
    /// The name of the other collection.
    pub to: String,
}

/// Reads the `text` of `file`, whose name without `.toml` is the collection's name.
pub fn parse(file: &Path, text: &str) -> Result<Declared, Vec<Complaint>> {
    let mut reader = Reader::new(file, text);
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        // What was recovered is not what was meant; complaints about it would mislead.
        for error in &errors {
            reader.complain_of_syntax(error);
        }
        return Err(reader.complaints);
    }
    let declared = read(&mut reader, file, &Section::new("", table.get_ref()));
    if reader.complaints.is_empty() {
        return Ok(declared);
    }
    // From the top of the file to its end, as whoever mends it goes through it.
    reader.complaints.sort_by_key(|complaint| match complaint.place {
        Place::Line { line, .. } => line,
        _ => usize::MAX,
    });
    Err(reader.complaints)
}

fn read(reader: &mut Reader<'_>, file: &Path, root: &Section<'_>) -> Declared {
    reader.refuse_unknown(root, &SECTIONS);
    let name = read_name(reader, file, root.get("name"));
    let fields = fields::read(reader, root.get("fields"));
    let rules = rules::read(reader, root.get("rules"), &fields);
    let cache = policy::read_cache(reader, root.get("cache"));
    let placement = policy::read_placement(reader, root.get("placement"), &fields);
    let mut collection = Collection { name, fields, rules, indexes: Vec::new(), cache, placement };
    indexes::read(reader, root.get("indexes"), &mut collection);
    let relations = read_targets(reader, root, &collection);
    Declared { collection, relations }
}

/// The file's name decides; `name` says it again for whoever reads the file.
fn read_name(reader: &mut Reader<'_>, file: &Path, item: Option<&Item<'_>>) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if let Err((problem, fix)) = names::check_collection(&stem) {
        reader.complain_of_file("name", format!("{stem:?} {problem}"), format!("{fix}, and rename the file"));
    }
    if let Some(item) = item
        && let Some(name) = reader.text(item, &format!("name = {stem:?}"))
        && name != stem
    {
        let fix = format!("write {stem:?}, or rename the file to {name}.toml");
        reader.complain(item, "is not the file's name", fix);
    }
    stem
}

fn read_targets(reader: &mut Reader<'_>, root: &Section<'_>, collection: &Collection) -> Vec<Target> {
    let Some(fields) = root.get("fields").and_then(|item| reader.section(item)) else { return Vec::new() };
    let mut targets = Vec::new();
    for field in &collection.fields {
        let FieldKind::Relation { to } = &field.kind else { continue };
        let section = fields.get(&field.name).and_then(|item| reader.section(item));
        if let Some(item) = section.as_ref().and_then(|section| section.get("to")) {
            targets.push(Target { place: reader.place(item), key: item.key.clone(), to: to.clone() });
        }
    }
    targets
}
