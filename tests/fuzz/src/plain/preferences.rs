//! Whether two requests say the same in a field (RFC 9111 §4.1).

use http::{HeaderMap, HeaderName};

/// Whether they do, with every difference in spelling forgiven that may be forgiven for some field: so where they do
/// not, no cache may take one for the other.
pub fn say_the_same(name: &HeaderName, a: &HeaderMap, b: &HeaderMap) -> Option<bool> {
    if a.contains_key(name) != b.contains_key(name) {
        return Some(false);
    }
    Some(members(name, a)? == members(name, b)?)
}

fn members(name: &HeaderName, headers: &HeaderMap) -> Option<Vec<String>> {
    let members = super::list(headers, name)?;
    let ranks = name.as_str().starts_with("accept");
    let mut members: Vec<String> =
        members.into_iter().map(|member| without_spelling(member, ranks)).collect();
    if ranks {
        members.retain(|member| !member.is_empty());
        members.sort_unstable();
        members.dedup();
    }
    Some(members)
}

fn without_spelling(member: &str, ranks: bool) -> String {
    let member: String = member.chars().filter(|c| !c.is_whitespace()).collect();
    if !ranks {
        return member;
    }
    let mut parts: Vec<String> = member.to_ascii_lowercase().split(';').map(str::to_owned).collect();
    for part in &mut parts {
        if let Some(weight) = part.strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok()) {
            let weight = weight.to_string();
            *part = if weight == "1" { String::new() } else { format!("q={weight}") };
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.sort_unstable();
    parts.join(";")
}
