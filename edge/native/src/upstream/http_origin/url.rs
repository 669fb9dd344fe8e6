//! Where an origin is, as its operator writes it: `http://127.0.0.1:8080`, `https://example.com/shop`.

use std::fmt;
use std::str::FromStr;

use http::HeaderValue;
use http::uri::{Authority, PathAndQuery, Scheme, Uri};

/// An origin's place: scheme, host, port and a path in front of every target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginUrl {
    scheme: Scheme,
    authority: Authority,
    /// Empty, or begins with `/` and does not end with one.
    prefix: String,
}

/// What is wrong with the text of an origin's URL, and how it is mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadOriginUrl {
    /// No absolute URL.
    #[error(
        "this is no URL; write scheme, host and, where it is not the scheme's own, port: http://127.0.0.1:8080"
    )]
    Form,
    /// Neither `http` nor `https`.
    #[error("an origin is reached by http:// or https:// alone; begin the URL with one of them")]
    Scheme,
    /// A user or a password.
    #[error("credentials do not belong into an origin's URL; remove everything up to the `@`")]
    UserInfo,
    /// Port 0, or one that is no number of 16 bits.
    #[error("the port must be a number from 1 to 65535; correct it, or leave it out for the scheme's own")]
    Port,
    /// A query or a fragment.
    #[error(
        "an origin has no query and no fragment, each request brings its own; end the URL before the `?` or `#`"
    )]
    Query,
}

impl FromStr for OriginUrl {
    type Err = BadOriginUrl;

    fn from_str(text: &str) -> Result<Self, BadOriginUrl> {
        // A `Uri` would drop a fragment without a word.
        if text.contains(['?', '#']) {
            return Err(BadOriginUrl::Query);
        }
        let parts = text.parse::<Uri>().map_err(|_| BadOriginUrl::Form)?.into_parts();
        let authority = parts.authority.ok_or(BadOriginUrl::Form)?;
        let scheme = parts.scheme.ok_or(BadOriginUrl::Form)?;
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            return Err(BadOriginUrl::Scheme);
        }
        if authority.as_str().contains('@') {
            return Err(BadOriginUrl::UserInfo);
        }
        let port = authority.as_str().strip_prefix(authority.host()).unwrap_or_default();
        if !port.is_empty() && authority.port_u16().is_none_or(|port| port == 0) {
            return Err(BadOriginUrl::Port);
        }
        let path = parts.path_and_query.as_ref().map_or("", PathAndQuery::path);
        Ok(Self { scheme, authority, prefix: path.trim_end_matches('/').to_owned() })
    }
}

impl fmt::Display for OriginUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.prefix)
    }
}

impl OriginUrl {
    /// Whether the origin is reached over TLS.
    pub fn is_https(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// The origin's own `Host`: without a port that is the scheme's own (RFC 9110 §4.2).
    pub(super) fn host(&self) -> HeaderValue {
        let default = if self.is_https() { 443 } else { 80 };
        let authority = &self.authority;
        let named = if authority.port_u16() == Some(default) { authority.host() } else { authority.as_str() };
        // An authority consists of characters that a header may hold.
        HeaderValue::from_str(named).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    /// The absolute URI of a request's target: a path with query, or the `*` of `OPTIONS`, which has no place under a
    /// prefix and means the server as a whole (RFC 9110 §9.3.7).
    pub(super) fn absolute(&self, target: &Uri) -> Result<Uri, http::Error> {
        let asked = target.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
        let path = if self.prefix.is_empty() || asked == "*" {
            asked
        } else {
            let query = asked.query().map(|query| format!("?{query}")).unwrap_or_default();
            PathAndQuery::try_from(format!("{}{}{query}", self.prefix, asked.path()))?
        };
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(path)
            .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> OriginUrl {
        text.parse().unwrap()
    }

    #[test]
    fn a_url_is_a_place_and_nothing_more() {
        for (text, wrong) in [
            ("127.0.0.1:8080", BadOriginUrl::Form),
            ("/shop", BadOriginUrl::Form),
            ("http://", BadOriginUrl::Form),
            ("http://a b", BadOriginUrl::Form),
            ("", BadOriginUrl::Form),
            ("ftp://example.com", BadOriginUrl::Scheme),
            ("http://me:secret@example.com", BadOriginUrl::UserInfo),
            ("http://example.com:0", BadOriginUrl::Port),
            ("http://example.com:", BadOriginUrl::Port),
            ("http://example.com:99999", BadOriginUrl::Port),
            ("http://example.com/?a=1", BadOriginUrl::Query),
            ("http://example.com/#top", BadOriginUrl::Query),
        ] {
            assert_eq!(text.parse::<OriginUrl>(), Err(wrong), "{text}");
        }
    }

    #[test]
    fn what_is_written_comes_back_in_its_plain_form() {
        for (text, plain) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("HTTPS://example.com/", "https://example.com"),
            ("http://[::1]:81/shop//", "http://[::1]:81/shop"),
        ] {
            assert_eq!(url(text).to_string(), plain);
        }
    }

    #[test]
    fn the_hosts_own_name_says_only_an_unusual_port() {
        for (text, host) in [
            ("http://example.com", "example.com"),
            ("http://example.com:80", "example.com"),
            ("https://example.com:443/shop", "example.com"),
            ("https://example.com:80", "example.com:80"),
            ("http://[::1]:8080", "[::1]:8080"),
        ] {
            assert_eq!(url(text).host(), host, "{text}");
        }
    }

    #[test]
    fn targets_come_under_the_prefix_but_for_the_asterisk() {
        for (origin, target, absolute) in [
            ("http://h", "/a/b?c=%20", "http://h/a/b?c=%20"),
            ("http://h:81/shop/", "/a?b", "http://h:81/shop/a?b"),
            ("http://h/shop", "/", "http://h/shop/"),
            ("http://h/shop", "http://elsewhere?q", "http://h/shop/?q"),
        ] {
            assert_eq!(url(origin).absolute(&target.parse().unwrap()).unwrap(), absolute);
        }
        let whole = url("http://h/shop").absolute(&Uri::from_static("*")).unwrap();
        assert_eq!(whole.path(), "*");
    }
}
