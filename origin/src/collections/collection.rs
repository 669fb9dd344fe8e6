//! A collection as the rest of the origin knows it: checked, typed, complete.

use std::collections::BTreeMap;

use stepwell_shared::ids::Id;

/// A declared collection. Everything about it follows from this: table, routes, rules, cache policy, documents.
#[derive(Clone, Debug, PartialEq)]
pub struct Collection {
    /// Lower case, `[a-z][a-z0-9_]{0,47}`; the table's name, and the name in paths and tags.
    pub name: String,
    /// In declaration order, without the columns that every record has (see [`SYSTEM_COLUMNS`]).
    pub fields: Vec<Field>,
    /// Who may do what.
    pub rules: Rules,
    /// Beside the primary key and the unique fields; every collection has at least the index `-created`.
    pub indexes: Vec<Index>,
    /// How long edges may keep answers.
    pub cache: CachePolicy,
    /// Where records live and for how long; checked now, used by larger steps of the ladder.
    pub placement: Placement,
}

/// Columns that every record has, and that no field may be named after.
pub const SYSTEM_COLUMNS: [&str; 5] = ["id", "owner", "created", "updated", "version"];

/// One declared field.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// `[a-z][a-z0-9_]{0,47}`; the column's name.
    pub name: String,
    /// What values it takes.
    pub kind: FieldKind,
    /// Whether a record must have a value other than null.
    pub required: bool,
    /// Whether no two records may share a value.
    pub unique: bool,
    /// What a create that does not mention the field stores.
    pub default: Option<Value>,
}

/// What values a field takes.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldKind {
    /// Text; lengths in characters.
    Text {
        /// At least.
        min: usize,
        /// At most.
        max: usize,
    },
    /// A whole number, within ±(2^53-1) so that every JSON reader keeps it exact.
    Integer {
        /// At least.
        min: i64,
        /// At most.
        max: i64,
    },
    /// A finite 64-bit float.
    Number {
        /// At least.
        min: f64,
        /// At most.
        max: f64,
    },
    /// True or false.
    Boolean,
    /// A point in time: RFC 3339 outside, milliseconds since the Unix epoch inside.
    DateTime,
    /// Any JSON value, at most so many bytes.
    Json {
        /// Bytes at most.
        max_bytes: usize,
    },
    /// One of these texts.
    Select {
        /// In declaration order, distinct.
        options: Vec<String>,
    },
    /// An e-mail address.
    Email,
    /// An absolute http or https URL.
    Url,
    /// The id of a record of a collection, or of an account when it says `accounts`.
    Relation {
        /// The other collection.
        to: String,
    },
    /// The id of a media object.
    Media,
}

/// One value of a field, checked. SQL null is the absence of a value (`Option<Value>`).
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text, select, e-mail, URL.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A finite float.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// Milliseconds since the Unix epoch; may be negative.
    DateTime(i64),
    /// Compact JSON text.
    Json(String),
    /// A relation or a media object.
    Id(Id),
}

/// Who may do one thing with a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Rule {
    /// Only the operator. What a declaration does not mention.
    #[default]
    Nobody,
    /// Anybody.
    Public,
    /// Whoever is signed in.
    SignedIn,
    /// The account that created the record.
    Owner,
    /// The owner, and the account that this relation to `accounts` names.
    Named(String),
    /// Whoever has this role.
    Role(String),
}

/// The rules of a collection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Reading one record; a list holds the records that the caller may read.
    pub read: Rule,
    /// Creating: any but `Owner` and `Named`.
    pub create: Rule,
    /// Changing.
    pub update: Rule,
    /// Removing.
    pub delete: Rule,
}

/// An index over columns, system columns included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Distinct in the collection.
    pub name: String,
    /// In order; at least one.
    pub columns: Vec<IndexColumn>,
}

/// One column of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexColumn {
    /// A field or a system column.
    pub name: String,
    /// Whether larger values come first.
    pub descending: bool,
}

/// How long edges may keep answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachePolicy {
    /// Single records.
    pub record: Lifetimes,
    /// Lists.
    pub list: Lifetimes,
}

/// Lifetimes of one kind of answer, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// Served without asking the origin for so long, unless purged.
    pub edge_s: u64,
    /// After that, served while it is revalidated, or while the origin fails, for so long (RFC 5861).
    pub stale_s: u64,
}

/// Where records live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The database cluster.
    pub database: String,
    /// The column whose id decides a new record's logical shard: `owner` or a relation.
    pub shard_by: Option<String>,
    /// Months after which a record may move to the archive.
    pub archive_after_months: Option<u32>,
}

/// The declared collections by name.
pub type Collections = BTreeMap<String, Collection>;
