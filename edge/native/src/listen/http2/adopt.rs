//! A request of HTTP/2 in the form that one of HTTP/1.1 has, which is what everything behind reads.

use http::header::{COOKIE, HOST};
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderValue, Method, Request, Uri};
use stepwell_shared::problem::{Code, Problem};

/// The same request with its authority in `Host` (RFC 9113 §8.3.1) and its cookies in one field (§8.2.3). One that names
/// two hosts is refused, and so is one without a path (§8.3.1), or with space around a value (§8.2.1), which HTTP/1.1 would lose on the way.
pub(super) fn adopt<B>(mut request: Request<B>) -> Result<Request<B>, Problem> {
    if request.method() == Method::CONNECT {
        return Err(Problem::new(Code::MethodNotAllowed, "there is no tunnel through here"));
    }
    if request.headers().values().any(has_space_around) {
        return Err(Problem::new(Code::BadRequest, "a field's value begins or ends with space"));
    }
    if let Some(authority) = request.uri().authority() {
        // Whatever else there is to ask, it is not asked of us.
        if request.uri().scheme().is_none_or(|scheme| *scheme != Scheme::HTTPS && *scheme != Scheme::HTTP) {
            return Err(Problem::new(Code::BadRequest, ":scheme is not https"));
        }
        let host = HeaderValue::from_str(authority.as_str())
            .map_err(|_| Problem::new(Code::BadRequest, ":authority is no host"))?;
        let mut named = request.headers().get_all(HOST).iter();
        if named.any(|named| !named.as_bytes().eq_ignore_ascii_case(host.as_bytes())) {
            return Err(Problem::new(Code::BadRequest, "Host and :authority name two hosts"));
        }
        request.headers_mut().insert(HOST, host);
    }
    let target = request.uri().path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    if !target.as_str().starts_with('/') && target.as_str() != "*" {
        return Err(Problem::new(Code::BadRequest, ":path is no path"));
    }
    *request.uri_mut() = Uri::from(target);
    join_cookies(&mut request);
    Ok(request)
}

fn has_space_around(value: &HeaderValue) -> bool {
    let is_space = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    is_space(value.as_bytes().first()) || is_space(value.as_bytes().last())
}

fn join_cookies<B>(request: &mut Request<B>) {
    let crumbs: Vec<&[u8]> = request.headers().get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if crumbs.len() < 2 {
        return;
    }
    // Values of fields, joined by what a field may hold.
    let joined = HeaderValue::from_bytes(&crumbs.join(&b"; "[..]));
    if let Ok(joined) = joined {
        request.headers_mut().insert(COOKIE, joined);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)]) -> Request<()> {
        let mut request = Request::get("https://a.example:8443/x?y=1");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap()
    }

    #[test]
    fn its_authority_becomes_host_and_its_target_a_path() {
        let adopted = adopt(request(&[("cookie", "a=1"), ("cookie", "b=2")])).unwrap();
        assert_eq!(adopted.uri(), "/x?y=1");
        assert_eq!(adopted.headers()[HOST], "a.example:8443");
        let cookies: Vec<_> = adopted.headers().get_all(COOKIE).iter().collect();
        assert_eq!(cookies, ["a=1; b=2"]);
        assert!(adopt(request(&[("host", "A.example:8443")])).is_ok());
    }

    #[test]
    fn what_is_asked_is_asked_of_a_service_of_http() {
        let asked = |target: &'static str| adopt(Request::get(target).body(()).unwrap()).map(|_| ());
        assert_eq!(
            asked("http://a.example/"),
            Ok(()),
            "a proxy that ended the TLS of its own client may say so"
        );
        for other in ["ftp://a.example/", "a.example"] {
            assert_eq!(asked(other).unwrap_err().code, Code::BadRequest);
        }
    }

    #[test]
    fn a_query_alone_is_no_path() {
        let adopted = |target: &'static str| {
            let mut request = request(&[]);
            *request.uri_mut() = Uri::from(PathAndQuery::from_static(target));
            adopt(request)
        };
        assert_eq!(adopted("?y=1").unwrap_err().code, Code::BadRequest);
        assert_eq!(adopted("*").unwrap().uri(), "*");
    }

    #[test]
    fn space_around_a_value_is_refused_and_within_it_is_not() {
        for value in [" x", "x ", "\tx", "x\t", " "] {
            assert_eq!(adopt(request(&[("x-name", value)])).unwrap_err().code, Code::BadRequest, "{value:?}");
        }
        for value in ["", "x y", "x\ty"] {
            assert!(adopt(request(&[("x-name", value)])).is_ok(), "{value:?}");
        }
    }

    #[test]
    fn two_hosts_are_one_too_many() {
        for named in [&[("host", "b.example")][..], &[("host", "a.example:8443"), ("host", "b")]] {
            assert_eq!(adopt(request(named)).unwrap_err().code, Code::BadRequest);
        }
    }
}
