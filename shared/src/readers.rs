//! Who may read a stored answer of the authorised class: said by the origin with the answer, held by an edge against
//! each caller.

use std::fmt;
use std::str::FromStr;

use crate::ids::Id;
use crate::limits::READERS_MAX;

/// Everybody who may read an answer. As text: `signed-in`, or readers separated by commas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Whoever is signed in.
    SignedIn,
    /// These, at least one and at most [`READERS_MAX`].
    Listed(Box<[Reader]>),
}

/// One who may read: `account/ID` or `role/NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reader {
    /// An account.
    Account(Id),
    /// Whoever has a role.
    Role(Box<str>),
}

/// Text that names nobody who could be admitted. Nobody is, then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "readers are 'signed-in', or up to {READERS_MAX} of 'account/ID' and 'role/NAME', separated by commas"
)]
pub struct InvalidReaders;

impl Readers {
    /// One account alone.
    pub fn account(account: Id) -> Self {
        Self::Listed(Box::new([Reader::Account(account)]))
    }

    /// Whether an account with these roles is among them.
    pub fn admit(&self, account: Id, roles: &[String]) -> bool {
        match self {
            Self::SignedIn => true,
            Self::Listed(readers) => readers.iter().any(|reader| match reader {
                Reader::Account(reader) => *reader == account,
                Reader::Role(role) => roles.iter().any(|has| **has == **role),
            }),
        }
    }
}

impl FromStr for Readers {
    type Err = InvalidReaders;

    fn from_str(text: &str) -> Result<Self, InvalidReaders> {
        if text == "signed-in" {
            return Ok(Self::SignedIn);
        }
        let readers: Box<[Reader]> =
            text.split(',').take(READERS_MAX.saturating_add(1)).map(str::parse).collect::<Result<_, _>>()?;
        if readers.len() > READERS_MAX { Err(InvalidReaders) } else { Ok(Self::Listed(readers)) }
    }
}

impl FromStr for Reader {
    type Err = InvalidReaders;

    fn from_str(text: &str) -> Result<Self, InvalidReaders> {
        match text.trim().split_once('/') {
            Some(("account", id)) => id.parse().map(Self::Account).map_err(|_| InvalidReaders),
            Some(("role", name)) if !name.is_empty() => Ok(Self::Role(name.into())),
            _ => Err(InvalidReaders),
        }
    }
}

impl fmt::Display for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Listed(readers) = self else { return f.write_str("signed-in") };
        for (place, reader) in readers.iter().enumerate() {
            if place > 0 {
                f.write_str(",")?;
            }
            match reader {
                Reader::Account(account) => write!(f, "account/{account}")?,
                Reader::Role(role) => write!(f, "role/{role}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> Id {
        text.parse().unwrap()
    }

    #[test]
    fn only_those_who_are_named_are_admitted() {
        let (ada, bob) = (id("0000000000007"), id("0000000000008"));
        let editor = ["editor".to_owned()];
        let readers: Readers = "account/0000000000007, role/editor".parse().unwrap();
        assert!(readers.admit(ada, &[]) && readers.admit(bob, &editor));
        assert!(!readers.admit(bob, &[]) && !readers.admit(bob, &["edito".to_owned()]));
        assert!(Readers::SignedIn.admit(bob, &[]));
        assert!(!Readers::account(ada).admit(bob, &editor));
    }

    #[test]
    fn text_and_readers_are_the_same() {
        for text in ["signed-in", "account/0000000000007", "role/editor,account/0000000000007"] {
            assert_eq!(text.parse::<Readers>().unwrap().to_string(), text);
        }
        let many = vec!["role/a"; READERS_MAX + 1].join(",");
        for wrong in ["", ",", "everybody", "account/", "account/7", "role/", "signed-in,role/a", &many] {
            assert_eq!(wrong.parse::<Readers>(), Err(InvalidReaders), "{wrong}");
        }
    }
}
