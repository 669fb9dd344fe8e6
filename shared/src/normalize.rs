//! The one form of a request target.
//!
//! Targets that mean the same become the same text, targets that could be read in two ways are refused, and the
//! origin is sent this text and nothing else of the target. So the normalised target *is* the cache key: what is not
//! in it cannot reach the origin of a cached route.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::limits::{QUERY_PARAMETERS_MAX, TARGET_BYTES_MAX};
use crate::problem::{Code, Problem};
use crate::routes::Parameter;
use percent_encoding::percent_decode_str;

/// A path without a second reading: absolute, no empty or dot segments, nothing encoded that need not be.
pub fn path(raw: &str) -> Result<Cow<'_, str>, Problem> {
    if raw.len() > TARGET_BYTES_MAX {
        return Err(Problem::new(Code::TargetTooLong, format!("at most {TARGET_BYTES_MAX} bytes")));
    }
    let path = if raw.contains('%') { Cow::Owned(decode_unreserved(raw)?) } else { Cow::Borrowed(raw) };
    let ambiguous =
        |why| Err(Problem::new(Code::BadRequest, format!("the path {why}; send it in its plain form")));
    if !path.starts_with('/') {
        return ambiguous("does not begin with '/'");
    }
    if path.bytes().any(|b| b == b'\\' || b == b';' || !b.is_ascii_graphic()) {
        return ambiguous("holds a backslash, a semicolon, a control character or a character outside ASCII");
    }
    let segments = path.split('/').skip(1);
    let last = segments.clone().count().saturating_sub(1);
    for (place, segment) in segments.enumerate() {
        if segment == "." || segment == ".." || (segment.is_empty() && place != last) {
            return ambiguous("holds an empty or a dot segment");
        }
    }
    Ok(path)
}

/// RFC 3986 §6.2.2: encoded unreserved characters stand for themselves, and the digits of other encodings are upper
/// case. An encoded separator, backslash, dot or control character would be read differently by different servers,
/// and is refused.
fn decode_unreserved(raw: &str) -> Result<String, Problem> {
    let mut path = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('%') {
        path.push_str(before);
        let octet = after
            .get(..2)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .ok_or_else(|| {
                Problem::new(Code::BadRequest, "the path holds a '%' without two hexadecimal digits")
            })?;
        match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' => path.push(char::from(octet)),
            b'.' | b'/' | b'\\' | b';' | b'%' | b'?' | b'#' | 0..=0x1f | 0x7f => {
                return Err(Problem::new(
                    Code::BadRequest,
                    format!(
                        "the path holds the encoded character %{octet:02X}, which servers read differently"
                    ),
                ));
            }
            // Writing to a string cannot fail.
            _ => drop(write!(path, "%{octet:02X}")),
        }
        rest = after.get(2..).unwrap_or_default();
    }
    path.push_str(rest);
    Ok(path)
}

/// Decoded names and values, in order of name.
pub type Parameters<'q> = Vec<(Cow<'q, str>, Cow<'q, str>)>;

/// The decoded parameters of a query, each known to the route, each at most once, in order of name.
///
/// # Errors
/// [`Code::BadParameter`] for a parameter that `known` does not name, that comes twice, or that is not UTF-8.
pub fn query<'q>(raw: &'q str, known: &[Parameter]) -> Result<Parameters<'q>, Problem> {
    let mut pairs = Vec::new();
    for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
        if pairs.len() >= QUERY_PARAMETERS_MAX {
            return Err(Problem::new(
                Code::BadParameter,
                format!("at most {QUERY_PARAMETERS_MAX} parameters"),
            ));
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        pairs.push((decode(name)?, decode(value)?));
    }
    pairs.sort();
    for (name, _) in &pairs {
        if !known.iter().any(|parameter| parameter.name == *name) {
            return Err(unknown_parameter(name, known));
        }
    }
    if let Some((name, _)) = pairs.windows(2).find_map(|pair| match pair {
        [a, b] if a.0 == b.0 => Some(a),
        _ => None,
    }) {
        return Err(Problem::new(Code::BadParameter, format!("'{name}' comes more than once")));
    }
    Ok(pairs)
}

fn unknown_parameter(name: &str, known: &[Parameter]) -> Problem {
    let shown: String = name.chars().take(64).collect();
    let detail = if known.is_empty() {
        format!("there is no parameter '{shown}' here; this route takes none")
    } else {
        let names: Vec<&str> = known.iter().map(|parameter| parameter.name.as_ref()).collect();
        format!("there is no parameter '{shown}' here; known are: {}", names.join(", "))
    };
    Problem::new(Code::BadParameter, detail)
}

fn decode(part: &str) -> Result<Cow<'_, str>, Problem> {
    let not_text = |_| Problem::new(Code::BadParameter, "a parameter is not UTF-8");
    if part.contains('+') {
        // The form encoding writes a space as '+' (WHATWG URL §5.1).
        let spaced = part.replace('+', " ");
        return Ok(Cow::Owned(percent_decode_str(&spaced).decode_utf8().map_err(not_text)?.into_owned()));
    }
    percent_decode_str(part).decode_utf8().map_err(not_text)
}

/// The target in its one form: path, and the parameters if there are any. Different parameters give different text,
/// since names and values are encoded and the separators are not.
pub fn target<'p>(path: Cow<'p, str>, parameters: &[(Cow<'_, str>, Cow<'_, str>)]) -> Cow<'p, str> {
    if parameters.is_empty() {
        return path;
    }
    let mut target = path.into_owned();
    for (place, (name, value)) in parameters.iter().enumerate() {
        target.push(if place == 0 { '?' } else { '&' });
        target.extend(form_urlencoded::byte_serialize(name.as_bytes()));
        target.push('=');
        target.extend(form_urlencoded::byte_serialize(value.as_bytes()));
    }
    Cow::Owned(target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known(names: &[&'static str]) -> Vec<Parameter> {
        names.iter().map(|name| Parameter::named(*name)).collect()
    }

    #[test]
    fn spellings_of_one_path_become_one() {
        assert_eq!(path("/v1/%63ollections/p%6fsts").unwrap(), "/v1/collections/posts");
        assert_eq!(path("/a%c3%a4").unwrap(), "/a%C3%A4");
        assert_eq!(path("/").unwrap(), "/");
    }

    #[test]
    fn what_has_two_readings_is_refused() {
        for bad in [
            "v1",
            "//v1",
            "/v1//x",
            "/./x",
            "/x/..",
            "/x/%2e%2e/y",
            "/x%2Fy",
            "/x%5cy",
            "/x\\y",
            "/x%00",
            "/x%0d%0a",
            "/x%",
            "/x%4",
            "/x%zz",
            "/x;y",
            "/x%3by",
            "/x%3Fy",
            "/x%25y",
            "/ä",
            "",
        ] {
            assert!(path(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn parameters_are_sorted_decoded_and_known() {
        let known = known(&["a", "b", "filter[t]"]);
        let pairs = query("b=2&filter%5Bt%5D=x+y&a=%31", &known).unwrap();
        assert_eq!(target("/p".into(), &pairs), "/p?a=1&b=2&filter%5Bt%5D=x+y");
        for bad in ["c=1", "a=1&a=2", "a=%ff", "a=1&a=1", "A=1", "a[]=1"] {
            assert_eq!(query(bad, &known).unwrap_err().code, Code::BadParameter, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(raw in "/[ -~]{0,40}") {
            if let Ok(once) = path(&raw) {
                prop_assert_eq!(path(&once).unwrap(), once.clone());
            }
        }

        #[test]
        fn different_parameters_never_share_a_target(
            a in proptest::collection::btree_map("[ab&=%+ ä]{1,3}", "[ab&=%+ ä]{0,3}", 0..4),
            b in proptest::collection::btree_map("[ab&=%+ ä]{1,3}", "[ab&=%+ ä]{0,3}", 0..4),
        ) {
            let pairs = |map: &std::collections::BTreeMap<String, String>| -> Vec<(Cow<'static, str>, Cow<'static, str>)> {
                map.iter().map(|(k, v)| (Cow::Owned(k.clone()), Cow::Owned(v.clone()))).collect()
            };
            let same = target("/p".into(), &pairs(&a)) == target("/p".into(), &pairs(&b));
            prop_assert_eq!(same, a == b);
        }

        #[test]
        fn a_target_is_read_back_as_the_parameters_it_was_made_of(
            pairs in proptest::collection::btree_map("\\PC{1,5}", "\\PC{0,5}", 0..4),
        ) {
            let known: Vec<Parameter> = pairs.keys().map(|k| Parameter::named(k.clone())).collect();
            let pairs: Vec<(Cow<str>, Cow<str>)> =
                pairs.iter().map(|(k, v)| (Cow::Borrowed(k.as_str()), Cow::Borrowed(v.as_str()))).collect();
            let text = target("/p".into(), &pairs).into_owned();
            let raw = text.split_once('?').map_or("", |(_, query)| query);
            prop_assert_eq!(query(raw, &known).unwrap(), pairs);
        }
    }
}
