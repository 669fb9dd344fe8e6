//! The normal form of a request's field, so that requests which ask for the same are seen to (RFC 9111 §4.1).

use std::borrow::Cow;
use std::fmt::Write as _;

use http::header::{ACCEPT, ACCEPT_CHARSET, ACCEPT_ENCODING, ACCEPT_LANGUAGE};
use http::{HeaderMap, HeaderName};

/// The weight of a preference that states none, in thousandths (RFC 9110 §12.4.2).
const FULL_WEIGHT: u16 = 1000;

/// Fields whose members are preferences: their order says nothing, and their weight has many spellings.
const PREFERENCES: [HeaderName; 4] = [ACCEPT, ACCEPT_CHARSET, ACCEPT_ENCODING, ACCEPT_LANGUAGE];

/// A field's value in its normal form.
pub(super) type Normal = Box<[u8]>;

/// What a request says in a field; `None` where it has no such field, which is not the same as an empty one.
///
/// Lines are combined, and whitespace around commas is dropped. Lists of preferences are put into one order and one
/// case, their weights into one spelling, and empty members dropped. In other fields an empty member stays, since
/// nothing says that their commas part a list: two addresses may differ by a comma.
pub(super) fn normalised(name: &HeaderName, request: &HeaderMap) -> Option<Normal> {
    let value = combined(name, request)?;
    if !PREFERENCES.contains(name) || !quotes_close(&value) {
        let members: Vec<&[u8]> = members(&value, b',').collect();
        return Some(members.join(&b',').into_boxed_slice());
    }
    let mut members: Vec<Vec<u8>> = preferences(&value).map(Preference::text).collect();
    members.retain(|member| !member.is_empty());
    members.sort_unstable();
    members.dedup();
    Some(members.join(&b',').into_boxed_slice())
}

/// Whether a request says the same in a field as a value that is normalised already.
pub(super) fn says(name: &HeaderName, request: &HeaderMap, stored: Option<&[u8]>) -> bool {
    let mut lines = request.get_all(name).iter();
    match (lines.next(), lines.next(), stored) {
        (None, ..) => stored.is_none(),
        (_, _, None) => false,
        // The normal form is its own, so most requests are compared without building it.
        (Some(line), None, Some(stored)) if line.as_bytes() == stored => true,
        (_, _, Some(stored)) => normalised(name, request).is_some_and(|value| *value == *stored),
    }
}

/// What a request prefers to all else in a field of preferences, in lower case; `None` where it does not say, prefers
/// several things alike, or prefers anything.
pub(super) fn most_preferred(name: &HeaderName, request: &HeaderMap) -> Option<Vec<u8>> {
    let value = combined(name, request)?;
    let weight =
        preferences(&value).map(|preference| preference.weight).max().filter(|weight| *weight > 0)?;
    let mut best = preferences(&value).filter(|preference| preference.weight == weight);
    let (Some(only), None) = (best.next(), best.next()) else { return None };
    (only.what != b"*").then_some(only.what)
}

/// The parts of a value between separators that stand outside quoted strings, without the whitespace around them.
pub(super) fn members(value: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut quotes = Quotes::default();
    value.split(move |byte| !quotes.hold(*byte) && *byte == separator).map(trimmed)
}

/// One member of a list of preferences.
struct Preference {
    /// In lower case, with its parameters in the order given.
    what: Vec<u8>,
    /// In thousandths.
    weight: u16,
}

impl Preference {
    /// Values of parameters keep their case, since it may tell them apart (RFC 9110 §5.6.6). A weight counts wherever
    /// it stands (§12.5.1); one that is malformed stays a parameter.
    fn of(member: &[u8]) -> Self {
        let mut parts = members(member, b';');
        let mut what = parts.next().unwrap_or_default().to_ascii_lowercase();
        let mut stated = None;
        for parameter in parts.filter(|parameter| !parameter.is_empty()) {
            let end = parameter.iter().position(|b| *b == b'=').unwrap_or(parameter.len());
            let (name, value) = parameter.split_at_checked(end).unwrap_or((parameter, b""));
            let weight =
                value.strip_prefix(b"=").filter(|_| name.eq_ignore_ascii_case(b"q")).and_then(weight);
            if stated.is_none() && weight.is_some() {
                stated = weight;
                continue;
            }
            what.push(b';');
            what.extend(name.to_ascii_lowercase());
            what.extend(value);
        }
        Self { what, weight: stated.unwrap_or(FULL_WEIGHT) }
    }

    fn text(self) -> Vec<u8> {
        let mut text = self.what;
        match self.weight {
            FULL_WEIGHT => {}
            0 => text.extend(b";q=0"),
            thousandths => {
                let mut digits = String::new();
                // Writing into a string cannot fail.
                let _ = write!(digits, ";q=0.{thousandths:03}");
                text.extend(digits.trim_end_matches('0').bytes());
            }
        }
        text
    }
}

/// Where a text is inside a quoted string (RFC 9110 §5.6.4).
#[derive(Default)]
struct Quotes {
    is_open: bool,
    is_escaped: bool,
}

impl Quotes {
    /// Goes past a byte; whether a quoted string holds it.
    fn hold(&mut self, byte: u8) -> bool {
        let held = self.is_open;
        if self.is_escaped {
            self.is_escaped = false;
        } else if byte == b'"' {
            self.is_open = !self.is_open;
        } else {
            self.is_escaped = self.is_open && byte == b'\\';
        }
        held
    }
}

/// A member after a quote that stays open must not come before others.
fn quotes_close(value: &[u8]) -> bool {
    let mut quotes = Quotes::default();
    for byte in value {
        quotes.hold(*byte);
    }
    !quotes.is_open
}

fn preferences(value: &[u8]) -> impl Iterator<Item = Preference> {
    members(value, b',').filter(|member| !member.is_empty()).map(Preference::of)
}

/// All lines of a field as one value (RFC 9110 §5.3).
fn combined<'a>(name: &HeaderName, request: &'a HeaderMap) -> Option<Cow<'a, [u8]>> {
    let mut lines = request.get_all(name).iter();
    let mut value = Cow::Borrowed(lines.next()?.as_bytes());
    for line in lines {
        let joined = value.to_mut();
        joined.push(b',');
        joined.extend(line.as_bytes());
    }
    Some(value)
}

/// Thousandths of a `qvalue` (RFC 9110 §12.4.2).
fn weight(text: &[u8]) -> Option<u16> {
    let (whole, rest) = text.split_first()?;
    let decimals = if rest.is_empty() { rest } else { rest.strip_prefix(b".")? };
    if decimals.len() > 3 {
        return None;
    }
    let digits = decimals.iter().chain(b"000").take(3);
    let thousandths = digits.map(|digit| char::from(*digit).to_digit(10)).try_fold(0_u16, |sum, digit| {
        Some(sum.saturating_mul(10).saturating_add(u16::try_from(digit?).ok()?))
    })?;
    match whole {
        b'0' => Some(thousandths),
        b'1' if thousandths == 0 => Some(FULL_WEIGHT),
        _ => None,
    }
}

fn trimmed(text: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = text.iter().position(|byte| !is_space(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !is_space(byte)).map_or(start, |last| last.saturating_add(1));
    text.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    fn normal(name: &'static str, lines: &[&str]) -> String {
        let name = HeaderName::from_static(name);
        let mut request = HeaderMap::new();
        for line in lines {
            request.append(name.clone(), HeaderValue::from_str(line).unwrap());
        }
        String::from_utf8(normalised(&name, &request).unwrap().into_vec()).unwrap()
    }

    #[test]
    fn spelling_that_says_nothing_is_dropped() {
        assert_eq!(normal("foo", &[" 1, 2 \t"]), "1,2");
        assert_eq!(normal("foo", &["1", "2"]), "1,2");
        assert_eq!(normal("foo", &["\"a , \\\" , b\" , c d"]), "\"a , \\\" , b\",c d");
        assert_eq!(normal("accept-language", &["De;q=1.0 , ,eN ; Q=0.50", "de"]), "de,en;q=0.5");
        assert_eq!(normal("accept-encoding", &["gzip, BR;q=0.000"]), "br;q=0,gzip");
        assert_eq!(normal("accept-encoding", &[" , "]), "");
        assert_eq!(
            normal("accept", &["text/HTML;q=0.9;Level=A, text/html;q=.5;;"]),
            "text/html;level=A;q=0.9,text/html;q=.5"
        );
    }

    #[test]
    fn commas_part_members_outside_quoted_strings_alone() {
        assert_eq!(normal("foo", &["\"a\" , \"ab\" , c"]), "\"a\",\"ab\",c");
        assert_eq!(normal("foo", &["\"a\\\" , \" , b"]), "\"a\\\" , \",b");
        assert_eq!(normal("foo", &["\"a\\\\\" , b"]), "\"a\\\\\",b");
        assert_eq!(normal("foo", &["a\\\" , \" , b"]), "a\\\" , \",b");
        assert_eq!(normal("foo", &["\"a , b"]), "\"a , b");
    }

    #[test]
    fn spelling_that_may_say_something_is_kept() {
        assert_eq!(normal("foo", &["b, A,,"]), "b,A,,");
        assert_eq!(normal("foo", &["1; 2"]), "1; 2");
        assert_eq!(normal("accept", &["a;x=\"1,2;q=0.5\""]), "a;x=\"1,2;q=0.5\"");
        assert_eq!(normal("accept", &["b, \"a"]), "b,\"a");
        for malformed in ["q=2", "q=1.001", "q=0.0000", "q=", "q", "q=0.x", "q =1", "q=+1"] {
            let text = format!("en;{malformed}");
            assert_eq!(normal("accept-language", &[&text]), text);
        }
    }

    proptest! {
        #[test]
        fn the_normal_form_is_its_own(line in "[ -~\t]{0,20}|[aB]{1,2} ?(; ?Q=[01](\\.[0-9]{0,4})?)?( ?, ?[aB*\"\\\\;,]){0,4}") {
            for name in ["foo", "accept"] {
                let once = normal(name, &[&line]);
                prop_assert_eq!(normal(name, &[&once]), once);
            }
        }
    }
}
