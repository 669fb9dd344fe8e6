//! Whom an answer is for. One that everybody gets alike is made without a look at who asks.

use stepwell_shared::bookmark::Position;
use stepwell_shared::ids::Id;
use stepwell_shared::readers::Readers;

use super::shape::Relation;
use crate::catalog::{Catalog, Served};
use crate::collections::collection::Collection;
use crate::domain::caller::Caller;
use crate::domain::readers;
use crate::domain::record::Record;
use crate::routes::caller::Asker;
use crate::routes::records::named;
use crate::routes::refused::Refused;

/// Whom an answer is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody: edges may store it.
    Everybody,
    /// Whoever sent this request, signed in or not.
    Caller {
        /// Who it is, if signed in.
        caller: Option<Caller>,
        /// Whether the answer shows, beside the records that were asked for, others that not everybody may read. It is
        /// then like no other caller's.
        is_personal: bool,
        /// Up to where the log was known before the caller's roles were.
        since: Position,
    },
}

impl Audience {
    /// Of an answer with records of `served` and of what their `expand` relations point to. `asker` is looked at, and
    /// a bad token refused, only where the answer depends on it.
    pub fn of(
        catalog: &Catalog,
        served: &Served,
        expand: &[Relation],
        asker: Asker,
    ) -> Result<Self, Refused> {
        let mut is_personal = false;
        for relation in expand {
            is_personal |= !named::collection(catalog, &relation.to)?.is_public();
        }
        if served.is_public() && !is_personal {
            return Ok(Self::Everybody);
        }
        Ok(Self::Caller { caller: asker.caller?, is_personal, since: asker.since })
    }

    /// Who else may read an answer that shows `record`; `None` where that is everybody, or cannot be said.
    pub fn readers_of_record(&self, collection: &Collection, record: &Record) -> Option<Readers> {
        match self {
            Self::Everybody => None,
            Self::Caller { is_personal: true, .. } => self.account().map(Readers::account),
            Self::Caller { .. } => readers::of_record(collection, record),
        }
    }

    /// Who else may read a list; `None` as above.
    pub fn readers_of_list(&self, collection: &Collection) -> Option<Readers> {
        match self {
            Self::Everybody => None,
            Self::Caller { is_personal: true, .. } => self.account().map(Readers::account),
            Self::Caller { .. } => readers::of_list(collection, self.account()?),
        }
    }

    /// The position of an answer whose data were read at `read`. A personal one depends on the roles of who asks as well,
    /// and these may be older than the data.
    pub fn position(&self, read: Position) -> Position {
        match self {
            Self::Caller { is_personal: true, since, .. } if read.includes(*since) => *since,
            _ => read,
        }
    }

    /// The account whose roles decided what is shown; `None` where roles decide only who is shown it.
    pub fn tagged(&self) -> Option<Id> {
        match self {
            Self::Caller { is_personal: true, .. } => self.account(),
            _ => None,
        }
    }

    /// Who asks, as far as it matters.
    pub fn caller(&self) -> Option<&Caller> {
        match self {
            Self::Everybody => None,
            Self::Caller { caller, .. } => caller.as_ref(),
        }
    }

    /// The account that asks, as far as it matters.
    pub fn account(&self) -> Option<Id> {
        self.caller().map(|caller| caller.account)
    }
}
