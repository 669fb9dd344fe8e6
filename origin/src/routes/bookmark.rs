//! The bookmark of a request: what its caller has written or seen already.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::header::COOKIE;
use http::request::Parts;
use stepwell_shared::bookmark::Position;
use stepwell_shared::headers::{BOOKMARK, BOOKMARK_COOKIE};

/// From the header, else from the browser's cookie. One that cannot be read counts as none: it can only come from
/// whoever made it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bookmark(pub Option<Position>);

impl<S: Sync> FromRequestParts<S> for Bookmark {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(in_header(&parts.headers).or_else(|| in_cookie(&parts.headers))))
    }
}

fn in_header(headers: &HeaderMap) -> Option<Position> {
    headers.get(BOOKMARK)?.to_str().ok()?.parse().ok()
}

fn in_cookie(headers: &HeaderMap) -> Option<Position> {
    let cookies = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == BOOKMARK_COOKIE)?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue, Request};
    use stepwell_shared::bookmark::Epoch;

    async fn bookmark(headers: &[(HeaderName, &'static str)]) -> Option<Position> {
        let mut request = Request::new(());
        for (name, value) in headers {
            request.headers_mut().append(name, HeaderValue::from_static(value));
        }
        let Ok(Bookmark(found)) = Bookmark::from_request_parts(&mut request.into_parts().0, &()).await;
        found
    }

    #[tokio::test]
    async fn the_header_goes_before_the_cookie_and_nonsense_is_none() {
        let cookie = (COOKIE, "a=b; __Host-stepwell-bookmark=1-2; c=d");
        let at = |sequence| Some(Position { epoch: Epoch(1), sequence });
        assert_eq!(bookmark(std::slice::from_ref(&cookie)).await, at(2));
        assert_eq!(bookmark(&[(BOOKMARK, "1-3"), cookie.clone()]).await, at(3));
        assert_eq!(bookmark(&[(BOOKMARK, "yesterday"), cookie]).await, at(2));
        assert_eq!(bookmark(&[(BOOKMARK, "yesterday")]).await, None);
    }
}
