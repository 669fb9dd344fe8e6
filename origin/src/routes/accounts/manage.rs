//! What the operator does with accounts: finding, banning, giving roles.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use serde::Serialize;
use stepwell_shared::api::accounts::{AccountPage, ManagedAccount, Roles};
use stepwell_shared::ids::Id;
use stepwell_shared::limits::{PAGE_RECORDS_DEFAULT, PAGE_RECORDS_MAX};
use stepwell_shared::problem::{Code, Problem};
use stepwell_shared::tags::Tag;
use stepwell_shared::time::Timestamp;
use url::form_urlencoded;

use super::credentials::wrong;
use super::shown;
use crate::access::email::Email;
use crate::access::sessions;
use crate::app::App;
use crate::audit::{self, Actor, Trail, What};
use crate::database::queries::accounts::{self, StoredAccount};
use crate::database::{Error, Transaction};
use crate::domain::caller::is_role;
use crate::domain::datetime;
use crate::routes::answer;
use crate::routes::body::Json;
use crate::routes::bookmark::Bookmark;
use crate::routes::caller::Operator;
use crate::routes::refused::Refused;

/// Roles of one account: they stand in each of its tokens.
const ROLES_MAX: usize = 16;

/// The query of a list.
struct Query {
    email: Option<String>,
    after: Option<Id>,
    limit: usize,
}

/// What the operator changes of an account.
enum Change {
    Ban,
    Unban,
    Roles(Vec<String>),
}

/// `GET /v1/accounts`: 200 with a page of accounts, or with the one that has an address.
pub async fn list(
    State(app): State<Arc<App>>,
    _: Operator,
    RawQuery(query): RawQuery,
    Bookmark(bookmark): Bookmark,
) -> Result<Response, Refused> {
    let query = Query::read(query.as_deref().unwrap_or_default())?;
    let mut read = app.database.replicas.read(bookmark).await?;
    let page = if let Some(email) = query.email {
        let found = match Email::parse(&email) {
            Ok(email) => accounts::find_by_email(&mut read, &email).await?,
            Err(_) => None,
        };
        AccountPage { items: found.into_iter().map(|(account, _)| managed(account)).collect(), next: None }
    } else {
        // One more says whether there are others behind.
        let most = u32::try_from(query.limit + 1).unwrap_or(u32::MAX);
        let mut found = accounts::list(&mut read, query.after, most).await?;
        let more = found.len() > query.limit;
        found.truncate(query.limit);
        let next = found.last().filter(|_| more).map(|account| account.id);
        AccountPage { items: found.into_iter().map(managed).collect(), next }
    };
    Ok(answer::private(StatusCode::OK, json(&page)?))
}

/// `POST /v1/accounts/{id}/ban`: 200 with the account, which is shut out from now on.
pub async fn ban(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    operator: Operator,
    trail: Trail,
) -> Result<Response, Refused> {
    change(&app, &id, Change::Ban, operator, trail).await
}

/// `DELETE /v1/accounts/{id}/ban`: 200 with the account, which may sign in again.
pub async fn unban(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    operator: Operator,
    trail: Trail,
) -> Result<Response, Refused> {
    change(&app, &id, Change::Unban, operator, trail).await
}

/// `PUT /v1/accounts/{id}/roles`: 200 with the account. Its access tokens say the roles that it had, so that they are
/// refused from now on; a refresh gets one that says the new ones.
pub async fn set_roles(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    operator: Operator,
    trail: Trail,
    Json(Roles { mut roles }): Json<Roles>,
) -> Result<Response, Refused> {
    check(&roles)?;
    roles.sort_unstable();
    roles.dedup();
    change(&app, &id, Change::Roles(roles), operator, trail).await
}

/// Changes an account in one transaction, and answers with what it is then.
async fn change(
    app: &App,
    id: &str,
    change: Change,
    operator: Operator,
    trail: Trail,
) -> Result<Response, Refused> {
    let id: Id = id.parse().map_err(|_| no_such_account())?;
    let now = app.clock.now();
    let changing = app.database.primary.write::<_, Refused, _>(move |tx| {
        Box::pin(async move {
            let account = accounts::find(tx, id).await?.ok_or_else(no_such_account)?;
            if let Some((what, detail)) = change.noted(&account) {
                let row = audit::Change::new(now, what, Actor::Operator(operator.account), trail);
                row.to(id).with(detail).write(tx).await?;
            }
            change.make(tx, &account, now).await?;
            accounts::find(tx, id).await?.ok_or_else(no_such_account)
        })
    });
    let changed = changing.await?;
    Ok(answer::written(StatusCode::OK, json(&managed(changed.value))?, changed.position))
}

impl Change {
    /// What the audit log says of it; nothing where it changes nothing.
    fn noted(&self, account: &StoredAccount) -> Option<(What, String)> {
        match self {
            Self::Ban => account.banned_at.is_none().then(|| (What::AccountBanned, String::new())),
            Self::Unban => account.banned_at.is_some().then(|| (What::AccountUnbanned, String::new())),
            Self::Roles(roles) => (*roles != account.roles).then(|| (What::RolesSet, roles.join(" "))),
        }
    }

    async fn make(self, tx: &mut Transaction, account: &StoredAccount, now: Timestamp) -> Result<(), Error> {
        match self {
            Self::Ban => {
                // The first ban's time stays.
                accounts::set_banned(tx, account.id, Some(account.banned_at.unwrap_or(now))).await?;
                sessions::end_all(tx, account.id, None).await
            }
            Self::Unban => accounts::set_banned(tx, account.id, None).await.map(drop),
            Self::Roles(roles) if roles == account.roles => Ok(()),
            Self::Roles(roles) => {
                accounts::set_roles(tx, account.id, &roles).await?;
                tx.purge([Tag::account(account.id)]);
                Ok(())
            }
        }
    }
}

fn check(roles: &[String]) -> Result<(), Problem> {
    let wrong_role = |(place, role): (usize, &String)| {
        let detail = "must be a word in lower case of at most 32 letters, digits, \"_\" and \"-\"".to_owned();
        (!is_role(role)).then(|| wrong(&format!("/roles/{place}"), "format", detail))
    };
    let mut errors: Vec<_> = roles.iter().take(ROLES_MAX).enumerate().filter_map(wrong_role).collect();
    if roles.len() > ROLES_MAX {
        errors.push(wrong("/roles", "max", format!("an account has at most {ROLES_MAX} roles")));
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}

impl Query {
    fn read(query: &str) -> Result<Self, Problem> {
        let bad = |detail: &str| Problem::new(Code::BadParameter, detail);
        let mut read = Self { email: None, after: None, limit: PAGE_RECORDS_DEFAULT };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "email" => read.email = Some(value.into_owned()),
                "after" => {
                    let after =
                        value.parse().map_err(|_| bad("after: send the \"next\" of the page before"))?;
                    read.after = Some(after);
                }
                "limit" => {
                    let limit = value.parse().ok().filter(|limit| (1..=PAGE_RECORDS_MAX).contains(limit));
                    let detail = format!("limit: must be from 1 to {PAGE_RECORDS_MAX}");
                    read.limit = limit.ok_or_else(|| bad(&detail))?;
                }
                _ => return Err(bad("known are: after, email, limit")),
            }
        }
        Ok(read)
    }
}

fn managed(account: StoredAccount) -> ManagedAccount {
    let text = |at: Timestamp| datetime::to_text(at.as_ms().cast_signed());
    let (banned, password_changed) = (account.banned_at.map(text), account.password_changed_at.map(text));
    ManagedAccount { account: shown(account), banned, password_changed }
}

fn no_such_account() -> Refused {
    Refused::new(Code::NotFound, "there is no account of that id")
}

fn json(body: &impl Serialize) -> Result<Vec<u8>, Refused> {
    serde_json::to_vec(body).map_err(|error| Refused::internal(&error))
}
