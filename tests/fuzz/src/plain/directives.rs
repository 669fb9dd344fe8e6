//! Cache directives.

use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderName};

const CDN_CACHE_CONTROL: HeaderName = HeaderName::from_static("cdn-cache-control");

/// The directives of a header: their names in lower case, and their arguments without quotes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directives(Vec<(String, Option<String>)>);

impl Directives {
    /// Those that govern a cache in front of the origin (RFC 9213 §2.2).
    pub fn governing(response: &HeaderMap) -> Option<Self> {
        match super::line(response, &CDN_CACHE_CONTROL).map(str::trim) {
            Some("") => Self::of(response),
            Some(line) => Self::structured(line),
            None if response.contains_key(CDN_CACHE_CONTROL) => None,
            None => Self::of(response),
        }
    }

    /// Those of `Cache-Control`, none where there is no such field.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut directives = Vec::new();
        for line in headers.get_all(CACHE_CONTROL) {
            for member in members(line.to_str().ok()?)? {
                directives.push(directive(member.trim())?);
            }
        }
        directives.retain(|(name, _)| !name.is_empty());
        Some(Self(directives))
    }

    /// A structured field of flags and seconds, each once.
    fn structured(line: &str) -> Option<Self> {
        let mut directives: Vec<(String, Option<String>)> = Vec::new();
        for member in line.split(',') {
            let (name, value) = directive(member.trim())?;
            let is_key = name.starts_with(|first: char| first.is_ascii_lowercase())
                && member.trim().starts_with(&name);
            let is_span =
                ["max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"].contains(&&*name);
            let is_sane =
                value.as_deref().map_or(!is_span, |value| is_span && is_number(value) && value.len() < 10);
            if !is_key
                || !is_sane
                || member.contains('"')
                || directives.iter().any(|(other, _)| *other == name)
            {
                return None;
            }
            directives.push((name, value));
        }
        Some(Self(directives))
    }

    /// Whether a directive is there, whatever its argument.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(other, _)| other == name)
    }

    /// Whether a directive is there without an argument.
    pub fn has_bare(&self, name: &str) -> bool {
        self.0.iter().any(|(other, value)| other == name && value.is_none())
    }

    /// The seconds of a directive where it first comes; 0 where they are no number.
    pub fn seconds(&self, name: &str) -> Option<u64> {
        let (_, value) = self.0.iter().find(|(other, _)| other == name)?;
        let digits = value.as_deref().filter(|value| is_number(value)).unwrap_or("0");
        Some(digits.parse().unwrap_or(1 << 31).min(1 << 31))
    }

    /// The names of fields that a directive's arguments hold.
    pub fn names(&self, name: &str) -> Vec<&str> {
        let values =
            self.0.iter().filter(|(other, _)| other == name).filter_map(|(_, value)| value.as_deref());
        values.flat_map(|value| value.split(',')).map(str::trim).filter(|name| !name.is_empty()).collect()
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The members of a line; a comma within quotes parts nothing.
fn members(line: &str) -> Option<Vec<&str>> {
    if line.contains('\\') || !line.matches('"').count().is_multiple_of(2) {
        return None;
    }
    let mut is_quoted = false;
    let parts = line.split(|c| {
        is_quoted ^= c == '"';
        c == ',' && !is_quoted
    });
    Some(parts.collect())
}

/// `name`, `name=token` or `name="text"`, and nothing else.
fn directive(member: &str) -> Option<(String, Option<String>)> {
    let (name, value) = member.split_once('=').map_or((member, None), |(name, value)| (name, Some(value)));
    let value = match value
        .map(|value| value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value))
    {
        Some(value) if value.contains(['"', '=']) || value.is_empty() => return None,
        value => value.map(str::to_owned),
    };
    let is_token = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_token.then(|| (name.to_ascii_lowercase(), value))
}
