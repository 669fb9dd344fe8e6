//! `[indexes]`, and the indexes that a collection has without asking.

use super::names;
use super::reader::{Item, Reader};
use crate::collections::collection::{Collection, Field, FieldKind, Index, IndexColumn, Rule, Rules};
use crate::collections::column::Column;
use crate::collections::sets::{SHAPES_MAX, shapes};
use crate::complaint::closest;

/// Indexes of a collection: each is written with every record.
const INDEXES_MAX: usize = 16;
/// Columns of an index, its last one, the id, not counted.
const COLUMNS_MAX: usize = 8;
/// Bytes of all columns of an index (the limit of `InnoDB`), so that a larger step of the ladder needs no other declaration.
const KEY_BYTES_MAX: usize = 3072;

/// Reads the declared indexes into `collection`, whose fields and rules are known, and adds those that it needs.
pub(super) fn read(reader: &mut Reader<'_>, item: Option<&Item<'_>>, collection: &mut Collection) {
    if let Some(section) = item.and_then(|item| reader.section(item)) {
        for item in section.items() {
            if let Some(index) = read_index(reader, item, collection) {
                collection.indexes.push(index);
            }
        }
    }
    for index in needed(&collection.fields, &collection.rules) {
        let served = |known: &Index| known.columns.starts_with(&index.columns);
        if collection.indexes.iter().any(served) {
            continue;
        }
        if collection.indexes.iter().any(|known| known.name == index.name) {
            let columns: Vec<String> = index.columns.iter().map(written).collect();
            let fix = format!("choose another name, or write {} = {columns:?}", index.name);
            reader.complain_of_file(
                "indexes",
                format!("{:?} is an index that every such collection has", index.name),
                fix,
            );
            continue;
        }
        collection.indexes.push(index);
    }
    for field in
        collection.fields.iter().filter(|field| field.unique && key_bytes(&field.kind) > KEY_BYTES_MAX)
    {
        let fix = format!("write a max of at most {}", KEY_BYTES_MAX / 4);
        reader.complain_of_file(&format!("fields.{}", field.name), "is too long to be unique", fix);
    }
    check_number(reader, collection);
}

fn check_number(reader: &mut Reader<'_>, collection: &Collection) {
    let count = collection.indexes.len();
    if count > INDEXES_MAX {
        let fix = format!(
            "declare fewer: {INDEXES_MAX} with those for the newest records, the owner and each relation"
        );
        reader.complain_of_file("indexes", format!("there are {count} indexes"), fix);
    }
    let sets = shapes(collection).len();
    if sets > SHAPES_MAX {
        let fix = format!(
            "declare fewer or shorter indexes: {SHAPES_MAX} sets of filters at most, since every write purges the lists of each"
        );
        reader.complain_of_file("indexes", format!("lists could be filtered by {sets} sets of fields"), fix);
    }
}

fn read_index(reader: &mut Reader<'_>, item: &Item<'_>, collection: &Collection) -> Option<Index> {
    if let Err((problem, fix)) = names::check_form(item.name) {
        reader.complain(item, problem, fix);
    }
    let texts = reader.texts(item, &format!("{} = [\"topic\", \"-created\"]", item.name))?;
    if texts.is_empty() || texts.len() > COLUMNS_MAX {
        reader.complain(item, format!("has {} columns", texts.len()), format!("write 1 to {COLUMNS_MAX}"));
        return None;
    }
    let mut columns: Vec<IndexColumn> = Vec::with_capacity(texts.len());
    let mut bytes = 0;
    for (text, span) in texts {
        let (name, descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
        if let Some((problem, fix)) = refusal(collection, name, &columns) {
            if !reader.unread.iter().any(|unread| unread == name) {
                reader.complain_in(item, &span, problem, fix);
            }
        } else if let Some(kind) = Column::find(collection, name).and_then(|column| column.kind(collection)) {
            bytes += key_bytes(&kind);
        }
        columns.push(IndexColumn { name: name.to_owned(), descending });
    }
    if bytes > KEY_BYTES_MAX {
        let problem = format!(
            "is {bytes} bytes long where every column has its longest value; {KEY_BYTES_MAX} are the most"
        );
        reader.complain(item, problem, "give its texts a smaller max (a character counts four bytes)");
    }
    if let Some(same) = collection.indexes.iter().find(|index| index.columns == columns) {
        reader.complain(item, format!("is the same as {}", same.name), "leave one out");
    }
    Some(Index { name: item.name.to_owned(), columns })
}

/// Why `name` cannot follow `columns` in an index.
fn refusal(collection: &Collection, name: &str, columns: &[IndexColumn]) -> Option<(String, String)> {
    let refuse = |problem: &str, fix: String| Some((problem.to_owned(), fix));
    if columns.iter().any(|column| column.name == name) {
        return refuse("is there twice", "leave one out".to_owned());
    }
    match Column::find(collection, name) {
        None => {
            let known = Column::all(collection).map(|column| column.name(collection));
            let fix = closest(name, known).map_or_else(
                || "write the names of fields, or of owner, created, updated or version".to_owned(),
                |known| format!("did you mean {known:?}?"),
            );
            refuse("is no field of the collection", fix)
        }
        Some(Column::Id) => refuse("is the last column of every index already", "leave it out".to_owned()),
        Some(column) => match column.kind(collection).as_deref() {
            Some(FieldKind::Json { .. }) => {
                refuse("holds JSON, which has no order", "leave it out".to_owned())
            }
            _ => None,
        },
    }
}

/// Bytes of a column's longest value in an index.
fn key_bytes(kind: &FieldKind) -> usize {
    match kind {
        // Four bytes a character: UTF-8 at its longest.
        FieldKind::Text { max, .. } => max.saturating_mul(4),
        FieldKind::Select { options } => {
            options.iter().map(|option| option.chars().count() * 4).max().unwrap_or(0)
        }
        FieldKind::Email => 254 * 4,
        FieldKind::Url => 2048,
        _ => 8,
    }
}

/// What every collection lists by, what its rules ask for, and what each relation needs: removing a record asks which
/// others refer to it.
fn needed(fields: &[Field], rules: &Rules) -> Vec<Index> {
    let newest_first = || IndexColumn { name: "created".to_owned(), descending: true };
    let by = |name: &str| Index {
        name: name.to_owned(),
        columns: vec![IndexColumn { name: name.to_owned(), descending: false }, newest_first()],
    };
    let mut needed = vec![Index { name: "created".to_owned(), columns: vec![newest_first()] }];
    let rules = [&rules.read, &rules.create, &rules.update, &rules.delete];
    if rules.iter().any(|rule| matches!(rule, Rule::Owner | Rule::Named(_))) {
        needed.push(by("owner"));
    }
    needed.extend(
        fields
            .iter()
            .filter(|field| matches!(field.kind, FieldKind::Relation { .. }))
            .map(|field| by(&field.name)),
    );
    needed
}

fn written(column: &IndexColumn) -> String {
    format!("{}{}", if column.descending { "-" } else { "" }, column.name)
}
