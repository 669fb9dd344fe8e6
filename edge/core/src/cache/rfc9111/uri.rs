//! Which stored answers a reference in an answer's header means.

use iri_string::types::{UriAbsoluteStr, UriReferenceStr};
use stepwell_shared::tags::TagHash;

use super::asked::Asked;

/// The tag that everything stored under a key carries: a purge of it leaves nothing of the resource.
pub fn tag(key: &str) -> TagHash {
    TagHash::of(&format!("uri/{key}"))
}

/// The key that a reference (RFC 3986 §4.1) in an answer to this request means; `None` where it cannot be read or leads
/// to another host, for which no answer of this one may speak (RFC 9111 §4.4).
pub fn key(asked: &Asked, reference: &[u8]) -> Option<Box<str>> {
    // Whether the client came by TLS changes nothing here, since the key holds no scheme; another protocol is another
    // origin.
    let base = format!("http://{}{}", asked.host(), asked.target());
    let base = UriAbsoluteStr::new(&base).ok()?;
    let reference = UriReferenceStr::new(std::str::from_utf8(reference).ok()?.trim()).ok()?;
    let resolved = reference.resolve_against(base).to_string();
    let (_, rest) = resolved.split_once("://").filter(|(scheme, _)| is_of_http(scheme))?;
    let rest = rest.split('#').next()?;
    let host_ends = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, target) = rest.split_at_checked(host_ends)?;
    if !host.eq_ignore_ascii_case(asked.host()) {
        return None;
    }
    let slash = if target.starts_with('/') { "" } else { "/" };
    Some(format!("{}{slash}{target}", asked.host()).into_boxed_str())
}

fn is_of_http(scheme: &str) -> bool {
    ["http", "https"].iter().any(|known| known.eq_ignore_ascii_case(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn key_of(reference: &str) -> Option<Box<str>> {
        let request = Request::builder().uri("/a/b?c=1").header("host", "x.org:8080").body(()).unwrap();
        let asked = Asked::of(&request.into_parts().0, true).unwrap();
        key(&asked, reference.as_bytes())
    }

    #[test]
    fn references_mean_keys_of_the_same_host() {
        for (reference, expected) in [
            ("", "x.org:8080/a/b?c=1"),
            ("d", "x.org:8080/a/d"),
            ("/d?e", "x.org:8080/d?e"),
            ("../d#f", "x.org:8080/d"),
            ("?c=2", "x.org:8080/a/b?c=2"),
            ("//X.ORG:8080/d", "x.org:8080/d"),
            ("HTTPS://x.org:8080", "x.org:8080/"),
        ] {
            assert_eq!(key_of(reference).as_deref(), Some(expected), "{reference}");
        }
        for other in [
            "http://y.org/a",
            "ftp://x.org:8080/a",
            "//x.org/a",
            "mailto:a@b",
            "http://x.org:8080@y.org/",
            "a b",
            "\u{fc}",
        ] {
            assert_eq!(key_of(other), None, "{other}");
        }
    }
}
