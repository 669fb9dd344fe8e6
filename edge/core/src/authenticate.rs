//! Who asks: the access token, verified with public keys alone.

use std::sync::Arc;

use http::HeaderMap;
use stepwell_shared::bookmark::Position;
use stepwell_shared::claims::{self, Claims, KeySet};
use stepwell_shared::credentials::{self, Credentials};
use stepwell_shared::problem::{Code, Problem};
use stepwell_shared::tags::TagHash;
use stepwell_shared::time::Timestamp;

use crate::cache::entry::Entry;
use crate::cache::purge_log::{PurgeLog, Standing};

/// Who sent a request, as far as its credentials tell an edge.
#[derive(Clone, Debug)]
pub enum Sender {
    /// Somebody whose token verified.
    Caller(Caller),
    /// Whoever sends this API key. It is the origin's to look up: nothing is known of it here, not even whether it counts.
    ApiKey(Box<str>),
}

/// A verified caller.
#[derive(Clone, Debug)]
pub struct Caller {
    /// What the token says.
    pub claims: Arc<Claims>,
    /// The token itself, for the origin to verify again.
    pub token: Box<str>,
    /// Where the log stood when the token was issued: what it says of its account holds since then.
    pub position: Position,
    /// Whether the edge knows that nothing has revoked the token. Else it is the origin's to say.
    pub is_current: bool,
}

impl Caller {
    /// The roles that the token gives its account.
    pub fn roles(&self) -> &[String] {
        self.claims.roles.as_slice()
    }
}

/// Whether a caller may read a stored entry. A private one is nobody's who is not known.
pub fn may_read(caller: Option<&Caller>, entry: &Entry) -> bool {
    let Some(readers) = &entry.readers else { return true };
    caller.is_some_and(|caller| readers.admit(caller.claims.sub, caller.roles()))
}

/// What a host remembers of verified tokens, so that a signature is checked once and not at each request. Only the
/// time of a token changes its verdict, and that is checked again each time.
pub trait TokenMemory {
    /// The claims of a token that verified before.
    fn recall(&self, token: &str) -> Option<Arc<Claims>>;
    /// A token has verified.
    fn remember(&self, token: &str, claims: &Arc<Claims>);
}

/// What a host knows of revocations: its copy of the purge log.
pub trait Revocations {
    /// Whether a token that was issued at `position` stands: no later purge has named one of `tags`.
    fn standing(&self, position: Position, tags: &[TagHash], now: Timestamp) -> Standing;
}

impl Revocations for PurgeLog {
    fn standing(&self, position: Position, tags: &[TagHash], now: Timestamp) -> Standing {
        if self.is_silent(now) { Standing::Unknown } else { self.token_standing(position, tags) }
    }
}

/// For hosts that keep nothing between requests.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMemory;

impl TokenMemory for NoMemory {
    fn recall(&self, _: &str) -> Option<Arc<Claims>> {
        None
    }
    fn remember(&self, _: &str, _: &Arc<Claims>) {}
}

/// Verifies access tokens of one deployment.
#[derive(Clone, Debug)]
pub struct Authenticator {
    /// The keys whose tokens are accepted.
    pub keys: KeySet,
    /// The deployment's name, as `aud` says it.
    pub audience: String,
}

impl Authenticator {
    /// Who sent a request, or `None` when it carries no credentials.
    ///
    /// A browser sends a cookie of its own accord, also one that has expired, and also with the very request that would
    /// renew it: one that does not verify is as good as none, and the origin refuses it where it matters. An API key is
    /// the origin's to look up; whoever sends one is let through to it, and to nothing that is stored.
    ///
    /// # Errors
    /// [`Code::Unauthenticated`] for a bearer token that does not verify or was revoked, and for credentials that are
    /// sent twice: they are never taken for none. The problem does not tell which check failed.
    pub fn sender(
        &self,
        headers: &HeaderMap,
        memory: &impl TokenMemory,
        revocations: &impl Revocations,
        now: Timestamp,
    ) -> Result<Option<Sender>, Problem> {
        let found = credentials::of_request(headers)
            .map_err(|bad| Problem::new(Code::Unauthenticated, bad.to_string()))?;
        match found {
            None => Ok(None),
            Some(key) if key.is_api_key() => Ok(Some(Sender::ApiKey(key.token().into()))),
            Some(cookie @ Credentials::Cookie(_)) => {
                Ok(self.verified(cookie.token(), memory, revocations, now).ok().map(Sender::Caller))
            }
            Some(Credentials::Bearer(token)) => {
                let caller = self.verified(token, memory, revocations, now).map_err(|Refused| {
                    Problem::new(Code::Unauthenticated, "the access token is not valid; log in for a new one")
                })?;
                Ok(Some(Sender::Caller(caller)))
            }
        }
    }

    fn verified(
        &self,
        token: &str,
        memory: &impl TokenMemory,
        revocations: &impl Revocations,
        now: Timestamp,
    ) -> Result<Caller, Refused> {
        let claims = if let Some(claims) = memory.recall(token) {
            claims.check_time(now).map_err(|_| Refused)?;
            claims
        } else {
            let claims = claims::verify(token, &self.keys, &self.audience, now).map_err(|_| Refused)?;
            let claims = Arc::new(claims);
            memory.remember(token, &claims);
            claims
        };
        // A token that does not say when it was issued is older than any revocation.
        let position: Position = claims.pos.parse().map_err(|_| Refused)?;
        let is_current = match revocations.standing(position, &claims.revocable_by(), now) {
            Standing::Current => true,
            Standing::Unknown => false,
            Standing::Purged => return Err(Refused),
        };
        Ok(Caller { claims, token: token.into(), position, is_current })
    }
}

/// A token does not count, for whichever reason.
struct Refused;

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use http::header::{AUTHORIZATION, COOKIE};

    #[test]
    fn credentials_that_do_not_verify_are_not_taken_for_none() {
        let authenticator = Authenticator { keys: KeySet::default(), audience: "here".into() };
        let now = Timestamp::from_ms(0);
        let mut headers = HeaderMap::new();
        assert!(authenticator.sender(&headers, &NoMemory, &PurgeLog::new(1, 1, 1), now).unwrap().is_none());
        for value in ["Bearer x.y.z", "Basic eDp5", "", "Bearer"] {
            headers.insert(AUTHORIZATION, HeaderValue::from_static(value));
            assert_eq!(
                authenticator.sender(&headers, &NoMemory, &PurgeLog::new(1, 1, 1), now).unwrap_err().code,
                Code::Unauthenticated,
                "{value}"
            );
        }
    }
    #[test]
    fn a_cookie_that_does_not_verify_is_as_good_as_none_but_two_are_not() {
        let authenticator = Authenticator { keys: KeySet::default(), audience: "here".into() };
        let of = |cookies: &[&'static str]| {
            let headers = cookies.iter().map(|line| (COOKIE, HeaderValue::from_static(line))).collect();
            authenticator.sender(&headers, &NoMemory, &PurgeLog::new(1, 1, 1), Timestamp::from_ms(0))
        };
        assert!(of(&["__Host-stepwell-access=x.y.z"]).unwrap().is_none());
        let twice = of(&["__Host-stepwell-access=x.y.z", "__Host-stepwell-access=x.y.z"]);
        assert_eq!(twice.unwrap_err().code, Code::Unauthenticated);
    }

    #[test]
    fn a_key_is_the_origins_to_look_up_and_opens_nothing_that_is_stored() {
        let authenticator = Authenticator { keys: KeySet::default(), audience: "here".into() };
        let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static("Bearer swk_x"))]);
        let log = PurgeLog::new(1, 1, 1);
        let sender = authenticator.sender(&headers, &NoMemory, &log, Timestamp::from_ms(0)).unwrap().unwrap();
        assert!(matches!(sender, Sender::ApiKey(key) if &*key == "swk_x"));
    }
}
