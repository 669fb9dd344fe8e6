//! The credentials of a request: the bearer token of a program (RFC 6750 §2.1), or the cookie of a browser. Both tiers
//! find them here, so that no request is one person's at the edge and another's at the origin.

use std::fmt;

use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE};

/// The cookie that carries a browser's access token. `__Host-` makes browsers refuse one that is not `Secure`, has a
/// `Domain` or another path (RFC 6265bis §4.1.3.2), so that no other host can plant it.
pub const ACCESS_COOKIE: &str = "__Host-stepwell-access";
/// The cookie that carries a browser's refresh token.
pub const REFRESH_COOKIE: &str = "__Host-stepwell-refresh";
/// What every refresh token begins with, so that people and scanners for leaked secrets know one when they see it.
pub const REFRESH_TOKEN_PREFIX: &str = "swr_";
/// What every API key begins with. Edges cannot verify one: the origin looks it up.
pub const API_KEY_PREFIX: &str = "swk_";

/// What a request carries, not verified yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Credentials<'h> {
    /// Of `Authorization: Bearer …`.
    Bearer(&'h str),
    /// Of [`ACCESS_COOKIE`]: a browser sends it of its own accord, so that it does not say that anybody meant to.
    Cookie(&'h str),
}

/// Credentials that cannot be read as one token. They are never taken for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCredentials {
    /// `Authorization` twice, or the cookie twice: which of them counts would be anybody's guess.
    #[error("the credentials are sent twice; send them once")]
    Twice,
    /// `Authorization` of another scheme, or without a token.
    #[error("send the token as \"Authorization: Bearer …\"")]
    NotBearer,
}

impl<'h> Credentials<'h> {
    /// The token.
    pub const fn token(self) -> &'h str {
        match self {
            Self::Bearer(token) | Self::Cookie(token) => token,
        }
    }

    /// Whether a browser sent it of its own accord, so that a change that comes with it must pass
    /// [`crate::cross_site::check`].
    pub const fn is_cookie(self) -> bool {
        matches!(self, Self::Cookie(_))
    }

    /// Whether it is an API key, which the origin alone can verify.
    pub fn is_api_key(self) -> bool {
        matches!(self, Self::Bearer(token) if token.starts_with(API_KEY_PREFIX))
    }
}

/// Tokens stay out of logs.
impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_cookie() { "Cookie(…)" } else { "Bearer(…)" })
    }
}

/// The credentials of a request; `Authorization` goes before the cookie, since somebody wrote it on purpose.
pub fn of_request(headers: &HeaderMap) -> Result<Option<Credentials<'_>>, BadCredentials> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(cookie(headers, ACCESS_COOKIE)?.map(Credentials::Cookie)),
        (Some(value), None) => {
            let token = value.to_str().ok().and_then(bearer).ok_or(BadCredentials::NotBearer)?;
            Ok(Some(Credentials::Bearer(token)))
        }
        (Some(_), Some(_)) => Err(BadCredentials::Twice),
    }
}

/// The value of one cookie, which has a name of ours: `None` where it is not sent, or is empty, as a browser sends one
/// that was meant to go.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, BadCredentials> {
    // By bytes: a cookie of somebody else's may hold what is not ASCII, in the same line as ours.
    let pairs = headers.get_all(COOKIE).iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    let mut values = pairs.filter_map(|pair| {
        let (found, value) = std::str::from_utf8(pair).ok()?.split_once('=')?;
        (found.trim() == name).then(|| value.trim())
    });
    match (values.next(), values.next()) {
        (Some(_), Some(_)) => Err(BadCredentials::Twice),
        (value, _) => Ok(value.filter(|value| !value.is_empty())),
    }
}

/// The token of `Bearer TOKEN`; the scheme's name is compared without case (RFC 9110 §11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    fn headers(fields: &[(HeaderName, &str)]) -> HeaderMap {
        let field = |(name, value): &(HeaderName, &str)| {
            (name.clone(), HeaderValue::from_bytes(value.as_bytes()).unwrap())
        };
        fields.iter().map(field).collect()
    }

    #[test]
    fn a_token_is_found_in_either_place_and_what_is_written_goes_before_what_a_browser_adds() {
        let bearer = (AUTHORIZATION, "bearer  t.o.k");
        let cookie = (COOKIE, "a=ü; __Host-stepwell-access=c.o.o; b=c");
        let of = |fields: &[_]| {
            of_request(&headers(fields)).map(|found| found.map(|c| (c.token().to_owned(), c.is_cookie())))
        };
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(of(std::slice::from_ref(&bearer)), Ok(Some(("t.o.k".into(), false))));
        assert_eq!(of(std::slice::from_ref(&cookie)), Ok(Some(("c.o.o".into(), true))));
        assert_eq!(of(&[cookie, bearer]), Ok(Some(("t.o.k".into(), false))));
        for none in ["__Host-stepwell-access=", "__host-stepwell-access=x", "x__Host-stepwell-access=x", "a"]
        {
            assert_eq!(of(&[(COOKIE, none)]), Ok(None), "{none}");
        }
    }

    #[test]
    fn what_is_sent_twice_or_is_no_bearer_token_is_not_taken_for_none() {
        let of = |fields: &[_]| of_request(&headers(fields)).unwrap_err();
        let one = (AUTHORIZATION, "Bearer a");
        assert_eq!(of(&[one.clone(), one]), BadCredentials::Twice);
        let cookie = (COOKIE, "__Host-stepwell-access=a");
        assert_eq!(of(&[cookie.clone(), cookie]), BadCredentials::Twice);
        assert_eq!(
            of(&[(COOKIE, "__Host-stepwell-access=a; __Host-stepwell-access=b")]),
            BadCredentials::Twice
        );
        for wrong in ["", "Bearer", "Bearer ", "Basic eDp5", "eDp5", "Bearer\tx"] {
            assert_eq!(of(&[(AUTHORIZATION, wrong)]), BadCredentials::NotBearer, "{wrong}");
        }
    }

    #[test]
    fn a_key_is_known_by_its_prefix_and_no_token_is_shown() {
        assert!(Credentials::Bearer("swk_x").is_api_key());
        assert!(!Credentials::Bearer("x.y.z").is_api_key() && !Credentials::Cookie("swk_x").is_api_key());
        assert!(!format!("{:?}", Credentials::Bearer("secret")).contains("secret"));
    }

    proptest! {
        #[test]
        fn no_header_stops_the_reader(authorization in "\\PC{0,40}", cookie in "\\PC{0,60}") {
            let _ = of_request(&headers(&[(AUTHORIZATION, &authorization), (COOKIE, &cookie)]));
            let _ = of_request(&headers(&[(COOKIE, &cookie)]));
        }
    }
}
