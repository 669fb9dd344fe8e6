//! A record as JSON, written straight from a row into the answer's bytes.

use serde_json::ser::{CompactFormatter, Formatter as _};
use stepwell_shared::ids::Id;

use crate::collections::collection::{Collection, FieldKind};
use crate::collections::column::Column;
use crate::complaint::closest;
use crate::domain::datetime;
use crate::domain::record::Row;

/// Which columns of a collection's records to write, and how. Made once a request, or once for the usual one.
#[derive(Clone, Debug)]
pub struct View {
    columns: Vec<Shown>,
}

#[derive(Clone, Debug)]
struct Shown {
    /// What precedes the value: `,"title":`.
    name: String,
    place: usize,
    form: Form,
}

/// How a column's value is written.
#[derive(Clone, Copy, Debug)]
enum Form {
    Text,
    Integer,
    Number,
    Boolean,
    DateTime,
    Json,
    Id,
}

/// A name in `fields` that is no column.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{collection} has no field {name:?}{hint}")]
pub struct UnknownField {
    collection: String,
    name: String,
    hint: String,
}

/// A record that a relation points to, rendered before.
#[derive(Clone, Copy, Debug)]
pub struct Expansion<'a> {
    /// The relation's name.
    pub field: &'a str,
    /// The record as JSON; `null` for one that does not exist or that the caller may not read.
    pub json: &'a [u8],
}

impl View {
    /// Every column.
    pub fn whole(collection: &Collection) -> Self {
        Self::of(collection, |_| true)
    }

    /// `id` and the columns named in `fields` (comma-separated), in the table's order.
    pub fn of_fields(collection: &Collection, fields: &str) -> Result<Self, UnknownField> {
        for name in fields.split(',') {
            if Column::find(collection, name).is_none() {
                let known = Column::all(collection).map(|column| column.name(collection));
                let hint = closest(name, known)
                    .map_or_else(String::new, |known| format!("; did you mean {known:?}?"));
                return Err(UnknownField {
                    collection: collection.name.clone(),
                    name: name.to_owned(),
                    hint,
                });
            }
        }
        Ok(Self::of(collection, |column| {
            column == Column::Id || fields.split(',').any(|name| name == column.name(collection))
        }))
    }

    fn of(collection: &Collection, wanted: impl Fn(Column) -> bool) -> Self {
        let shown = |column: Column| {
            let form = match column.kind(collection)?.as_ref() {
                _ if column == Column::Id => Form::Id,
                FieldKind::Text { .. } | FieldKind::Select { .. } | FieldKind::Email | FieldKind::Url => {
                    Form::Text
                }
                FieldKind::Integer { .. } => Form::Integer,
                FieldKind::Number { .. } => Form::Number,
                FieldKind::Boolean => Form::Boolean,
                FieldKind::DateTime => Form::DateTime,
                FieldKind::Json { .. } => Form::Json,
                FieldKind::Relation { .. } | FieldKind::Media => Form::Id,
            };
            let name = format!(",\"{}\":", column.name(collection));
            Some(Shown { name, place: column.place(), form })
        };
        Self { columns: Column::all(collection).filter(|column| wanted(*column)).filter_map(shown).collect() }
    }

    /// Appends the record as a JSON object. With expansions, its last member is `"expand"`: each relation's name with
    /// the record that it points to.
    pub fn write(&self, row: &impl Row, expansions: &[Expansion<'_>], out: &mut Vec<u8>) {
        let start = out.len();
        for column in &self.columns {
            out.extend_from_slice(column.name.as_bytes());
            column.write_value(row, out);
        }
        if !expansions.is_empty() {
            out.extend_from_slice(b",\"expand\":");
            write_expansions(expansions, out);
        }
        // Every member brought a comma; the first one's is where the object begins. `id` is always there.
        if let Some(comma) = out.get_mut(start) {
            *comma = b'{';
        }
        out.push(b'}');
    }
}

fn write_expansions(expansions: &[Expansion<'_>], out: &mut Vec<u8>) {
    for (place, expansion) in expansions.iter().enumerate() {
        out.push(if place == 0 { b'{' } else { b',' });
        write_string(expansion.field, out);
        out.push(b':');
        out.extend_from_slice(expansion.json);
    }
    out.push(b'}');
}

impl Shown {
    fn write_value(&self, row: &impl Row, out: &mut Vec<u8>) {
        self.write_present(row, out).unwrap_or_else(|| out.extend_from_slice(b"null"));
    }

    /// Writes the value; `None`, and nothing written, for null.
    fn write_present(&self, row: &impl Row, out: &mut Vec<u8>) -> Option<()> {
        const MEMORY: &str = "writing to memory cannot fail";
        match self.form {
            Form::Text => write_string(row.text(self.place)?, out),
            Form::Json => out.extend_from_slice(row.text(self.place)?.as_bytes()),
            Form::Integer => CompactFormatter.write_i64(out, row.integer(self.place)?).expect(MEMORY),
            Form::Number => {
                // JSON has no infinity; no write through the API stores one.
                let number = row.real(self.place).filter(|number| number.is_finite())?;
                CompactFormatter.write_f64(out, number).expect(MEMORY);
            }
            Form::Boolean => CompactFormatter.write_bool(out, row.integer(self.place)? != 0).expect(MEMORY),
            Form::DateTime => {
                let ms = row.integer(self.place)?;
                out.push(b'"');
                datetime::write(ms, out);
                out.push(b'"');
            }
            Form::Id => {
                use std::io::Write as _;
                let id = Id::from_column(row.integer(self.place)?)?;
                write!(out, "\"{id}\"").expect(MEMORY);
            }
        }
        Some(())
    }
}

fn write_string(text: &str, out: &mut Vec<u8>) {
    serde_json::to_writer(out, text).expect("a string always serialises, and writing to memory cannot fail");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use stepwell_shared::time::Timestamp;

    use super::*;
    use crate::collections::collection::Value;
    use crate::collections::testing::collection;
    use crate::domain::record::Record;

    const EVERY_KIND: &str = r#"
        [fields]
        title = { type = "text" }
        count = { type = "integer" }
        ratio = { type = "number" }
        done = { type = "boolean" }
        at = { type = "datetime" }
        extra = { type = "json" }
        state = { type = "select", options = ["a", "b"] }
        friend = { type = "relation", to = "accounts" }
        photo = { type = "media" }
    "#;

    fn record(fields: Vec<Option<Value>>) -> Record {
        Record {
            id: Id::from_column(1).unwrap(),
            owner: None,
            created: Timestamp::from_ms(0),
            updated: Timestamp::from_ms(1500),
            version: 2,
            fields,
        }
    }

    fn full() -> Record {
        let id = Id::from_column(33).unwrap();
        record(vec![
            Some(Value::Text("a \"b\"\n\u{1f600}".into())),
            Some(Value::Integer(-5)),
            Some(Value::Number(0.1)),
            Some(Value::Boolean(true)),
            Some(Value::DateTime(-1)),
            Some(Value::Json(r#"{"n":1.00}"#.into())),
            Some(Value::Text("b".into())),
            Some(Value::Id(id)),
            None,
        ])
    }

    fn written(view: &View, record: &Record, expansions: &[Expansion<'_>]) -> String {
        let mut out = b"before".to_vec();
        view.write(record, expansions, &mut out);
        String::from_utf8(out).unwrap().strip_prefix("before").unwrap().to_owned()
    }

    #[test]
    fn every_kind_is_shown_as_the_api_says() {
        let things = collection(EVERY_KIND);
        assert_eq!(
            written(&View::whole(&things), &full(), &[]),
            concat!(
                r#"{"id":"0000000000001","owner":null,"created":"1970-01-01T00:00:00.000Z","#,
                r#""updated":"1970-01-01T00:00:01.500Z","version":2,"title":"a \"b\"\n😀","count":-5,"ratio":0.1,"#,
                r#""done":true,"at":"1969-12-31T23:59:59.999Z","extra":{"n":1.00},"state":"b","#,
                r#""friend":"0000000000011","photo":null}"#
            )
        );
    }

    #[test]
    fn what_is_null_is_shown_as_null() {
        let things = collection(EVERY_KIND);
        let shown = written(&View::whole(&things), &record(vec![None; things.fields.len()]), &[]);
        let json: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert!(things.fields.iter().all(|field| json[&field.name].is_null()), "{shown}");
    }

    #[test]
    fn a_selection_shows_the_id_and_what_is_named_in_the_order_of_the_table() {
        let things = collection(EVERY_KIND);
        let view = View::of_fields(&things, "count,version,title").unwrap();
        let shown = r#"{"id":"0000000000001","version":2,"title":"a \"b\"\n😀","count":-5}"#;
        assert_eq!(written(&view, &full(), &[]), shown);
        let unknown = View::of_fields(&things, "titel").unwrap_err();
        assert_eq!(unknown.to_string(), "things has no field \"titel\"; did you mean \"title\"?");
        assert!(View::of_fields(&things, "").is_err());
    }

    #[test]
    fn expansions_follow_the_fields() {
        let things = collection(EVERY_KIND);
        let view = View::of_fields(&things, "id").unwrap();
        let expansions = [
            Expansion { field: "topic", json: br#"{"id":"x"}"# },
            Expansion { field: "other", json: b"null" },
        ];
        let shown = r#"{"id":"0000000000001","expand":{"topic":{"id":"x"},"other":null}}"#;
        assert_eq!(written(&view, &full(), &expansions), shown);
    }

    proptest! {
        #[test]
        fn any_record_is_json_that_says_the_same(text: String, number: f64, whole: i64, flag: bool) {
            let things = collection(EVERY_KIND);
            let mut record = full();
            record.fields[0] = Some(Value::Text(text.clone()));
            record.fields[1] = Some(Value::Integer(whole));
            record.fields[2] = Some(Value::Number(number));
            record.fields[3] = Some(Value::Boolean(flag));
            let shown = written(&View::whole(&things), &record, &[]);
            let json: serde_json::Value = serde_json::from_str(&shown).unwrap();
            // Not from `json`: serde_json's reader may be off by one digit.
            let ratio = shown.split("\"ratio\":").last().unwrap().split(',').next().unwrap();
            prop_assert_eq!(ratio.parse().ok(), number.is_finite().then_some(number));
            prop_assert_eq!(json["title"].as_str(), Some(text.as_str()));
            prop_assert_eq!(json["count"].as_i64(), Some(whole));
            prop_assert_eq!(json["done"].as_bool(), Some(flag));
        }
    }
}
