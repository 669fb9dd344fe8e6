//! Whether a browser's request was made by a page of another site: a change that comes with cookies alone must not be.
//!
//! Browsers say where a request comes from in `Sec-Fetch-Site` (W3C Fetch Metadata), which no script can set; those from
//! before 2023 say at least `Origin` (RFC 6454 §7) with every request that changes something. A request that carries
//! cookies and says neither is no browser's of today, and is refused.

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use crate::problem::{Code, Problem};

/// Where the page that made the request stands to the site that gets it.
pub const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A request that another site's page may have made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrossSite;

impl From<CrossSite> for Problem {
    fn from(_: CrossSite) -> Self {
        let how = "a change that comes with cookies must come from a page of this site, or of one of \
            access.trusted_origins; programs send \"Authorization: Bearer …\"";
        Self::new(Code::CrossSite, how)
    }
}

/// Whether a request that authenticates by cookie may do what its method says.
///
/// Reads may: their answers are not shown to other sites' pages. Changes may where the browser says that the page is of
/// this very origin, or that a person asked for it (`none`); or where `Origin` is one of `trusted`
/// (`https://app.example.com`), or, in a browser without Fetch Metadata, names the host that is asked.
pub fn check(method: &Method, uri: &Uri, headers: &HeaderMap, trusted: &[String]) -> Result<(), CrossSite> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let origin = only(headers, &ORIGIN)?;
    let is_trusted = |origin: &str| trusted.iter().any(|one| one.eq_ignore_ascii_case(origin));
    if origin.is_some_and(is_trusted) {
        return Ok(());
    }
    let passes = match only(headers, &SEC_FETCH_SITE)? {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => origin.is_some_and(|origin| names_host(origin, uri, headers)),
    };
    if passes { Ok(()) } else { Err(CrossSite) }
}

/// Whether an origin is of the host that is asked. The scheme is not compared: behind a balancer that ends TLS nobody
/// here knows the client's.
fn names_host(origin: &str, uri: &Uri, headers: &HeaderMap) -> bool {
    let host = match uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => only(headers, &HOST).ok().flatten(),
    };
    let of_origin = origin.split_once("://").map(|(_, authority)| authority);
    matches!((of_origin, host), (Some(one), Some(other)) if one.eq_ignore_ascii_case(other))
}

/// The value of a field that must not come twice.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, CrossSite> {
    let mut values = headers.get_all(name).iter();
    let value: Option<&HeaderValue> = values.next();
    if values.next().is_some() {
        return Err(CrossSite);
    }
    value.map(HeaderValue::to_str).transpose().map_err(|_| CrossSite)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes_as(method: &Method, target: &str, fields: &[(&str, &str)]) -> bool {
        let headers = fields.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let headers: HeaderMap = headers.collect();
        let trusted = ["https://app.example.com".to_owned()];
        check(method, &target.parse().unwrap(), &headers, &trusted).is_ok()
    }

    #[test]
    fn a_page_of_this_origin_may_change_things_and_others_may_not() {
        let ours = ("host", "example.com:8080");
        let table: [(&[(&str, &str)], bool); 17] = [
            // Fetch Metadata decides where there is any.
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "Same-Origin")], false),
            (&[("sec-fetch-site", "")], false),
            (&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "same-origin")], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "http://example.com:8080")], false),
            // A trusted origin may, whatever site it is of.
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://app.example.com")], true),
            (&[("origin", "https://app.example.com")], true),
            (&[("origin", "https://app.example.com.evil.org")], false),
            (&[("origin", "https://app.example.com"), ("origin", "https://app.example.com")], false),
            // Without Fetch Metadata, the origin's host must be the one that is asked.
            (&[("origin", "http://Example.com:8080")], true),
            (&[("origin", "http://example.com")], false),
            (&[("origin", "null")], false),
            (&[("origin", "https://evil.org")], false),
            // Neither: no browser of today, so nobody who needs cookies.
            (&[], false),
        ];
        for (fields, expected) in table {
            let fields: Vec<_> = fields.iter().copied().chain([ours]).collect();
            for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                assert_eq!(passes_as(&method, "/x", &fields), expected, "{fields:?}");
            }
            assert!(passes_as(&Method::GET, "/x", &fields) && passes_as(&Method::HEAD, "/x", &fields));
        }
    }

    #[test]
    fn the_host_that_is_asked_is_the_targets_before_the_fields() {
        let asked = "http://example.com/x";
        let origin = ("origin", "http://example.com");
        assert!(passes_as(&Method::POST, asked, &[origin, ("host", "evil.org")]));
        assert!(!passes_as(&Method::POST, asked, &[("origin", "http://evil.org"), ("host", "evil.org")]));
        assert!(!passes_as(&Method::POST, "/x", &[origin]));
        assert!(!passes_as(&Method::POST, "/x", &[origin, ("host", "example.com"), ("host", "example.com")]));
    }
}
