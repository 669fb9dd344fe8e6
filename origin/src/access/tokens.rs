//! Access tokens: issued after a log-in, verified again at every request whatever an edge says.

use std::time::Duration;

use quick_cache::sync::Cache;
use stepwell_shared::bookmark::Position;
use stepwell_shared::claims::{Claims, TokenError, verify};
use stepwell_shared::ids::Id;
use stepwell_shared::time::Timestamp;

use super::keys::Keys;

/// Tokens that are remembered as verified, so that a signature is checked once; about 600 bytes each.
const REMEMBERED_MAX: usize = 4096;

/// Issues and verifies.
pub struct Tokens {
    keys: Keys,
    audience: String,
    lifetime: Duration,
    /// By the whole token: nothing shorter would tell a forged one apart.
    verified: Cache<Box<str>, Claims>,
}

/// A token and how long it is good.
pub struct Issued {
    /// For `Authorization: Bearer …`.
    pub token: String,
    /// Seconds until it is refused.
    pub expires_in_s: u64,
}

impl Tokens {
    /// Tokens of one deployment, its `audience`.
    pub fn new(keys: Keys, audience: String, lifetime: Duration) -> Self {
        Self { keys, audience, lifetime, verified: Cache::new(REMEMBERED_MAX) }
    }

    /// A token for an account. A purge of the account after `position` revokes it.
    pub fn issue(&self, account: Id, position: Position, now: Timestamp) -> Issued {
        let expires_in_s = self.lifetime.as_secs();
        let claims = Claims {
            aud: self.audience.clone(),
            sub: account,
            iat: now.as_secs(),
            exp: now.as_secs() + expires_in_s,
            pos: position.to_string(),
            sid: None,
            roles: Vec::new(),
            scope: None,
        };
        Issued { token: self.keys.sign(&claims), expires_in_s }
    }

    /// What a token says, if it is one of ours and within its time.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, TokenError> {
        if let Some(claims) = self.verified.get(token) {
            return claims.check_time(now).map(|()| claims);
        }
        let claims = verify(token, self.keys.set(), &self.audience, now)?;
        self.verified.insert(token.into(), claims.clone());
        Ok(claims)
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

    const NOW: Timestamp = Timestamp::from_ms(1_800_000_000_000);

    fn tokens(audience: &str) -> Tokens {
        let keys = Keys::open(Path::new("unused"), Some(&SigningKey::from_bytes(&[7; 32]))).unwrap();
        Tokens::new(keys, audience.into(), Duration::from_mins(15))
    }

    #[test]
    fn a_remembered_token_expires_all_the_same() {
        let tokens = tokens("here");
        let account = Id::from_column(7).unwrap();
        let issued = tokens.issue(account, Position::default(), NOW);
        assert_eq!(issued.expires_in_s, 900);
        for _ in 0..2 {
            assert_eq!(tokens.verify(&issued.token, NOW).unwrap().sub, account);
        }
        assert_eq!(tokens.verify(&issued.token, NOW.plus_ms(900_000)), Err(TokenError::Expired));
    }

    #[test]
    fn a_token_of_another_deployment_is_refused_and_not_remembered() {
        let foreign = tokens("elsewhere").issue(Id::from_column(7).unwrap(), Position::default(), NOW);
        let tokens = tokens("here");
        for _ in 0..2 {
            assert_eq!(tokens.verify(&foreign.token, NOW), Err(TokenError::WrongAudience));
        }
    }
}
