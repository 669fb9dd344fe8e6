//! Who may read an answer, as an edge can hold it against each caller. It says what [`super::access`] says, to one who
//! asks later.

use stepwell_shared::ids::Id;
use stepwell_shared::readers::{Reader, Readers};

use crate::collections::collection::{Collection, Rule};
use crate::domain::record::Record;

/// Who may read a record; `None` where that is everybody or nobody.
pub fn of_record(collection: &Collection, record: &Record) -> Option<Readers> {
    let named = |accounts: [Option<Id>; 2]| {
        let mut readers: Vec<Reader> = accounts.into_iter().flatten().map(Reader::Account).collect();
        readers.dedup();
        (!readers.is_empty()).then(|| Readers::Listed(readers.into()))
    };
    match &collection.rules.read {
        Rule::Nobody | Rule::Public => None,
        Rule::SignedIn => Some(Readers::SignedIn),
        Rule::Owner => named([record.owner, None]),
        Rule::Named(field) => named([record.owner, record.relation(collection, field)]),
        Rule::Role(role) => Some(having(role)),
    }
}

/// Who may read a list that was made for `caller`; `None` where that is everybody or nobody. Where the record decides,
/// each caller's list is his own.
pub fn of_list(collection: &Collection, caller: Id) -> Option<Readers> {
    match &collection.rules.read {
        Rule::Nobody | Rule::Public => None,
        Rule::SignedIn => Some(Readers::SignedIn),
        Rule::Owner | Rule::Named(_) => Some(Readers::account(caller)),
        Rule::Role(role) => Some(having(role)),
    }
}

fn having(role: &str) -> Readers {
    Readers::Listed(Box::new([Reader::Role(role.into())]))
}
