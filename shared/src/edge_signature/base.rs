//! What a signature is made of: the covered parts of a request, in the one order that both sides use (RFC 9421 §2.5).

use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, FORWARDED, IF_MATCH, IF_NONE_MATCH, ORIGIN,
};
use http::request::Parts;
use http::{HeaderName, HeaderValue};

use super::EdgeName;
use crate::cross_site::SEC_FETCH_SITE;
use crate::headers::{IDEMPOTENCY_KEY, INTERNAL_PREFIX};

/// The derived components that every signature covers (RFC 9421 §2.2). Not `@authority`: the origin may stand behind a
/// balancer that calls it by another name. What the client asked for is in `Forwarded`.
const DERIVED: [&str; 3] = ["@method", "@path", "@query"];

/// The fields that a signature covers where a request has them: all that an origin decides by. Not `traceparent`, which a
/// balancer that takes part in a trace writes anew, and which no answer may depend on.
static FIELDS: [HeaderName; 11] = [
    ACCEPT,
    AUTHORIZATION,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    COOKIE,
    FORWARDED,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_NONE_MATCH,
    ORIGIN,
    SEC_FETCH_SITE,
];

/// The names of all that a signature of this request covers: each of [`FIELDS`] and each field of ours that is there.
pub(super) fn covered(head: &Parts) -> Vec<&str> {
    let mut ours: Vec<&str> = head
        .headers
        .keys()
        .map(HeaderName::as_str)
        .filter(|name| name.starts_with(INTERNAL_PREFIX))
        .collect();
    ours.sort_unstable();
    let known = FIELDS.iter().filter(|name| head.headers.contains_key(*name)).map(HeaderName::as_str);
    DERIVED.into_iter().chain(known).chain(ours).collect()
}

/// The signature's parameters, as `Signature-Input` says them and the base ends with (RFC 9421 §2.3).
pub(super) fn parameters(covered: &[&str], created_s: u64, name: &EdgeName) -> String {
    let mut list = String::new();
    for name in covered {
        if !list.is_empty() {
            list.push(' ');
        }
        list.push('"');
        list.push_str(name);
        list.push('"');
    }
    // Names of fields and of edges hold nothing that a quoted string would have to escape.
    format!("({list});created={created_s};keyid=\"{name}\";alg=\"{}\"", super::ALGORITHM)
}

/// The signature base: a line a component, and the parameters.
#[derive(Default)]
pub(super) struct Base(Vec<u8>);

impl Base {
    /// Of a request.
    pub(super) fn of(head: &Parts, covered: &[&str], parameters: &str) -> Self {
        let mut base = Self::default();
        for name in covered {
            match *name {
                "@method" => base.line(name, &[head.method.as_str().as_bytes()]),
                "@path" => base.line(name, &[head.uri.path().as_bytes()]),
                // RFC 9421 §2.2.7: with its question mark, which stands alone where there is no query.
                "@query" => base.line(name, &[b"?", head.uri.query().unwrap_or_default().as_bytes()]),
                name => base.field(name, head.headers.get_all(name).iter()),
            }
        }
        base.line("@signature-params", &[parameters.as_bytes()]);
        base
    }

    fn line(&mut self, name: &str, value: &[&[u8]]) {
        if !self.0.is_empty() {
            self.0.push(b'\n');
        }
        self.0.push(b'"');
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"\": ");
        self.0.extend(value.iter().copied().flatten());
    }

    /// RFC 9421 §2.1: its lines in order, trimmed, with a comma and a space between. No value holds a line's end.
    fn field<'v>(&mut self, name: &str, values: impl Iterator<Item = &'v HeaderValue>) {
        let lines: Vec<&[u8]> = values.map(|value| value.as_bytes().trim_ascii()).collect();
        self.line(name, &[&lines.join(&b", "[..])]);
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::edge_signature::{EdgeKey, mac};

    /// RFC 9421 appendix B.2.5, whose key and message are those of B.1.5 and B.2.
    #[test]
    fn the_specifications_own_example_comes_out() {
        let key: EdgeKey =
            "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
                .parse()
                .unwrap();
        let mut base = Base::default();
        for (name, value) in [
            ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
            ("@authority", "example.com"),
            ("content-type", "application/json"),
        ] {
            base.field(name, [HeaderValue::from_static(value)].iter());
        }
        let parameters =
            r#"("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret""#;
        base.line("@signature-params", &[parameters.as_bytes()]);
        let signature = data_encoding::BASE64.encode(&mac(&key, &base).unwrap());
        assert_eq!(signature, "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=");
    }

    #[test]
    fn a_base_has_a_line_a_component_and_ends_with_the_parameters() {
        let request = Request::post("/v1/x?b=1&a=%20")
            .header("stepwell-z", "1")
            .header("cookie", " a=b ")
            .header("if-match", "\"1\"")
            .header("if-match", "\"2\"")
            .header("stepwell-bookmark", "1-2")
            .header("x-other", "1");
        let head = request.body(()).unwrap().into_parts().0;
        let covered = covered(&head);
        let parameters = parameters(&covered, 7, &"one".parse().unwrap());
        let base = Base::of(&head, &covered, &parameters);
        let lines = [
            r#""@method": POST"#,
            r#""@path": /v1/x"#,
            r#""@query": ?b=1&a=%20"#,
            r#""cookie": a=b"#,
            r#""if-match": "1", "2""#,
            r#""stepwell-bookmark": 1-2"#,
            r#""stepwell-z": 1"#,
            r#""@signature-params": ("@method" "@path" "@query" "cookie" "if-match" "stepwell-bookmark" "stepwell-z");created=7;keyid="one";alg="hmac-sha256""#,
        ];
        assert_eq!(String::from_utf8(base.0).unwrap(), lines.join("\n"));
    }
}
