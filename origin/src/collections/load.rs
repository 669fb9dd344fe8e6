//! All declarations together: a folder of them, or the built-in example.

use std::path::{Path, PathBuf};

use super::collection::{Collection, Collections};
use super::column::ACCOUNTS;
use super::declaration::{Declared, parse};
use crate::complaint::{Complaint, Place, closest};

/// The built-in example: what `serve` serves where there is no configuration.
const EXAMPLE: [(&str, &str); 3] = [
    ("notes.toml", include_str!("../../example/collections/notes.toml")),
    ("posts.toml", include_str!("../../example/collections/posts.toml")),
    ("topics.toml", include_str!("../../example/collections/topics.toml")),
];

/// Reads every `*.toml` of `folder`. Everything that is wrong in any of them is told.
pub fn load(folder: &Path) -> Result<Collections, Vec<Complaint>> {
    let mut texts = Vec::new();
    let mut complaints = Vec::new();
    for file in files(folder).map_err(|error| vec![unreadable(folder, &error)])? {
        match std::fs::read_to_string(&file) {
            Ok(text) => texts.push((file, text)),
            Err(error) => complaints.push(unreadable(&file, &error)),
        }
    }
    let found = read(texts.iter().map(|(file, text)| (file.as_path(), text.as_str())));
    match found {
        Ok(collections) if complaints.is_empty() => Ok(collections),
        Ok(_) => Err(complaints),
        Err(more) => Err([complaints, more].concat()),
    }
}

/// The collections of the built-in example.
pub fn example() -> Result<Collections, Vec<Complaint>> {
    read(EXAMPLE.into_iter().map(|(file, text)| (Path::new(file), text)))
}

/// Reads declarations, each the name of its file with its text.
pub fn read<'t>(files: impl Iterator<Item = (&'t Path, &'t str)>) -> Result<Collections, Vec<Complaint>> {
    let mut complaints = Vec::new();
    let mut declared = Vec::new();
    // A collection that is there and wrong is no missing one.
    let mut names = vec![ACCOUNTS.to_owned()];
    for (file, text) in files {
        names.push(file.file_stem().unwrap_or_default().to_string_lossy().into_owned());
        match parse(file, text) {
            Ok(one) => declared.push(one),
            Err(more) => complaints.extend(more),
        }
    }
    complaints.extend(declared.iter().flat_map(|one| missing_targets(one, &names)));
    if !complaints.is_empty() {
        return Err(complaints);
    }
    let by_name = |collection: Collection| (collection.name.clone(), collection);
    Ok(declared.into_iter().map(|one| by_name(one.collection)).collect())
}

fn missing_targets(declared: &Declared, names: &[String]) -> Vec<Complaint> {
    let missing = declared.relations.iter().filter(|target| !names.contains(&target.to));
    missing
        .map(|target| {
            let fix = closest(&target.to, names.iter().map(String::as_str)).map_or_else(
                || format!("declare it in {}.toml, or write the name of a declared collection", target.to),
                |name| format!("did you mean {name:?}?"),
            );
            Complaint::new(target.place.clone(), &target.key, "is no collection", fix)
                .with_value(format!("{:?}", target.to))
        })
        .collect()
}

/// The declarations in `folder`, in order of name, so that complaints come in the same order each time.
fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !hidden && path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Complaint {
    let place = Place::File { file: path.to_owned() };
    Complaint::new(place, "", format!("cannot be read: {error}"), "make it readable by this user")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_holds_what_the_documents_promise() {
        let example = example().unwrap_or_else(|complaints| panic!("{complaints:#?}"));
        assert_eq!(example.keys().collect::<Vec<_>>(), ["notes", "posts", "topics"]);
        let names: Vec<&str> = example["posts"].fields.iter().map(|field| field.name.as_str()).collect();
        assert!(names.contains(&"title") && names.contains(&"body"));
    }

    #[test]
    fn every_file_of_a_folder_is_read_and_everything_wrong_in_any_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("a.toml", "[fields]\nto_b = { type = \"relation\", to = \"b\" }");
        write("b.toml", "[fields]\nname = { type = \"text\" }");
        write(".b.toml.swp.toml", "an editor's own");
        write("README.md", "not a declaration");
        assert_eq!(load(folder.path()).unwrap().len(), 2);
        write("b.toml", "[fields]\nname = { type = \"txt\" }");
        write("c.toml", "[fields");
        std::fs::create_dir(folder.path().join("d.toml")).unwrap();
        let complaints = load(folder.path()).unwrap_err();
        let files: Vec<_> = complaints
            .iter()
            .map(|complaint| match &complaint.place {
                Place::Line { file, .. } | Place::File { file } => {
                    file.file_name().unwrap().to_string_lossy().into_owned()
                }
                other => panic!("{other}"),
            })
            .collect();
        assert_eq!(files, ["d.toml", "b.toml", "c.toml"], "{complaints:#?}");
    }

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        let complaints = load(Path::new("/nowhere/collections")).unwrap_err();
        assert!(complaints[0].problem.starts_with("cannot be read"));
    }
}
