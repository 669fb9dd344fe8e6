//! Who may do what with a record, and how a refusal looks to one who may not know that the record exists.

use stepwell_shared::ids::Id;
use stepwell_shared::problem::{Code, Problem};

use crate::collections::collection::{Collection, Rule};
use crate::domain::caller::{Caller, Deed};
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

/// Whether `caller` meets `rule` for a record of that owner, where the rule's relation names the account `named`.
pub fn allows(rule: &Rule, caller: Option<&Caller>, owner: Option<Id>, named: Option<Id>) -> bool {
    // A record without owner belongs to nobody, and nobody is not who is not signed in.
    let is_caller = |account: Option<Id>| caller.is_some_and(|caller| account == Some(caller.account));
    match rule {
        Rule::Nobody => false,
        Rule::Public => true,
        Rule::SignedIn => caller.is_some(),
        Rule::Owner => is_caller(owner),
        Rule::Named(_) => is_caller(owner) || is_caller(named),
        Rule::Role(role) => caller.is_some_and(|caller| caller.has_role(role)),
    }
}

/// What can be said before the record is known: whether `caller` could do this to any record at all.
///
/// Ask it first: a refusal here is the same whether or not the record exists.
pub fn may_try(collection: &Collection, deed: Deed, caller: Option<&Caller>) -> Result<(), Refusal> {
    let rule = rule(collection, deed);
    match (rule, caller) {
        (Rule::Nobody, _) => Err(Refusal::Forbidden),
        (Rule::Public, None) => Ok(()),
        (_, None) => Err(Refusal::SignIn),
        // What everybody reads needs no credentials, so that it asks nothing of those that are sent.
        (Rule::Public, Some(_)) if deed == Deed::Read => Ok(()),
        (_, Some(caller)) if !caller.may(deed, &collection.name) => Err(Refusal::Forbidden),
        // An edge that has the answer stored says no more to whoever is none of its readers.
        (Rule::Role(role), Some(caller)) if !caller.has_role(role) => {
            Err(if deed == Deed::Read { Refusal::Hidden } else { Refusal::Forbidden })
        }
        (_, Some(_)) => Ok(()),
    }
}

const fn rule(collection: &Collection, deed: Deed) -> &Rule {
    let rules = &collection.rules;
    match deed {
        Deed::Read => &rules.read,
        Deed::Create => &rules.create,
        Deed::Update => &rules.update,
        Deed::Delete => &rules.delete,
    }
}

/// Whether `caller` may read `record`.
pub fn read(collection: &Collection, caller: Option<&Caller>, record: &Record) -> Result<(), Refusal> {
    may_try(collection, Deed::Read, caller)?;
    if meets(&collection.rules.read, collection, caller, record) { Ok(()) } else { Err(Refusal::Hidden) }
}

/// Whether `caller` may create records.
pub fn create(collection: &Collection, caller: Option<&Caller>) -> Result<(), Refusal> {
    may_try(collection, Deed::Create, caller)
}

/// Whether `caller` may do this to `record`, which is there. For one whom the rule for reading keeps out it does not
/// exist, whatever the rule for this deed says: a change is answered with the record, and a removal tells that it was.
pub fn change(
    collection: &Collection,
    deed: Deed,
    caller: Option<&Caller>,
    record: &Record,
) -> Result<(), Refusal> {
    may_try(collection, deed, caller)?;
    if !may_know(collection, caller, record) {
        Err(Refusal::Hidden)
    } else if meets(rule(collection, deed), collection, caller, record) {
        Ok(())
    } else {
        Err(Refusal::Forbidden)
    }
}

/// Whether `caller` may know that `record` is there. By the rule alone: the scopes of an API key may leave reading out, and
/// still its account may know of the record.
pub fn may_know(collection: &Collection, caller: Option<&Caller>, record: &Record) -> bool {
    meets(&collection.rules.read, collection, caller, record)
}

fn meets(rule: &Rule, collection: &Collection, caller: Option<&Caller>, record: &Record) -> bool {
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
pub fn list(collection: &Collection, caller: Option<&Caller>) -> Result<Scope, Refusal> {
    may_try(collection, Deed::Read, caller)?;
    match (&collection.rules.read, caller.map(|caller| caller.account)) {
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
    use crate::domain::caller::Scopes;

    fn id(number: i64) -> Id {
        Id::from_column(number).unwrap()
    }

    fn person(number: i64) -> Caller {
        Caller::plain(id(number))
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
        let (owner, stranger) = (person(1), person(2));
        let (owner, stranger) = (Some(&owner), Some(&stranger));
        let mine = record(Some(id(1)), None);
        let private = things("owner", "owner");
        assert_eq!(read(&private, owner, &mine), Ok(()));
        assert_eq!(read(&private, stranger, &mine), Err(Refusal::Hidden));
        assert_eq!(read(&private, None, &mine), Err(Refusal::SignIn));
        assert_eq!(change(&private, Deed::Update, stranger, &mine), Err(Refusal::Hidden));
        let public = things("public", "owner");
        assert_eq!(change(&public, Deed::Update, owner, &mine), Ok(()));
        assert_eq!(change(&public, Deed::Update, stranger, &mine), Err(Refusal::Forbidden));
        assert_eq!(change(&public, Deed::Update, None, &mine), Err(Refusal::SignIn));
        // Nobody may delete, and everybody may know that it is there.
        assert_eq!(change(&public, Deed::Delete, owner, &mine), Err(Refusal::Forbidden));
    }

    #[test]
    fn who_may_not_read_changes_nothing_whatever_the_rule_for_changes_says() {
        let stranger = person(2);
        let (mine, open) = (record(Some(id(1)), None), things("owner", "signed_in"));
        assert_eq!(change(&open, Deed::Update, Some(&stranger), &mine), Err(Refusal::Hidden));
        assert_eq!(change(&open, Deed::Update, Some(&person(1)), &mine), Ok(()));
    }

    #[test]
    fn a_named_account_is_let_in_beside_the_owner() {
        let shared = things("friend", "owner");
        let people = [1, 2, 3].map(person);
        let [owner, friend, stranger] = people.each_ref().map(Some);
        let ours = record(Some(id(1)), Some(id(2)));
        assert_eq!(read(&shared, owner, &ours), Ok(()));
        assert_eq!(read(&shared, friend, &ours), Ok(()));
        assert_eq!(read(&shared, stranger, &ours), Err(Refusal::Hidden));
        assert_eq!(change(&shared, Deed::Update, friend, &ours), Err(Refusal::Forbidden));
    }

    #[test]
    fn a_record_without_owner_is_not_that_of_who_is_not_signed_in() {
        assert!(!allows(&Rule::Owner, None, None, None));
        assert!(!allows(&Rule::Named("friend".into()), None, None, None));
        assert!(!allows(&Rule::Owner, Some(&person(1)), None, None));
    }

    #[test]
    fn a_role_lets_in_whoever_has_it_and_nobody_else_learns_what_is_there() {
        let things = things("role:editor", "role:editor");
        let (owner, editor) = (person(1), Caller { roles: vec!["editor".into()], ..person(2) });
        let record = record(Some(id(1)), None);
        assert_eq!(read(&things, Some(&editor), &record), Ok(()));
        assert_eq!(change(&things, Deed::Update, Some(&editor), &record), Ok(()));
        // The same whether or not it exists, also for the owner.
        assert_eq!(read(&things, Some(&owner), &record), Err(Refusal::Hidden));
        assert_eq!(may_try(&things, Deed::Read, Some(&owner)), Err(Refusal::Hidden));
        assert_eq!(change(&things, Deed::Update, Some(&owner), &record), Err(Refusal::Forbidden));
        assert_eq!(read(&things, None, &record), Err(Refusal::SignIn));
        assert_eq!(list(&things, Some(&editor)), Ok(Scope::All));
        assert_eq!(list(&things, Some(&owner)), Err(Refusal::Hidden));
    }

    #[test]
    fn a_key_may_less_than_its_account() {
        let (own, open) = (things("owner", "owner"), things("public", "public"));
        let record = record(Some(id(1)), None);
        let key = |scopes: &str| Caller { scopes: Some(Scopes::of_text(scopes)), ..person(1) };
        let (reads, writes) = (key("read"), key("collection:things:write"));
        assert_eq!(read(&own, Some(&reads), &record), Ok(()));
        assert_eq!(change(&own, Deed::Update, Some(&reads), &record), Err(Refusal::Forbidden));
        assert_eq!(change(&own, Deed::Update, Some(&writes), &record), Ok(()));
        assert_eq!(read(&own, Some(&writes), &record), Err(Refusal::Forbidden));
        assert_eq!(read(&own, Some(&key("collection:others:read")), &record), Err(Refusal::Forbidden));
        // What anybody reads, any key reads; what anybody may change is changed in the account's name.
        assert_eq!(read(&open, Some(&writes), &record), Ok(()));
        assert_eq!(change(&open, Deed::Update, Some(&reads), &record), Err(Refusal::Forbidden));
        assert_eq!(change(&open, Deed::Update, None, &record), Ok(()));
    }

    fn any_account() -> impl Strategy<Value = Option<Id>> {
        prop::option::of((1..4_i64).prop_map(id))
    }

    fn any_caller() -> impl Strategy<Value = Option<Caller>> {
        let roles = prop::sample::select(vec![vec![], vec!["editor".to_owned()]]);
        let scopes = prop::option::of(prop::sample::select(vec!["", "read", "write", "read write"]));
        let caller = |(account, roles, scopes): (i64, _, Option<&str>)| Caller {
            account: id(account),
            roles,
            scopes: scopes.map(Scopes::of_text),
        };
        prop::option::of((1..4_i64, roles, scopes).prop_map(caller))
    }

    proptest! {
        #[test]
        fn a_list_holds_exactly_what_may_be_read(
            rule in prop::sample::select(vec!["public", "signed_in", "owner", "friend", "role:editor", "nobody"]),
            caller in any_caller(), owner in any_account(), friend in any_account(),
        ) {
            let (things, record) = (things(rule, "nobody"), record(owner, friend));
            let caller = caller.as_ref();
            let listed = list(&things, caller).is_ok_and(|scope| match scope {
                Scope::All => true,
                Scope::OwnedBy(account) => owner == Some(account),
                Scope::OwnedByOrNaming { account, .. } => owner == Some(account) || friend == Some(account),
            });
            prop_assert_eq!(listed, read(&things, caller, &record).is_ok());
        }

        #[test]
        fn what_is_refused_does_not_tell_whether_a_hidden_record_is_there(
            caller in any_caller(), owner in any_account(), friend in any_account(),
        ) {
            let (things, record) = (things("owner", "friend"), record(owner, friend));
            let caller = caller.as_ref();
            let refused = change(&things, Deed::Update, caller, &record);
            if refused.is_err() && read(&things, caller, &record).is_err() {
                let of_none = may_try(&things, Deed::Update, caller).err().unwrap_or(Refusal::Hidden);
                prop_assert_eq!(refused, Err(of_none));
            }
        }
    }
}
