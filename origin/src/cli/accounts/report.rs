//! What `stepwell accounts` says.

use std::fmt;

use serde::Serialize;
use stepwell_shared::api::accounts::ManagedAccount;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// An account was made.
    Created,
    /// Accounts are shown.
    Listed,
    /// One was shut out.
    Banned,
    /// One may sign in again.
    LetIn,
    /// One has other roles.
    Roles,
}

/// The accounts that a command was about.
#[derive(Serialize)]
pub struct Report {
    ok: bool,
    accounts: Vec<ManagedAccount>,
    #[serde(skip)]
    said: Said,
}

impl Report {
    /// About these accounts.
    pub fn new(said: Said, accounts: Vec<ManagedAccount>) -> Self {
        Self { ok: true, accounts, said }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.said {
            Said::Created => "Made the account:",
            Said::Listed if self.accounts.is_empty() => return f.write_str("There is no such account."),
            Said::Listed => "Accounts:",
            Said::Banned => "Shut out, everywhere within a second:",
            Said::LetIn => "May sign in again:",
            Said::Roles => "Has these roles from its next access token on:",
        };
        f.write_str(what)?;
        let width =
            self.accounts.iter().map(|one| one.account.email.chars().count()).max().unwrap_or_default();
        self.accounts.iter().try_for_each(|one| {
            let (account, roles) = (&one.account, one.account.roles.join(" "));
            let roles = if roles.is_empty() { "no roles" } else { &roles };
            write!(f, "\n  {}  {:width$}  {roles}", account.id, account.email)?;
            if let Some(banned) = &one.banned { write!(f, "  banned {banned}") } else { Ok(()) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stepwell_shared::api::accounts::Account;

    #[test]
    fn accounts_are_a_line_each() {
        let account = |email: &str, roles: &[&str], banned: Option<&str>| ManagedAccount {
            account: Account {
                id: "0000000000007".parse().unwrap(),
                email: email.into(),
                created: "2026-11-23T19:00:00.000Z".into(),
                roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            },
            banned: banned.map(str::to_owned),
            password_changed: None,
        };
        let accounts =
            vec![account("ada@example.org", &["editor"], None), account("b@c.de", &[], Some("then"))];
        let lines = Report::new(Said::Listed, accounts).to_string();
        assert_eq!(
            lines.lines().skip(1).collect::<Vec<_>>(),
            [
                "  0000000000007  ada@example.org  editor",
                "  0000000000007  b@c.de           no roles  banned then"
            ]
        );
        assert_eq!(Report::new(Said::Listed, Vec::new()).to_string(), "There is no such account.");
    }
}
