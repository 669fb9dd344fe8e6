//! Whom an answer is for. One that everybody gets alike is made without a look at who asks.

use stepwell_shared::ids::Id;

use super::shape::Relation;
use crate::catalog::{Catalog, Served};
use crate::routes::caller::Caller;
use crate::routes::records::named;
use crate::routes::refused::Refused;

/// Whom an answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody: edges may store it.
    Everybody,
    /// Whoever sent this request, signed in or not.
    Caller(Option<Id>),
}

impl Audience {
    /// Of an answer with records of `served` and of what their `expand` relations point to. `caller` is looked at, and
    /// a bad token refused, only where the answer depends on it.
    pub fn of(
        catalog: &Catalog,
        served: &Served,
        expand: &[Relation],
        caller: Result<Option<Caller>, Refused>,
    ) -> Result<Self, Refused> {
        let mut public = served.is_public();
        for relation in expand {
            public &= named::collection(catalog, &relation.to)?.is_public();
        }
        if public {
            return Ok(Self::Everybody);
        }
        Ok(Self::Caller(caller?.map(|caller| caller.account)))
    }

    /// The account that asks, as far as it matters.
    pub fn account(self) -> Option<Id> {
        match self {
            Self::Everybody => None,
            Self::Caller(account) => account,
        }
    }
}
