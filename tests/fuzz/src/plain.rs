//! Header fields as sane senders write them, read without the code under test.
//!
//! Each function says `None` where a field is odd in any way: it cannot tell, and is not asked to.

mod dates;
mod directives;
mod freshness;
mod preferences;
mod ranges;

use http::{HeaderMap, HeaderName};

pub use dates::{date_s, read_s};
pub use directives::Directives;
pub use freshness::{age_s, lifetime_ms};
pub use preferences::say_the_same;
pub use ranges::{ContentRange, content_range};

/// The one line of a field, as text; `None` where there is none, or are several, or it is not ASCII.
pub fn line<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut lines = headers.get_all(name).iter();
    match (lines.next(), lines.next()) {
        (Some(line), None) => line.to_str().ok(),
        _ => None,
    }
}

/// The members of all lines of a list whose members hold no quotes, without the space around them.
pub fn list<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<Vec<&'h str>> {
    let lines: Result<Vec<&str>, _> = headers.get_all(name).iter().map(|line| line.to_str()).collect();
    let members = lines.ok()?.into_iter().flat_map(|line| line.split(','));
    let members: Vec<&str> = members.map(str::trim).filter(|member| !member.is_empty()).collect();
    members.iter().all(|member| !member.contains('"')).then_some(members)
}

/// A number of digits and nothing else.
pub fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}
