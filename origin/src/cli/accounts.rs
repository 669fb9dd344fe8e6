//! `stepwell accounts`: what the operator does with accounts.

mod password;
mod report;

use std::path::PathBuf;

use clap::Subcommand;
use http::Method;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use stepwell_shared::api::accounts::{Account, AccountPage, ManagedAccount, Roles};
use stepwell_shared::ids::Id;
use url::Url;

use self::report::{Report, Said};
use super::service::Service;
use super::{ConfigOptions, Failure, Output, runtime};
use crate::domain::caller::is_role;

const EXAMPLES: &str = "\
It asks the running server, with the operator's token of the configuration. Passwords come from a prompt, from a file or
from standard input, never from the command line, which others on the machine can read.

Examples:
  stepwell accounts create --email ada@example.org --role operator
                                        asks for a password; the account may do what the operator may
  pass show ada | stepwell accounts create --email ada@example.org
                                        takes the password from another program
  stepwell accounts list                every account
  stepwell accounts ban bob@example.org shuts an account out, everywhere within a second
  stepwell accounts unban bob@example.org
  stepwell accounts roles ada@example.org editor chief
                                        gives it these roles instead of those that it has; without any, takes all";

/// Options of `stepwell accounts`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What to do with them.
    #[command(subcommand)]
    pub what: What,
}

/// Which server.
#[derive(Clone, Debug, clap::Args)]
pub struct At {
    /// Which project: its address and its operator's token.
    #[command(flatten)]
    pub config: ConfigOptions,
    /// The server; without it, the address of the configuration: server.listen, or operator.listen under TLS and without
    /// the role "edge".
    #[arg(long, value_name = "URL")]
    pub server: Option<Url>,
}

/// What to do with accounts.
#[derive(Clone, Debug, Subcommand)]
pub enum What {
    /// Make an account.
    Create {
        /// The address that it signs in with.
        #[arg(long, value_name = "ADDRESS")]
        email: String,
        /// A role; may be repeated. With "operator" it may do what the operator may.
        #[arg(long = "role", value_name = "ROLE", value_parser = role)]
        roles: Vec<String>,
        /// A file whose first line is the password; "-" is standard input.
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// Which server.
        #[command(flatten)]
        at: At,
    },
    /// Show accounts, or the one that has an address.
    List {
        /// Only the account that has this address.
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
        /// Which server.
        #[command(flatten)]
        at: At,
    },
    /// Shut an account out: its sessions end, its tokens and keys are refused.
    Ban {
        /// Its address or its id.
        #[arg(value_name = "ACCOUNT")]
        account: String,
        /// Which server.
        #[command(flatten)]
        at: At,
    },
    /// Let a banned account sign in again.
    Unban {
        /// Its address or its id.
        #[arg(value_name = "ACCOUNT")]
        account: String,
        /// Which server.
        #[command(flatten)]
        at: At,
    },
    /// Give an account roles instead of those that it has.
    Roles {
        /// Its address or its id.
        #[arg(value_name = "ACCOUNT")]
        account: String,
        /// The roles; none takes all.
        #[arg(value_name = "ROLE", value_parser = role)]
        roles: Vec<String>,
        /// Which server.
        #[command(flatten)]
        at: At,
    },
}

impl What {
    const fn at(&self) -> &At {
        match self {
            Self::Create { at, .. }
            | Self::List { at, .. }
            | Self::Ban { at, .. }
            | Self::Unban { at, .. }
            | Self::Roles { at, .. } => at,
        }
    }
}

/// What a sign-up sends.
#[derive(Serialize)]
struct NewAccount<'a> {
    email: &'a str,
    password: &'a str,
}

const NOTHING: Option<&()> = None;

/// Does it.
pub fn run(args: &Args, output: Output) -> Result<(), Failure> {
    let at = args.what.at();
    let service = Service::of(&at.config.load()?, at.server.as_ref())?;
    let report = runtime::block_on(1, report(&args.what, &service))?;
    output.report(&report);
    Ok(())
}

async fn report(what: &What, service: &Service) -> Result<Report, Failure> {
    let (said, accounts) = match what {
        What::Create { email, roles, password_file, .. } => {
            let password = password::read(password_file.as_deref())?;
            let new = NewAccount { email, password: password.expose_secret() };
            let made: Account = service.ask_as_anybody(Method::POST, "/v1/accounts", &new).await?;
            (Said::Created, vec![give_roles(service, made.id, roles).await?])
        }
        What::List { email: Some(email), .. } => (Said::Listed, find(service, email).await?),
        What::List { email: None, .. } => (Said::Listed, all(service).await?),
        What::Ban { account, .. } => {
            let id = resolve(service, account).await?;
            (Said::Banned, vec![service.ask(Method::POST, &format!("/v1/accounts/{id}/ban"), NOTHING).await?])
        }
        What::Unban { account, .. } => {
            let id = resolve(service, account).await?;
            let path = format!("/v1/accounts/{id}/ban");
            (Said::LetIn, vec![service.ask(Method::DELETE, &path, NOTHING).await?])
        }
        What::Roles { account, roles, .. } => {
            let id = resolve(service, account).await?;
            (Said::Roles, vec![give_roles(service, id, roles).await?])
        }
    };
    Ok(Report::new(said, accounts))
}

async fn give_roles(service: &Service, id: Id, roles: &[String]) -> Result<ManagedAccount, Failure> {
    let roles = Roles { roles: roles.to_vec() };
    service.ask(Method::PUT, &format!("/v1/accounts/{id}/roles"), Some(&roles)).await
}

/// The accounts that have an address: one at most.
async fn find(service: &Service, email: &str) -> Result<Vec<ManagedAccount>, Failure> {
    let query: String = url::form_urlencoded::byte_serialize(email.as_bytes()).collect();
    let page: AccountPage = service.ask(Method::GET, &format!("/v1/accounts?email={query}"), NOTHING).await?;
    Ok(page.items)
}

async fn all(service: &Service) -> Result<Vec<ManagedAccount>, Failure> {
    let mut accounts = Vec::new();
    let mut path = "/v1/accounts?limit=100".to_owned();
    loop {
        let page: AccountPage = service.ask(Method::GET, &path, NOTHING).await?;
        accounts.extend(page.items);
        let Some(next) = page.next else { return Ok(accounts) };
        path = format!("/v1/accounts?limit=100&after={next}");
    }
}

/// The id of an account that is named by its address or by its id.
async fn resolve(service: &Service, account: &str) -> Result<Id, Failure> {
    if let Ok(id) = account.parse() {
        return Ok(id);
    }
    let found = find(service, account).await?;
    found.first().map(|found| found.account.id).ok_or_else(|| {
        let fix = "`stepwell accounts list` shows every account with its address and its id";
        Failure::refused(format!("no account has the address {account}"), fix)
    })
}

fn role(text: &str) -> Result<String, String> {
    if is_role(text) {
        return Ok(text.to_owned());
    }
    Err("a role is a word in lower case of at most 32 letters, digits, \"_\" and \"-\", such as editor"
        .to_owned())
}
