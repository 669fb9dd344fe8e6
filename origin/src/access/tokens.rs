//! Access tokens: issued after a log-in, verified again at every request whatever an edge says.

use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::Cache;
use stepwell_shared::bookmark::Position;
use stepwell_shared::claims::{Claims, TokenError, verify};
use stepwell_shared::ids::Id;
use stepwell_shared::tags::TagHash;
use stepwell_shared::time::Timestamp;

use super::keys::Keys;
use super::revocations::Revocations;

/// Tokens that are remembered as verified, so that a signature is checked once; about 700 bytes each.
const REMEMBERED_MAX: usize = 4096;

/// Issues and verifies.
pub struct Tokens {
    keys: Keys,
    audience: String,
    lifetime: Duration,
    /// By the whole token: nothing shorter would tell a forged one apart.
    verified: Cache<Box<str>, Arc<Verified>>,
}

/// Whom a token is for, and what of it.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// The account.
    pub account: Id,
    /// The session.
    pub session: Id,
    /// The account's roles.
    pub roles: Vec<String>,
}

/// A token and how long it is good.
pub struct Issued {
    /// For `Authorization: Bearer …`.
    pub token: String,
    /// Seconds until it is refused.
    pub expires_in_s: u64,
}

/// Why a token is refused. Clients are told only that it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It does not verify.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Its account or its session was purged since.
    #[error("the token was revoked")]
    Revoked,
}

struct Verified {
    claims: Arc<Claims>,
    position: Position,
    revocable_by: Vec<TagHash>,
}

impl Tokens {
    /// Tokens of one deployment, its `audience`.
    pub fn new(keys: Keys, audience: String, lifetime: Duration) -> Self {
        Self { keys, audience, lifetime, verified: Cache::new(REMEMBERED_MAX) }
    }

    /// A token for an account. A purge of the account or of the session after `position` revokes it.
    pub fn issue(&self, bearer: Bearer, position: Position, now: Timestamp) -> Issued {
        let expires_in_s = self.lifetime.as_secs();
        let claims = Claims {
            aud: self.audience.clone(),
            sub: bearer.account,
            iat: now.as_secs(),
            exp: now.as_secs() + expires_in_s,
            pos: position.to_string(),
            sid: Some(bearer.session),
            roles: bearer.roles,
            scope: None,
        };
        Issued { token: self.keys.sign(&claims), expires_in_s }
    }

    /// What a token says, if it is one of ours, within its time and not revoked.
    pub fn verify(
        &self,
        token: &str,
        revocations: &Revocations,
        now: Timestamp,
    ) -> Result<Arc<Claims>, Refusal> {
        let verified = if let Some(verified) = self.verified.get(token) {
            verified.claims.check_time(now)?;
            verified
        } else {
            let claims = Arc::new(verify(token, self.keys.set(), &self.audience, now)?);
            let position = claims.pos.parse().map_err(|_| TokenError::Malformed)?;
            let verified = Arc::new(Verified { position, revocable_by: claims.revocable_by(), claims });
            self.verified.insert(token.into(), Arc::clone(&verified));
            verified
        };
        let stands = revocations.stands(verified.position, &verified.revocable_by);
        if stands { Ok(Arc::clone(&verified.claims)) } else { Err(Refusal::Revoked) }
    }

    /// When the oldest token that may still be good was issued.
    pub fn oldest(&self, now: Timestamp) -> Timestamp {
        let lifetime_ms = u64::try_from(self.lifetime.as_millis()).unwrap_or(u64::MAX);
        Timestamp::from_ms(now.as_ms().saturating_sub(lifetime_ms))
    }

    /// The deployment's name: whom tokens are for.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// The keys.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::SigningKey;
    use std::path::Path;
    use stepwell_shared::api::purges::Purge;
    use stepwell_shared::bookmark::Epoch;
    use stepwell_shared::tags::Tag;

    const NOW: Timestamp = Timestamp::from_ms(1_800_000_000_000);
    const AT: Position = Position { epoch: Epoch(1), sequence: 4 };

    fn tokens(audience: &str) -> Tokens {
        let keys = Keys::open(Path::new("unused"), Some(&SigningKey::from_bytes(&[7; 32])), NOW).unwrap();
        Tokens::new(keys, audience.into(), Duration::from_mins(15))
    }

    fn bearer() -> Bearer {
        let id = |number| Id::from_column(number).unwrap();
        Bearer { account: id(7), session: id(8), roles: vec!["editor".into()] }
    }

    #[test]
    fn a_remembered_token_expires_all_the_same() {
        let (tokens, nothing) = (tokens("here"), Revocations::new(AT.epoch, 0));
        let issued = tokens.issue(bearer(), AT, NOW);
        assert_eq!(issued.expires_in_s, 900);
        for _ in 0..2 {
            let claims = tokens.verify(&issued.token, &nothing, NOW).unwrap();
            assert_eq!((claims.sub, claims.sid), (bearer().account, Some(bearer().session)));
            assert_eq!(claims.roles, bearer().roles);
        }
        let expired = tokens.verify(&issued.token, &nothing, NOW.plus_ms(900_000));
        assert_eq!(expired, Err(TokenError::Expired.into()));
    }

    #[test]
    fn a_remembered_token_is_revoked_all_the_same() {
        for tag in [Tag::account(bearer().account), Tag::session(bearer().session)] {
            let (tokens, revocations) = (tokens("here"), Revocations::new(AT.epoch, 0));
            let issued = tokens.issue(bearer(), AT, NOW);
            assert!(tokens.verify(&issued.token, &revocations, NOW).is_ok());
            revocations.note(&[Purge::of(AT.sequence + 1, [tag.as_str()].into_iter())]);
            assert_eq!(tokens.verify(&issued.token, &revocations, NOW), Err(Refusal::Revoked), "{tag}");
        }
    }

    #[test]
    fn a_token_of_another_deployment_is_refused_and_not_remembered() {
        let foreign = tokens("elsewhere").issue(bearer(), AT, NOW);
        let (tokens, nothing) = (tokens("here"), Revocations::new(AT.epoch, 0));
        for _ in 0..2 {
            let refused = tokens.verify(&foreign.token, &nothing, NOW);
            assert_eq!(refused, Err(TokenError::WrongAudience.into()));
        }
    }
}
