//! Who may do what with a record, and how a refusal looks to one who may not know that the record exists.

use stepwell_shared::ids::Id;
use stepwell_shared::problem::{Code, Problem};

use crate::collections::collection::{Collection, Rule};
use crate::domain::record::Record;

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody is signed in, and the rule asks who it is: 401, whether or not the record exists.
    SignIn,
    /// The caller may know of the record, or of the collection, and may not do this: 403.
    Forbidden,
    /// The caller may not know of the record: 404, as if it did not exist.
    Hidden,
}

impl Refusal {
    /// The code that the client sees.
    pub const fn code(self) -> Code {
        match self {
            Self::SignIn => Code::Unauthenticated,
            Self::Forbidden => Code::Forbidden,
            Self::Hidden => Code::NotFound,
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        refusal.code().into()
    }
}

/// Ways to change a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Change in part.
    Update,
    /// Remove.
    Delete,
}

/// Whether `caller` meets `rule` for a record of that owner, where the rule's relation names the account `named`.
pub fn allows(rule: &Rule, caller: Option<Id>, owner: Option<Id>, named: Option<Id>) -> bool {
    // A record without owner belongs to nobody, and nobody is not who is not signed in.
    let is_caller = |account: Option<Id>| caller.is_some() && account == caller;
    match rule {
        Rule::Nobody => false,
        Rule::Public => true,
        Rule::SignedIn => caller.is_some(),
        Rule::Owner => is_caller(owner),
        Rule::Named(_) => is_caller(owner) || is_caller(named),
    }
}

/// What can be said before the record is known: whether `caller` could meet `rule` for any record at all.
///
/// Ask it first: a refusal here is the same whether or not the record exists.
pub fn may_try(rule: &Rule, caller: Option<Id>) -> Result<(), Refusal> {
    match rule {
        Rule::Nobody => Err(Refusal::Forbidden),
        Rule::SignedIn | Rule::Owner | Rule::Named(_) if caller.is_none() => Err(Refusal::SignIn),
        Rule::Public | Rule::SignedIn | Rule::Owner | Rule::Named(_) => Ok(()),
    }
}

/// Whether `caller` may read `record`.
pub fn read(collection: &Collection, caller: Option<Id>, record: &Record) -> Result<(), Refusal> {
    let rule = &collection.rules.read;
    may_try(rule, caller)?;
    if meets(rule, collection, caller, record) { Ok(()) } else { Err(Refusal::Hidden) }
}

/// Whether `caller` may create records.
pub fn create(collection: &Collection, caller: Option<Id>) -> Result<(), Refusal> {
    may_try(&collection.rules.create, caller)
}

/// Whether `caller` may change or remove `record`. One who may not even read it is told that it does not exist.
pub fn change(
    collection: &Collection,
    how: Change,
    caller: Option<Id>,
    record: &Record,
) -> Result<(), Refusal> {
    let rule = match how {
        Change::Update => &collection.rules.update,
        Change::Delete => &collection.rules.delete,
    };
    may_try(rule, caller)?;
    if meets(rule, collection, caller, record) {
        Ok(())
    } else if meets(&collection.rules.read, collection, caller, record) {
        Err(Refusal::Forbidden)
    } else {
        Err(Refusal::Hidden)
    }
}

fn meets(rule: &Rule, collection: &Collection, caller: Option<Id>, record: &Record) -> bool {
    let named = if let Rule::Named(field) = rule { record.relation(collection, field) } else { None };
    allows(rule, caller, record.owner, named)
}

/// Which records of a collection a list may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All.
    All,
    /// Those of one owner.
    OwnedBy(Id),
    /// Those of one owner, and those whose relation `field` names the same account.
    OwnedByOrNaming {
        /// The account.
        account: Id,
        /// The relation.
        field: String,
    },
}

/// Which records of `collection` a list for `caller` may hold: exactly those that [`read`] allows.
pub fn list(collection: &Collection, caller: Option<Id>) -> Result<Scope, Refusal> {
    let rule = &collection.rules.read;
    may_try(rule, caller)?;
    match (rule, caller) {
        (Rule::Owner, Some(account)) => Ok(Scope::OwnedBy(account)),
        (Rule::Named(field), Some(account)) => Ok(Scope::OwnedByOrNaming { account, field: field.clone() }),
        _ => Ok(Scope::All),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use stepwell_shared::time::Timestamp;

    use super::*;
    use crate::collections::collection::Value;
    use crate::collections::testing::collection;

    fn id(number: i64) -> Id {
        Id::from_column(number).unwrap()
    }

    fn things(read: &str, update: &str) -> Collection {
        collection(&format!(
            "[fields]\nfriend = {{ type = \"relation\", to = \"accounts\" }}\n[rules]\nread = {read:?}\nupdate = {update:?}"
        ))
    }

    fn record(owner: Option<Id>, friend: Option<Id>) -> Record {
        let at = Timestamp::from_ms(0);
        Record { id: id(9), owner, created: at, updated: at, version: 1, fields: vec![friend.map(Value::Id)] }
    }

    #[test]
    fn who_may_not_know_is_told_that_nothing_is_there() {
        let (owner, stranger) = (Some(id(1)), Some(id(2)));
        let mine = record(owner, None);
        let private = things("owner", "owner");
        assert_eq!(read(&private, owner, &mine), Ok(()));
        assert_eq!(read(&private, stranger, &mine), Err(Refusal::Hidden));
        assert_eq!(read(&private, None, &mine), Err(Refusal::SignIn));
        assert_eq!(change(&private, Change::Update, stranger, &mine), Err(Refusal::Hidden));
        let public = things("public", "owner");
        assert_eq!(change(&public, Change::Update, owner, &mine), Ok(()));
        assert_eq!(change(&public, Change::Update, stranger, &mine), Err(Refusal::Forbidden));
        assert_eq!(change(&public, Change::Update, None, &mine), Err(Refusal::SignIn));
        // Nobody may delete, and everybody may know that it is there.
        assert_eq!(change(&public, Change::Delete, owner, &mine), Err(Refusal::Forbidden));
    }

    #[test]
    fn a_named_account_is_let_in_beside_the_owner() {
        let shared = things("friend", "owner");
        let (owner, friend, stranger) = (Some(id(1)), Some(id(2)), Some(id(3)));
        let ours = record(owner, friend);
        assert_eq!(read(&shared, owner, &ours), Ok(()));
        assert_eq!(read(&shared, friend, &ours), Ok(()));
        assert_eq!(read(&shared, stranger, &ours), Err(Refusal::Hidden));
        assert_eq!(change(&shared, Change::Update, friend, &ours), Err(Refusal::Forbidden));
    }

    #[test]
    fn a_record_without_owner_is_not_that_of_who_is_not_signed_in() {
        assert!(!allows(&Rule::Owner, None, None, None));
        assert!(!allows(&Rule::Named("friend".into()), None, None, None));
        assert!(!allows(&Rule::Owner, Some(id(1)), None, None));
    }

    fn any_account() -> impl Strategy<Value = Option<Id>> {
        prop::option::of((1..4_i64).prop_map(id))
    }

    proptest! {
        #[test]
        fn a_list_holds_exactly_what_may_be_read(
            rule in prop::sample::select(vec!["public", "signed_in", "owner", "friend", "nobody"]),
            caller in any_account(), owner in any_account(), friend in any_account(),
        ) {
            let (things, record) = (things(rule, "nobody"), record(owner, friend));
            let listed = list(&things, caller).is_ok_and(|scope| match scope {
                Scope::All => true,
                Scope::OwnedBy(account) => owner == Some(account),
                Scope::OwnedByOrNaming { account, .. } => owner == Some(account) || friend == Some(account),
            });
            prop_assert_eq!(listed, read(&things, caller, &record).is_ok());
        }

        #[test]
        fn what_is_refused_does_not_tell_whether_a_hidden_record_is_there(
            caller in any_account(), owner in any_account(), friend in any_account(),
        ) {
            let (things, record) = (things("owner", "friend"), record(owner, friend));
            let refused = change(&things, Change::Update, caller, &record);
            if refused.is_err() && read(&things, caller, &record).is_err() {
                let of_none = may_try(&things.rules.update, caller).err().unwrap_or(Refusal::Hidden);
                prop_assert_eq!(refused, Err(of_none));
            }
        }
    }
}
