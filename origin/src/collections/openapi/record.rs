//! The schemas of a collection: a record, what writes take, a page of a list.

use serde_json::{Map, Value, json};
use stepwell_shared::limits::{INTEGER_MAX, PAGE_RECORDS_MAX};

use super::components::schema;
use super::field;
use crate::collections::collection::{Collection, Collections, Field, SYSTEM_COLUMNS};
use crate::collections::declaration::names::EXPAND;
use crate::collections::routes::expandable;

/// What a schema of a collection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A record, whole.
    Record,
    /// A record as `fields` and `expand` shape it.
    Shown,
    /// A page of a list.
    Page,
    /// The body of a create.
    New,
    /// The body of an update.
    Patch,
}

impl Form {
    /// The name of the component. Names of collections and the suffixes are in lower case, ours begin with a capital:
    /// no two are the same.
    pub(super) fn name(self, collection: &str) -> String {
        let suffix = match self {
            Self::Record => "record",
            Self::Shown => "shown",
            Self::Page => "page",
            Self::New => "new",
            Self::Patch => "patch",
        };
        format!("{collection}_{suffix}")
    }

    /// Refers to it.
    pub(super) fn of(self, collection: &Collection) -> Value {
        schema(&self.name(&collection.name))
    }
}

/// Every schema of `collection`, by name.
pub(super) fn schemas(collection: &Collection, collections: &Collections) -> [(String, Value); 5] {
    let named = |form: Form, schema| (form.name(&collection.name), schema);
    [
        named(Form::Record, record(collection)),
        named(Form::Shown, shown(collection, collections)),
        named(Form::Page, page(collection)),
        named(Form::New, new(collection)),
        named(Form::Patch, patch(collection)),
    ]
}

fn record(collection: &Collection) -> Value {
    let fields = collection.fields.iter().map(|field| field.name.as_str());
    let required: Vec<&str> = SYSTEM_COLUMNS.into_iter().chain(fields).collect();
    json!({
        "type": "object",
        "description": format!("A record of `{}`.", collection.name),
        "required": required,
        "properties": members(collection),
    })
}

fn shown(collection: &Collection, collections: &Collections) -> Value {
    let mut properties = members(collection);
    let expand = expansions(collection, collections);
    properties.extend(expand.map(|expand| (EXPAND.to_owned(), expand)));
    json!({
        "type": "object",
        "description": format!("A record of `{}`: whole, or what `fields` names of it.", collection.name),
        "required": ["id"],
        "properties": properties,
    })
}

fn members(collection: &Collection) -> Map<String, Value> {
    let mut members = system();
    members.extend(collection.fields.iter().map(|field| (field.name.clone(), field::stored(field))));
    members
}

/// What every record has, and only the server sets.
fn system() -> Map<String, Value> {
    let time = |description: &str| json!({ "type": "string", "format": "date-time", "readOnly": true, "description": description });
    let values = [
        json!({ "$ref": "#/components/schemas/Id", "readOnly": true }),
        json!({
            "anyOf": [schema("Id"), { "type": "null" }],
            "readOnly": true,
            "description": "The account that created the record; null when nobody was signed in.",
        }),
        time("When the record was created."),
        time("When the record was last changed."),
        json!({
            "type": "integer",
            "minimum": 1,
            "maximum": INTEGER_MAX,
            "readOnly": true,
            "description": "Grows by one with each change.",
        }),
    ];
    SYSTEM_COLUMNS.into_iter().map(str::to_owned).zip(values).collect()
}

/// The records that relations point to, which are there when `expand` names them.
fn expansions(collection: &Collection, collections: &Collections) -> Option<Value> {
    let expansion = |(field, to): (&str, &str)| {
        let to = Form::Shown.of(collections.get(to)?);
        Some((field.to_owned(), json!({ "anyOf": [to, { "type": "null" }] })))
    };
    let properties: Map<String, Value> = expandable(collection).filter_map(expansion).collect();
    let description = "For each relation that `expand` names, the record that it points to: null where there is none, \
        the id alone where the caller may not read it.";
    (!properties.is_empty())
        .then(|| json!({ "type": "object", "description": description, "properties": properties }))
}

fn page(collection: &Collection) -> Value {
    json!({
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": { "type": "array", "maxItems": PAGE_RECORDS_MAX, "items": Form::Shown.of(collection) },
            "next": {
                "type": ["string", "null"],
                "description": "The cursor for `after` of the next page; null on the last one.",
            },
            "count": {
                "type": "integer",
                "minimum": 0,
                "description": "Records of all pages; there when `count` is true.",
            },
        },
    })
}

fn new(collection: &Collection) -> Value {
    let member = |field: &Field| {
        let mut schema = field::written(field);
        if let Some(default) = &field.default {
            schema["default"] = field::value(default);
        }
        (field.name.clone(), schema)
    };
    let needed = |field: &&Field| field.required && field.default.is_none();
    let required: Vec<&str> =
        collection.fields.iter().filter(needed).map(|field| field.name.as_str()).collect();
    json!({
        "type": "object",
        "description": format!("A new record of `{}`.", collection.name),
        "required": required,
        "properties": collection.fields.iter().map(member).collect::<Map<_, _>>(),
        "additionalProperties": false,
    })
}

fn patch(collection: &Collection) -> Value {
    let member = |field: &Field| (field.name.clone(), field::written(field));
    json!({
        "type": "object",
        "description": format!(
            "A change of a record of `{}` (RFC 7396): fields that it leaves out stay, null empties one, and an object \
             for a JSON field is merged into what is stored.",
            collection.name
        ),
        "properties": collection.fields.iter().map(member).collect::<Map<_, _>>(),
        "additionalProperties": false,
    })
}
