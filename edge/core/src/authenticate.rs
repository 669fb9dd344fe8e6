//! Who asks: the access token, verified with public keys alone.

use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use stepwell_shared::bookmark::Position;
use stepwell_shared::claims::{self, Claims, KeySet};
use stepwell_shared::problem::{Code, Problem};
use stepwell_shared::tags::TagHash;
use stepwell_shared::time::Timestamp;

use crate::cache::purge_log::{PurgeLog, Standing};

/// A verified caller.
#[derive(Clone, Debug)]
pub struct Caller {
    /// What the token says.
    pub claims: Arc<Claims>,
    /// The token itself, for the origin to verify again.
    pub token: Box<str>,
    /// Whether the edge knows that nothing has revoked the token. Else it is the origin's to say.
    pub is_current: bool,
}

impl Caller {
    /// The roles that the token gives its account.
    pub fn roles(&self) -> &[String] {
        self.claims.roles.as_slice()
    }
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

/// Verifies bearer tokens of one deployment.
#[derive(Clone, Debug)]
pub struct Authenticator {
    /// The keys whose tokens are accepted.
    pub keys: KeySet,
    /// The deployment's name, as `aud` says it.
    pub audience: String,
}

impl Authenticator {
    /// The caller, or `None` when the request carries no credentials.
    ///
    /// # Errors
    /// [`Code::Unauthenticated`] for credentials that do not verify or were revoked: they are never taken for none. The
    /// problem does not tell which check failed.
    pub fn caller(
        &self,
        headers: &HeaderMap,
        memory: &impl TokenMemory,
        revocations: &impl Revocations,
        now: Timestamp,
    ) -> Result<Option<Caller>, Problem> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let Some(value) = values.next() else { return Ok(None) };
        let refused =
            || Problem::new(Code::Unauthenticated, "the access token is not valid; log in for a new one");
        if values.next().is_some() {
            return Err(refused());
        }
        let token = value.to_str().ok().and_then(bearer).ok_or_else(refused)?;
        let claims = match memory.recall(token) {
            Some(claims) => {
                claims.check_time(now).map_err(|_| refused())?;
                claims
            }
            None => {
                let claims = claims::verify(token, &self.keys, &self.audience, now).map_err(|_| refused())?;
                let claims = Arc::new(claims);
                memory.remember(token, &claims);
                claims
            }
        };
        // A token that does not say when it was issued is older than any revocation.
        let position = claims.pos.parse().map_err(|_| refused())?;
        let is_current = match revocations.standing(position, &claims.revocable_by(), now) {
            Standing::Current => true,
            Standing::Unknown => false,
            Standing::Purged => return Err(refused()),
        };
        Ok(Some(Caller { claims, token: token.into(), is_current }))
    }
}

/// The token of `Bearer TOKEN`; the scheme's name is compared without case (RFC 9110 §11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_start_matches(' '))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn credentials_that_do_not_verify_are_not_taken_for_none() {
        let authenticator = Authenticator { keys: KeySet::default(), audience: "here".into() };
        let now = Timestamp::from_ms(0);
        let mut headers = HeaderMap::new();
        assert!(authenticator.caller(&headers, &NoMemory, &PurgeLog::new(1, 1, 1), now).unwrap().is_none());
        for value in ["Bearer x.y.z", "Basic eDp5", "", "Bearer"] {
            headers.insert(AUTHORIZATION, HeaderValue::from_static(value));
            assert_eq!(
                authenticator.caller(&headers, &NoMemory, &PurgeLog::new(1, 1, 1), now).unwrap_err().code,
                Code::Unauthenticated,
                "{value}"
            );
        }
    }
}
