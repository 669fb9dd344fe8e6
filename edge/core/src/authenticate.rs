//! Who asks: the access token, verified with public keys alone.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use stepwell_shared::claims::{self, Claims, KeySet};
use stepwell_shared::ids::Id;
use stepwell_shared::problem::{Code, Problem};
use stepwell_shared::time::Timestamp;

/// A verified caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: Id,
}

/// What a host remembers of verified tokens, so that a signature is checked once and not at each request. Only the
/// time of a token changes its verdict, and that is checked again each time.
pub trait TokenMemory {
    /// The claims of a token that verified before.
    fn recall(&self, token: &str) -> Option<Claims>;
    /// A token has verified.
    fn remember(&self, token: &str, claims: &Claims);
}

/// For hosts that keep nothing between requests.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMemory;

impl TokenMemory for NoMemory {
    fn recall(&self, _: &str) -> Option<Claims> {
        None
    }
    fn remember(&self, _: &str, _: &Claims) {}
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
    /// [`Code::Unauthenticated`] for credentials that do not verify: they are never taken for none. The problem does
    /// not tell which check failed.
    pub fn caller(
        &self,
        headers: &HeaderMap,
        memory: &impl TokenMemory,
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
        if let Some(claims) = memory.recall(token) {
            claims.check_time(now).map_err(|_| refused())?;
            return Ok(Some(Caller { account: claims.sub }));
        }
        let claims = claims::verify(token, &self.keys, &self.audience, now).map_err(|_| refused())?;
        memory.remember(token, &claims);
        Ok(Some(Caller { account: claims.sub }))
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
        assert_eq!(authenticator.caller(&headers, &NoMemory, now), Ok(None));
        for value in ["Bearer x.y.z", "Basic eDp5", "", "Bearer"] {
            headers.insert(AUTHORIZATION, HeaderValue::from_static(value));
            assert_eq!(
                authenticator.caller(&headers, &NoMemory, now).unwrap_err().code,
                Code::Unauthenticated,
                "{value}"
            );
        }
    }
}
