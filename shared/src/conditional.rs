//! Conditional requests: whether the client has the answer already.

use http::header::IF_NONE_MATCH;
use http::{HeaderMap, HeaderValue};

/// Whether the request's `If-None-Match` names the answer's validator, so that `304` is the answer. The comparison is
/// weak (RFC 9110 §13.1.2). A list that cannot be read names nothing.
pub fn not_modified(request: &HeaderMap, etag: Option<&HeaderValue>) -> bool {
    let mut lines = request.get_all(IF_NONE_MATCH).iter().peekable();
    if lines.peek().is_none() {
        return false;
    }
    let Some(etag) = etag.and_then(|value| value.to_str().ok()) else { return false };
    lines
        .filter_map(|line| line.to_str().ok())
        .any(|line| line.trim() == "*" || entity_tags(line).any(|tag| opaque(tag) == opaque(etag)))
}

/// The entity tags of a list. A comma within quotes belongs to its tag.
fn entity_tags(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let start = rest;
        let quoted = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"')?;
        let (_, after) = quoted.split_once('"')?;
        rest = after;
        start.get(..start.len().saturating_sub(after.len()))
    })
}

fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(request: &'static str, etag: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(IF_NONE_MATCH, HeaderValue::from_static(request));
        not_modified(&headers, Some(&HeaderValue::from_static(etag)))
    }

    #[test]
    fn entity_tags_are_compared_weakly_one_by_one() {
        assert!(matches(r#""a""#, r#""a""#));
        assert!(matches(r#"W/"a""#, r#""a""#));
        assert!(matches(r#""x", "a,b" , W/"c""#, r#""a,b""#));
        assert!(matches("*", r#""a""#));
        assert!(!matches(r#""ab""#, r#""a""#));
        assert!(!matches("a", r#""a""#));
        assert!(!matches(r#""a"#, r#""a""#));
        assert!(!not_modified(&HeaderMap::new(), Some(&HeaderValue::from_static("\"a\""))));
    }
}
