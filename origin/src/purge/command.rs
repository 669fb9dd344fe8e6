//! An operator's purge command, turned into tags.

use std::collections::BTreeSet;

use stepwell_shared::api::purges::PurgeCommand;
use stepwell_shared::ids::Id;
use stepwell_shared::normalize;
use stepwell_shared::problem::{Code, FieldError, Problem};
use stepwell_shared::tags::Tag;

use crate::collections::Collections;

/// Tags of one command: it is one row of the log, which every edge reads. Whoever has more sends several.
const TAGS_MAX: usize = 1000;

/// The tags that a command comes to, in order; or everything that is wrong with it.
pub fn tags(command: &PurgeCommand, collections: &Collections) -> Result<Vec<Tag>, Problem> {
    let declared = |name: &str| {
        let known = collections.contains_key(name);
        known
            .then_some(())
            .ok_or_else(|| format!("there is no collection {name:?} here{}", known_ones(collections)))
    };
    gather(command, declared, path)
}

/// The same for an edge in front of an origin that need not be a Stepwell: it has neither collections nor a form of
/// paths of its own.
pub fn tags_at_any_origin(command: &PurgeCommand) -> Result<Vec<Tag>, Problem> {
    let undeclared = |_: &str| Err("this edge knows no collections: name tags or paths".to_owned());
    gather(command, undeclared, path_as_sent)
}

fn gather(
    command: &PurgeCommand,
    declared: impl Fn(&str) -> Result<(), String>,
    path: impl Fn(&str) -> Result<Tag, String>,
) -> Result<Vec<Tag>, Problem> {
    let PurgeCommand { tags, records, collections, paths, everything, dry_run: _ } = command;
    let sources = [
        read("tags", tags, |text| Tag::parse(text).map_err(|error| error.to_string())),
        read("records", records, |text| record(text, &declared)),
        read("collections", collections, |name| declared(name).map(|()| Tag::collection(name))),
        read("paths", paths, path),
    ];
    let (mut found, mut errors) = (BTreeSet::new(), Vec::new());
    found.extend(everything.then(Tag::all));
    for one in sources.into_iter().flatten() {
        match one {
            Ok(tag) => drop(found.insert(tag)),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    match found.len() {
        0 => Err(Problem::new(
            Code::BadRequest,
            "name what to purge: \"tags\", \"records\", \"collections\", \"paths\" or \"everything\"",
        )),
        1..=TAGS_MAX => Ok(found.into_iter().collect()),
        _ => Err(Problem::new(Code::BadRequest, format!("one command names at most {TAGS_MAX} things"))),
    }
}

fn read(
    member: &str,
    texts: &[String],
    parse: impl Fn(&str) -> Result<Tag, String>,
) -> Vec<Result<Tag, FieldError>> {
    let wrong =
        |place, detail| FieldError { pointer: format!("/{member}/{place}"), code: "format".into(), detail };
    let read = |(place, text): (usize, &String)| parse(text).map_err(|detail| wrong(place, detail));
    texts.iter().enumerate().map(read).collect()
}

fn record(text: &str, declared: impl Fn(&str) -> Result<(), String>) -> Result<Tag, String> {
    let (collection, id) = text.split_once('/').ok_or("write a record as collection/id")?;
    declared(collection)?;
    let id: Id = id.parse().map_err(|error: stepwell_shared::ids::InvalidId| error.to_string())?;
    Ok(Tag::record(collection, id))
}

/// By the edge's own rule, so that the path is the one that entries are stored under.
fn path(text: &str) -> Result<Tag, String> {
    refuse_query(text)?;
    normalize::path(text).map(|path| Tag::path(&path)).map_err(|problem| problem.detail)
}

/// As requests spell it: whether `/a` and `/%61` are one only their origin knows.
fn path_as_sent(text: &str) -> Result<Tag, String> {
    refuse_query(text)?;
    let is_path = text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    if !is_path {
        return Err("write the path as requests spell it, from its first '/': \"/caf%C3%A9\"".into());
    }
    Ok(Tag::path(text))
}

fn refuse_query(text: &str) -> Result<(), String> {
    if text.contains('?') {
        return Err("leave the query out: every stored variant of the path goes".into());
    }
    Ok(())
}

fn known_ones(collections: &Collections) -> String {
    let names: Vec<_> = collections.keys().map(String::as_str).collect();
    if names.is_empty() { String::new() } else { format!("; known are: {}", names.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(command: &PurgeCommand) -> Result<Vec<String>, Problem> {
        let collections = crate::collections::example().unwrap();
        tags(command, &collections).map(|tags| tags.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn everything_named_is_purged_together_each_once() {
        let id = Id::from_column(7).unwrap();
        let command = PurgeCommand {
            tags: vec!["Record/Posts/1".into(), "all".into()],
            records: vec![format!("posts/{id}")],
            collections: vec!["posts".into()],
            paths: vec!["/v1/%64ocs,a".into()],
            everything: true,
            dry_run: false,
        };
        let record = format!("record/posts/{id}");
        assert_eq!(
            texts(&command).unwrap(),
            ["all", "collection/posts", "path//v1/docs,a", &record, "record/posts/1"]
        );
    }

    #[test]
    fn each_thing_that_is_wrong_is_told_with_its_place() {
        let command = PurgeCommand {
            tags: vec!["fine".into(), "a b".into()],
            records: vec!["posts".into(), "posts/1".into()],
            collections: vec!["posst".into()],
            paths: vec!["/a?b=c".into(), "/a/../b".into()],
            ..PurgeCommand::default()
        };
        let problem = texts(&command).unwrap_err();
        let pointers: Vec<_> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(
            pointers,
            ["/tags/1", "/records/0", "/records/1", "/collections/0", "/paths/0", "/paths/1"]
        );
        assert!(problem.errors[3].detail.contains("known are: "), "{}", problem.errors[3].detail);
    }

    #[test]
    fn in_front_of_any_origin_a_path_is_what_requests_say() {
        let command = |paths: &[&str]| PurgeCommand {
            paths: paths.iter().map(|path| (*path).to_owned()).collect(),
            ..PurgeCommand::default()
        };
        let tags = tags_at_any_origin(&command(&["/Caf%C3%A9//x;y/../z"])).unwrap();
        assert_eq!(tags, [Tag::path("/Caf%C3%A9//x;y/../z")]);
        let wrong = command(&["news", "/caf\u{e9}", "/a b", "/a#b", "/a?b"]);
        assert_eq!(tags_at_any_origin(&wrong).unwrap_err().errors.len(), 5);
    }

    #[test]
    fn in_front_of_any_origin_there_are_no_collections() {
        let command = PurgeCommand {
            tags: vec!["fine".into()],
            records: vec!["posts/01h5k2m3n4p5q".into()],
            collections: vec!["posts".into()],
            ..PurgeCommand::default()
        };
        let errors = tags_at_any_origin(&command).unwrap_err().errors;
        assert_eq!(errors.len(), 2);
        assert!(errors.iter().all(|error| error.detail.contains("name tags or paths")), "{errors:?}");
    }

    #[test]
    fn an_empty_command_purges_nothing_and_says_so() {
        assert_eq!(texts(&PurgeCommand::default()).unwrap_err().code, Code::BadRequest);
    }
}
