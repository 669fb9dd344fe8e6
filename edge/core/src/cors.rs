//! Pages of other origins: which may read answers, and which may also change things with their visitors' cookies.
//!
//! A browser asks before it lets a page of another origin read an answer (CORS, Fetch §3.2). It is answered per request
//! and from the configuration alone, so that what is stored says nothing of who asked, and the origin is not asked.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method};

/// Stands for every origin in [`OtherOrigins::readers`].
pub const ANY: &str = "*";
/// What requests of the API carry beside what pages may send without asking.
const REQUEST_FIELDS: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, idempotency-key, if-match, if-none-match, stepwell-bookmark",
);
/// What answers of the API tell beside what pages may read without asking.
const ANSWER_FIELDS: HeaderValue = HeaderValue::from_static(
    "age, allow, cache-status, etag, link, location, ratelimit, ratelimit-policy, retry-after, stepwell-bookmark",
);
/// Two hours, the longest that any engine but one heeds: what a preflight answers changes with the binary alone.
const PREFLIGHT_S: HeaderValue = HeaderValue::from_static("7200");

/// The origins, beside Stepwell's own, whose pages may use the API. By default none.
#[derive(Clone, Debug, Default)]
pub struct OtherOrigins {
    /// Those whose pages may read answers, as browsers write them in `Origin`; [`ANY`] is all, without cookies.
    pub readers: Vec<String>,
    /// Those whose pages may change things with the cookies of whoever is signed in. Those that may read as well read
    /// with cookies.
    pub trusted: Vec<String>,
}

/// What the answer to one request says of sharing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sharing {
    /// The value of `Access-Control-Allow-Origin`; `None` where the page may not read.
    allowed: Option<HeaderValue>,
    with_cookies: bool,
    varies: bool,
    is_preflight: bool,
}

/// Whether this is a browser that asks what a page may send (Fetch §3.2.2), and no client of `OPTIONS` itself.
pub fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

impl OtherOrigins {
    /// What the answer to this request says; `None` where there is nothing to say. A request without `Origin` costs one
    /// look at its header, and where no origin is configured not even that.
    pub fn sharing(&self, method: &Method, headers: &HeaderMap) -> Option<Sharing> {
        if self.readers.is_empty() {
            return None;
        }
        let for_all = self.readers.iter().any(|one| one == ANY);
        // Where all get the same answer, no cache behind this one needs to tell pages apart.
        let varies = !for_all || !self.trusted.is_empty();
        let Some(origin) = headers.get(ORIGIN) else {
            let nothing = Sharing { allowed: None, with_cookies: false, varies, is_preflight: false };
            return varies.then_some(nothing);
        };
        let is_among = |list: &[String]| list.iter().any(|one| one.as_bytes() == origin.as_bytes());
        let (is_reader, is_trusted) = (for_all || is_among(&self.readers), is_among(&self.trusted));
        let allowed = match (is_reader, for_all && !is_trusted) {
            (false, _) => None,
            (true, true) => Some(HeaderValue::from_static(ANY)),
            (true, false) => Some(origin.clone()),
        };
        let with_cookies = is_reader && is_trusted;
        Some(Sharing { allowed, with_cookies, varies, is_preflight: is_preflight(method, headers) })
    }
}

impl Sharing {
    /// Puts it on the answer, whatever that is: a page that may read reads problems as well.
    pub fn put_on(self, headers: &mut HeaderMap) {
        if self.varies {
            headers.append(VARY, HeaderValue::from_static("origin"));
        }
        let Some(allowed) = self.allowed else { return };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        if self.with_cookies {
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        if !self.is_preflight {
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, ANSWER_FIELDS);
        }
    }

    /// Whether the page may read.
    pub const fn is_granted(&self) -> bool {
        self.allowed.is_some()
    }
}

/// Puts on the answer to a preflight what a page that may read may send to a route with these methods.
pub fn permit(headers: &mut HeaderMap, methods: &str) {
    if let Ok(methods) = HeaderValue::from_str(methods) {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
    }
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_FIELDS);
    headers.insert(ACCESS_CONTROL_MAX_AGE, PREFLIGHT_S);
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "https://app.example.com";

    fn origins(readers: &[&str], trusted: &[&str]) -> OtherOrigins {
        let owned = |list: &[&str]| list.iter().map(|&one| one.to_owned()).collect();
        OtherOrigins { readers: owned(readers), trusted: owned(trusted) }
    }

    /// What the answer to a request of this origin's page says.
    fn said(origins: &OtherOrigins, origin: Option<&str>) -> HeaderMap {
        let request = origin.map(|origin| (ORIGIN, HeaderValue::from_str(origin).unwrap()));
        let mut answer = HeaderMap::new();
        if let Some(sharing) = origins.sharing(&Method::GET, &request.into_iter().collect()) {
            sharing.put_on(&mut answer);
        }
        answer
    }

    fn text(headers: &HeaderMap, name: impl http::header::AsHeaderName) -> Option<&str> {
        headers.get(name).map(|value| value.to_str().unwrap())
    }

    #[test]
    fn nobody_reads_who_is_not_configured() {
        assert!(said(&OtherOrigins::default(), Some(APP)).is_empty());
        assert!(said(&origins(&[], &[APP]), Some(APP)).is_empty());
        for other in
            ["https://evil.org", "null", "https://app.example.com.evil.org", "HTTPS://app.example.com", ""]
        {
            let answer = said(&origins(&[APP], &[APP]), Some(other));
            assert_eq!((answer.len(), text(&answer, VARY)), (1, Some("origin")), "{other}");
        }
    }

    #[test]
    fn who_is_configured_reads_and_with_cookies_only_if_trusted() {
        let answer = said(&origins(&[APP], &[]), Some(APP));
        assert_eq!(text(&answer, ACCESS_CONTROL_ALLOW_ORIGIN), Some(APP));
        assert_eq!(text(&answer, ACCESS_CONTROL_ALLOW_CREDENTIALS), None);
        assert!(text(&answer, ACCESS_CONTROL_EXPOSE_HEADERS).unwrap().contains("stepwell-bookmark"));
        let answer = said(&origins(&[APP], &[APP]), Some(APP));
        assert_eq!(text(&answer, ACCESS_CONTROL_ALLOW_CREDENTIALS), Some("true"));
    }

    #[test]
    fn all_may_read_without_cookies_and_no_answer_to_all_allows_them() {
        let answer = said(&origins(&[ANY], &[]), Some("https://evil.org"));
        assert_eq!((text(&answer, ACCESS_CONTROL_ALLOW_ORIGIN), text(&answer, VARY)), (Some("*"), None));
        let some = origins(&[ANY], &[APP]);
        let answer = said(&some, Some("https://evil.org"));
        assert_eq!(
            (text(&answer, ACCESS_CONTROL_ALLOW_ORIGIN), text(&answer, VARY)),
            (Some("*"), Some("origin"))
        );
        assert_eq!(text(&answer, ACCESS_CONTROL_ALLOW_CREDENTIALS), None);
        let answer = said(&some, Some(APP));
        assert_eq!(text(&answer, ACCESS_CONTROL_ALLOW_ORIGIN), Some(APP));
        assert_eq!(text(&answer, ACCESS_CONTROL_ALLOW_CREDENTIALS), Some("true"));
    }

    #[test]
    fn a_cache_behind_is_told_that_pages_differ_also_where_none_asked() {
        assert_eq!(text(&said(&origins(&[APP], &[]), None), VARY), Some("origin"));
        assert!(said(&origins(&[ANY], &[]), None).is_empty());
        assert!(said(&OtherOrigins::default(), None).is_empty());
        let mut answer = HeaderMap::from_iter([(VARY, HeaderValue::from_static("accept"))]);
        origins(&[APP], &[]).sharing(&Method::GET, &HeaderMap::new()).unwrap().put_on(&mut answer);
        assert_eq!(answer.get_all(VARY).iter().count(), 2);
    }
}
