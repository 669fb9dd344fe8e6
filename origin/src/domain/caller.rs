//! Who asks: an account with its roles, and what of the account's its credentials may do.

use std::fmt;
use std::str::FromStr;

use stepwell_shared::ids::Id;

/// Letters of a role's name. It stands in tokens, in configuration and in headers.
const ROLE_BYTES_MAX: usize = 32;

/// Somebody who is signed in, or a program with a key of theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: Id,
    /// Its roles.
    pub roles: Vec<String>,
    /// What the credentials may do: `None` is all that the account may.
    pub scopes: Option<Scopes>,
}

/// What is done with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Reading it, alone or in a list.
    Read,
    /// Making it.
    Create,
    /// Changing it in part.
    Update,
    /// Removing it.
    Delete,
}

/// What the bearer of a key may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

/// One thing that the bearer of a key may do: `read`, `write`, `collection:NAME:read` or `collection:NAME:write`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The only collection that it is about; `None` is whatever the account may.
    collection: Option<String>,
    writes: bool,
}

/// Text that is no scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write \"read\", \"write\", \"collection:NAME:read\" or \"collection:NAME:write\"")]
pub struct InvalidScope;

impl Caller {
    /// An account without roles, that may do all that it may.
    #[cfg(test)]
    pub fn plain(account: Id) -> Self {
        Self { account, roles: Vec::new(), scopes: None }
    }

    /// Whether the account has a role.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|has| has == role)
    }

    /// Whether the credentials are good for this at all. Whether the account may is another question.
    pub fn may(&self, deed: Deed, collection: &str) -> bool {
        self.scopes.as_ref().is_none_or(|scopes| scopes.allow(deed, Some(collection)))
    }

    /// Whether the credentials may read what belongs to no collection.
    pub fn may_read_account(&self) -> bool {
        self.scopes.as_ref().is_none_or(|scopes| scopes.allow(Deed::Read, None))
    }
}

impl Scopes {
    /// Reads scopes that are separated by spaces, as they are stored. What no version of ours wrote allows nothing.
    pub fn of_text(text: &str) -> Self {
        Self(text.split_whitespace().filter_map(|scope| scope.parse().ok()).collect())
    }

    fn allow(&self, deed: Deed, collection: Option<&str>) -> bool {
        let writes = deed != Deed::Read;
        self.0.iter().any(|scope| {
            scope.writes == writes && scope.collection.as_deref().is_none_or(|only| Some(only) == collection)
        })
    }
}

impl Scope {
    /// The only collection that it is about, if it is about one.
    pub fn collection(&self) -> Option<&str> {
        self.collection.as_deref()
    }
}

impl FromStr for Scope {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        let (collection, deed) = match text.strip_prefix("collection:") {
            Some(rest) => {
                let (name, deed) = rest.rsplit_once(':').ok_or(InvalidScope)?;
                (Some(name.to_owned()), deed)
            }
            None => (None, text),
        };
        let writes = match deed {
            "read" => false,
            "write" => true,
            _ => return Err(InvalidScope),
        };
        Ok(Self { collection, writes })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let deed = if self.writes { "write" } else { "read" };
        match &self.collection {
            Some(name) => write!(f, "collection:{name}:{deed}"),
            None => f.write_str(deed),
        }
    }
}

/// Whether a role may be called so: a letter, then letters, digits, `_` and `-`, all in lower case.
pub fn is_role(name: &str) -> bool {
    let begins = name.starts_with(|first: char| first.is_ascii_lowercase());
    let rest = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'));
    begins && rest && name.len() <= ROLE_BYTES_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(scopes: &str) -> Caller {
        let account = Id::from_column(1).unwrap();
        Caller { scopes: Some(Scopes::of_text(scopes)), ..Caller::plain(account) }
    }

    #[test]
    fn a_key_may_what_its_scopes_say_and_no_more() {
        let may = |scopes: &str| {
            let caller = caller(scopes);
            let deeds = [
                (Deed::Read, "posts"),
                (Deed::Update, "posts"),
                (Deed::Read, "notes"),
                (Deed::Create, "notes"),
            ];
            deeds.map(|(deed, collection)| caller.may(deed, collection))
        };
        assert_eq!(may("read"), [true, false, true, false]);
        assert_eq!(may("write"), [false, true, false, true]);
        assert_eq!(may("collection:posts:read collection:notes:write"), [true, false, false, true]);
        assert_eq!(may(""), [false; 4]);
        assert_eq!(may("everything collection:posts"), [false; 4]);
        assert!(caller("read").may_read_account() && !caller("collection:posts:read").may_read_account());
        let account = Caller::plain(Id::from_column(1).unwrap());
        assert!(account.may(Deed::Delete, "posts") && account.may_read_account());
    }

    #[test]
    fn scopes_are_read_back_as_they_are_written() {
        for text in ["read", "write", "collection:posts:read", "collection:a_b:write"] {
            assert_eq!(text.parse::<Scope>().unwrap().to_string(), text);
        }
        for wrong in ["", "Read", "collection:posts", "collection:posts:own", "collection:read", "posts:read"]
        {
            assert_eq!(wrong.parse::<Scope>(), Err(InvalidScope), "{wrong}");
        }
    }

    #[test]
    fn roles_are_plain_words() {
        assert!(["editor", "a", "on-call_2"].into_iter().all(is_role));
        assert!(!["", "Editor", "2nd", "a b", "a,b", "é", &"a".repeat(33)].into_iter().any(is_role));
    }
}
