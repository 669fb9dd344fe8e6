//! The host that a request is for. Two readers that took it from different places would give one client what is meant
//! for another, so a request that does not say it once, and plainly, is refused.

use http::header::HOST;
use http::request::Parts;
use http::{HeaderValue, Version};
use stepwell_shared::problem::{Code, Problem};

/// The host that a request is for, with its port where one was said: that of its target, else that of its one `Host`
/// (RFC 9112 §3.2). Empty where a request of HTTP/1.0 says none.
///
/// # Errors
/// [`Code::BadRequest`] for more than one `Host`, none where there must be one, and one that is no host name.
pub fn of_request(head: &Parts) -> Result<&str, Problem> {
    let wrong = |why: &str| Err(Problem::new(Code::BadRequest, why));
    let mut lines = head.headers.get_all(HOST).iter();
    let line = lines.next();
    if lines.next().is_some() {
        return wrong("there is more than one Host");
    }
    let line = match line.map(HeaderValue::to_str) {
        None => None,
        Some(Ok(host)) if host.bytes().all(is_of_host) => Some(host),
        Some(_) => return wrong("Host is no host name"),
    };
    match (head.uri.authority(), line) {
        (Some(authority), _) if authority.as_str().contains('@') => wrong("a target names no user"),
        // RFC 9112 §3.2.3: a host alone is what a tunnel leads to.
        (Some(_), _) if head.uri.scheme().is_none() => wrong("a target is a path, or a whole URI"),
        (Some(authority), _) => Ok(authority.as_str()),
        (None, Some(host)) => Ok(host),
        // RFC 9112 §3.2: later versions must say it.
        (None, None) if head.version < Version::HTTP_11 => Ok(""),
        (None, None) => wrong("there is no Host"),
    }
}

/// Characters of a host with port (RFC 3986 §3.2.2), without those that would end it.
const fn is_of_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'.' | b'-' | b'_' | b'~' | b':' | b'[' | b']' | b'%' | b'!' | b'$' | b'&' | b'\'')
        || matches!(byte, b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=')
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn host(target: &str, hosts: &[&str], version: Version) -> Option<String> {
        let mut request = Request::builder().uri(target).version(version);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let head = request.body(()).unwrap().into_parts().0;
        of_request(&head).ok().map(str::to_owned)
    }

    #[test]
    fn a_whole_target_goes_before_the_field() {
        assert_eq!(host("/", &["a.org:81"], Version::HTTP_11).as_deref(), Some("a.org:81"));
        assert_eq!(host("http://b.org/x", &["a.org"], Version::HTTP_11).as_deref(), Some("b.org"));
        assert_eq!(host("https://b.org/x", &[], Version::HTTP_2).as_deref(), Some("b.org"));
        assert_eq!(host("/", &[], Version::HTTP_10).as_deref(), Some(""));
    }

    #[test]
    fn what_names_no_host_or_two_is_refused() {
        for (target, hosts) in [
            ("/", &[][..]),
            ("/", &["a", "b"]),
            ("/", &["a", "a"]),
            ("/", &["a/b"]),
            ("/", &["a@b"]),
            ("/", &["a b"]),
            ("http://u@b.org/", &["a"]),
            ("http://b.org/", &["a", "b"]),
            ("http://b.org/", &["a/b"]),
            ("b.org:80", &["b.org:80"]),
        ] {
            assert_eq!(host(target, hosts, Version::HTTP_11), None, "{target} {hosts:?}");
        }
    }
}
