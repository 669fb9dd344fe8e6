//! Columns of a collection's table: the ones that every record has, and the declared fields.

use std::borrow::Cow;

use super::collection::{Collection, FieldKind, SYSTEM_COLUMNS};

/// The built-in collection that relations may point to, though it has no records of its own.
pub const ACCOUNTS: &str = "accounts";

/// One column of a collection's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// The primary key.
    Id,
    /// The account that created the record; null when nobody was signed in.
    Owner,
    /// When it was created.
    Created,
    /// When it was last changed.
    Updated,
    /// Grows by one with each change, from 1.
    Version,
    /// A declared field, by its place in the declaration.
    Field(usize),
}

impl Column {
    /// The columns that every record has, in the order of [`SYSTEM_COLUMNS`].
    pub const SYSTEM: [Self; 5] = [Self::Id, Self::Owner, Self::Created, Self::Updated, Self::Version];

    /// The column of that name.
    pub fn find(collection: &Collection, name: &str) -> Option<Self> {
        let system = Self::SYSTEM.into_iter().zip(SYSTEM_COLUMNS);
        system
            .chain(
                collection
                    .fields
                    .iter()
                    .enumerate()
                    .map(|(place, field)| (Self::Field(place), field.name.as_str())),
            )
            .find_map(|(column, known)| (known == name).then_some(column))
    }

    /// Every column, in the table's order.
    pub fn all(collection: &Collection) -> impl Iterator<Item = Self> {
        Self::SYSTEM.into_iter().chain((0..collection.fields.len()).map(Self::Field))
    }

    /// Its place in a row that holds every column in the table's order.
    pub const fn place(self) -> usize {
        match self {
            Self::Id => 0,
            Self::Owner => 1,
            Self::Created => 2,
            Self::Updated => 3,
            Self::Version => 4,
            Self::Field(place) => SYSTEM_COLUMNS.len() + place,
        }
    }

    /// The column at that place.
    pub const fn at(place: usize) -> Self {
        match place {
            0 => Self::Id,
            1 => Self::Owner,
            2 => Self::Created,
            3 => Self::Updated,
            4 => Self::Version,
            field => Self::Field(field - SYSTEM_COLUMNS.len()),
        }
    }

    /// Its name; empty for a field that `collection` does not have.
    pub fn name(self, collection: &Collection) -> &str {
        match self {
            Self::Field(place) => collection.fields.get(place).map_or("", |field| field.name.as_str()),
            system => SYSTEM_COLUMNS.get(system.place()).copied().unwrap_or_default(),
        }
    }

    /// What values it takes; `None` for a field that `collection` does not have.
    pub fn kind(self, collection: &Collection) -> Option<Cow<'_, FieldKind>> {
        let system = |kind| Some(Cow::Owned(kind));
        match self {
            Self::Id => system(FieldKind::Relation { to: collection.name.clone() }),
            Self::Owner => system(FieldKind::Relation { to: ACCOUNTS.to_owned() }),
            Self::Created | Self::Updated => system(FieldKind::DateTime),
            Self::Version => system(FieldKind::Integer { min: 1, max: i64::MAX }),
            Self::Field(place) => collection.fields.get(place).map(|field| Cow::Borrowed(&field.kind)),
        }
    }
}
