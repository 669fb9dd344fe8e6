//! Sessions, from the log-in that opens one to whatever ends it. What ends one purges in the same transaction, so that
//! access tokens die with it at every edge.

use http::HeaderMap;
use http::header::USER_AGENT;
use stepwell_shared::api::sessions::Carrier;
use stepwell_shared::ids::Id;
use stepwell_shared::tags::Tag;
use stepwell_shared::time::Timestamp;

use super::refresh::{RefreshToken, Verdict};
use crate::database::queries::accounts::{self, StoredAccount};
use crate::database::queries::sessions::{self, StoredSession};
use crate::database::{Error, Transaction};

/// Sessions of one account; beyond them, the one that was used longest ago ends. It bounds what an account can store,
/// and leaves a person's devices and scripts enough.
const SESSIONS_MAX: u32 = 50;
/// Bytes of a `User-Agent` that are kept: enough to tell one device from another in a list.
const USER_AGENT_BYTES_MAX: usize = 120;

/// The client that opens or renews a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// What carries its tokens.
    pub carrier: Carrier,
    /// What it calls itself.
    pub user_agent: String,
}

/// A session that has a token to hand out.
#[derive(Debug)]
pub struct Opened {
    /// Whose it is, as the account is now.
    pub account: StoredAccount,
    /// The session.
    pub session: StoredSession,
    /// Its current refresh token.
    pub token: RefreshToken,
}

/// What a refresh came to.
#[derive(Debug)]
pub enum Refreshed {
    /// The session goes on.
    Opened(Box<Opened>),
    /// The token had been replaced: the session has ended, and so have all access tokens of the account, which is this.
    Reused(Id),
    /// The token is none of a session that is open.
    Refused,
}

impl Client {
    /// The client of a request.
    pub fn of(headers: &HeaderMap, carrier: Carrier) -> Self {
        let text = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        // Visible ASCII, so that every byte is a place to cut at.
        let user_agent = text.get(..USER_AGENT_BYTES_MAX).unwrap_or(text).to_owned();
        Self { carrier, user_agent }
    }
}

/// Opens a session of `account` with `token` as its first one, to be renewed before `expires`.
pub async fn open(
    transaction: &mut Transaction,
    account: StoredAccount,
    client: Client,
    token: RefreshToken,
    now: Timestamp,
    expires: Timestamp,
) -> Result<Opened, Error> {
    let session = StoredSession {
        id: token.session,
        account: account.id,
        carrier: client.carrier,
        user_agent: client.user_agent,
        family: token.family(),
        created: now,
        last_used: now,
        expires,
    };
    for old in sessions::oldest_beyond(transaction, account.id, SESSIONS_MAX - 1).await? {
        end(transaction, account.id, old).await?;
    }
    sessions::insert(transaction, &session).await?;
    Ok(Opened { account, session, token })
}

/// Exchanges a refresh token for its successor, to be used before `expires`.
pub async fn refresh(
    transaction: &mut Transaction,
    token: &RefreshToken,
    client: Client,
    salt: &[u8],
    now: Timestamp,
    expires: Timestamp,
) -> Result<Refreshed, Error> {
    let Some(mut session) = sessions::find(transaction, token.session).await? else {
        return Ok(Refreshed::Refused);
    };
    // A token that was handed out as a cookie is good as a cookie alone: no script makes it a text that it can read.
    if session.expires <= now || session.carrier != client.carrier {
        return Ok(Refreshed::Refused);
    }
    let Some(account) = accounts::find(transaction, session.account).await? else {
        return Ok(Refreshed::Refused);
    };
    let next = match token.judge(&session.family, now) {
        Verdict::Foreign => return Ok(Refreshed::Refused),
        Verdict::Replaced => {
            end(transaction, account.id, session.id).await?;
            transaction.purge([Tag::account(account.id)]);
            return Ok(Refreshed::Reused(account.id));
        }
        Verdict::Repeated(next) => next,
        Verdict::Current => {
            let next = renew(&mut session, token, salt, now, expires);
            session.user_agent = client.user_agent;
            sessions::renew(transaction, &session).await?;
            next
        }
    };
    Ok(Refreshed::Opened(Box::new(Opened { account, session, token: next })))
}

/// Ends a session of an account, and with it the access tokens that belong to it. Returns whether there was one.
pub async fn end(transaction: &mut Transaction, account: Id, session: Id) -> Result<bool, Error> {
    let ended = sessions::end(transaction, account, session).await?;
    transaction.purge(ended.then(|| Tag::session(session)));
    Ok(ended)
}

/// Ends every session of an account but one, if it is named, and every access token, those of that one included.
pub async fn end_all(transaction: &mut Transaction, account: Id, but: Option<Id>) -> Result<(), Error> {
    sessions::end_all(transaction, account, but).await?;
    transaction.purge([Tag::account(account)]);
    Ok(())
}

/// Makes `token` the first of a new family in the session that it names, for a request that belongs to the session: its access token is
/// proof enough. Returns `None` where the session has ended.
pub async fn reopen(
    transaction: &mut Transaction,
    account: StoredAccount,
    token: RefreshToken,
    now: Timestamp,
    expires: Timestamp,
) -> Result<Option<Opened>, Error> {
    let Some(mut stored) = sessions::find(transaction, token.session).await? else { return Ok(None) };
    if stored.account != account.id || stored.expires <= now {
        return Ok(None);
    }
    // A new family in the same session: whatever token was out there is not even known any more.
    stored.family = token.family();
    stored.last_used = now.max(stored.last_used);
    stored.expires = expires.max(stored.expires);
    sessions::renew(transaction, &stored).await?;
    Ok(Some(Opened { account, session: stored, token }))
}

fn renew(
    session: &mut StoredSession,
    token: &RefreshToken,
    salt: &[u8],
    now: Timestamp,
    expires: Timestamp,
) -> RefreshToken {
    let (next, family) = token.rotate(salt, now);
    session.family = family;
    // Clocks step back; a session's times do not.
    session.last_used = now.max(session.last_used);
    session.expires = expires.max(session.expires);
    next
}
